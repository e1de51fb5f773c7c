/**
 * Every problem code with its HTTP status, exit code, title and remedy: the one table behind the API's
 * problem documents, the command's messages and docs/problems.md.
 */

import type { TokenErrorCode } from '../drivers/token.js'
import type { BridgeErrorCode } from './bridge-error.js'
import type { CtlErrorCode } from './ctl/ctl-error.js'
import type { LeaseErrorCode } from './tokens/lease-error.js'

export type ProblemCode = CtlErrorCode | TokenErrorCode | LeaseErrorCode | BridgeErrorCode

/** Exit codes of the command. */
export const exitCodes = {
  done: 0,
  /** The file is refused, or does not verify. */
  file: 1,
  usage: 2,
  /** A token, module or PIN stands in the way. */
  token: 3,
  /** The daemon cannot be reached or refuses. */
  daemon: 4,
  /** Disk, permissions, settings. */
  machine: 5,
  /** A node of the cluster cannot be reached, or answers wrongly. */
  node: 6,
  internal: 70,
} as const

export interface ProblemEntry {
  readonly status: number
  readonly exit: keyof typeof exitCodes
  readonly title: string
  readonly remedy: string
}

const file = (title: string, remedy: string): ProblemEntry => ({ status: 422, exit: 'file', title, remedy })
const token = (status: number, title: string, remedy: string): ProblemEntry => ({
  status,
  exit: 'token',
  title,
  remedy,
})
const request = (status: number, title: string, remedy: string): ProblemEntry => ({
  status,
  exit: 'daemon',
  title,
  remedy,
})
const machine = (status: number, title: string, remedy: string): ProblemEntry => ({
  status,
  exit: 'machine',
  title,
  remedy,
})

const node = (status: number, title: string, remedy: string): ProblemEntry => ({
  status,
  exit: 'node',
  title,
  remedy,
})

const getAgain = 'Fetch the file again from the TFTP server, in binary mode, and compare its checksum.'
const ctlProblems: Record<CtlErrorCode, ProblemEntry> = {
  CTL_EMPTY: file('The file is empty', getAgain),
  CTL_TOO_LARGE: file('The file is too large to be a CTL', 'Check that this is CTLFile.tlv or ITLFile.tlv.'),
  CTL_TRUNCATED: file('The file ends too early', getAgain),
  CTL_LENGTH_WRONG: file('A field has a length it cannot have', getAgain),
  CTL_CONTAINER_WRONG: file('A container and its fields do not fit', getAgain),
  CTL_LENGTH_LIES: file('A stated length is not the real one', getAgain),
  CTL_TRAILING_BYTES: file('Bytes follow the last record', getAgain),
  CTL_FIELD_MISSING: file('A required field is missing', getAgain),
  CTL_FIELD_DUPLICATE: file('A field stands twice', getAgain),
  CTL_FIELD_MISPLACED: file('A field stands in the wrong place', getAgain),
  CTL_TEXT_WRONG: file('A text does not end with NUL', getAgain),
  CTL_VALUE_UNKNOWN: file(
    'A field holds a value nobody documents',
    'Keep the file and report it; it is not changed.',
  ),
  CTL_CERTIFICATE_MISSING: file(
    'A SAST record has no certificate',
    'Compose the file again from its certificates.',
  ),
  CTL_CERTIFICATE_NOT_DER: file(
    'A certificate is not DER',
    'Give an X.509 certificate. In a CTL and over HTTP it must be DER: decode PEM first.',
  ),
  CTL_SIGNER_AMBIGUOUS: file(
    'Two different certificates fit the signer',
    'Remove the record that does not belong to the signer; a phone could pick either.',
  ),
  CTL_SIGNER_MISSING: file('The signer is not among the SAST records', 'Add the signer as a SAST record.'),
  CTL_RECORD_MISMATCH: file(
    'A record and its certificate differ',
    'Compose the record again from its certificate.',
  ),
  CTL_SIGNER_KEY_UNSUPPORTED: file(
    'The format has no code for this key',
    'Sign with an RSA key of 1024, 2048 or 4096 bits.',
  ),
  CTL_NOT_ENCODABLE: file('This cannot be written as a CTL', 'Correct the part named in the detail.'),
  CTL_RECORD_DUPLICATE: file(
    'Two records say the same',
    'Leave one of them out; --force (force over HTTP) keeps both.',
  ),
  CTL_RELEASE_RULE: file(
    'The CUCM release makes no such file',
    'Give what the detail asks for. --force (force over HTTP) goes on where a certificate is missing or another signer is named, never where the release has no such file at all.',
  ),
  CTL_OVER_CEILING: file(
    'The file would be too large for phones',
    'Leave out servers that phones do not need. The ceiling is documented for ITL files and inferred for CTL files; --force (force over HTTP) goes over it.',
  ),
  CTL_SERVER_ADDRESS_NEEDED: file(
    'The address of a server is not known',
    'Give the IP address of the server of that record: sign --server N=ADDRESS, compose --address N=IP or --add ROLE=FILE@IP, or ipAddress over HTTP.',
  ),
  CTL_SIGNATURE_LENGTH: file(
    'The signature has the wrong length',
    'Compose the file for the key that signs it.',
  ),
  CTL_SIGNATURE_WRONG: file(
    'The signature does not fit',
    'Do not publish this file. Fetch or sign it again.',
  ),
  CTL_CHAIN_BROKEN: file(
    'A certificate was not signed by the root it names',
    'Do not publish this file. The certificate is forged or damaged, or the root is another one of that name.',
  ),
  CTL_UNSIGNED: file(
    'Nobody has signed this file yet',
    'Sign it: ctl-bridge sign FILE --token SERIAL --out FILE.',
  ),
  SGN_ENCRYPTED: file(
    'The configuration file is encrypted',
    'It is shown and verified as it is. Only the phone, or the key that it has, decrypts the payload.',
  ),
  SGN_NAME_WRONG: file(
    'A configuration file cannot be called so',
    'Give a name of at most 200 printable ASCII characters without blanks, / and \\: --name, or name over HTTP.',
  ),
  SGN_PAYLOAD_REFUSED: file(
    'This payload is not signed as a configuration file',
    'Sign a CTL with ctl-bridge sign; a configuration file has at least one byte.',
  ),
  SGN_SIGNER_OTHER: file(
    'Another certificate signed this file',
    'Give the certificate that the header names, or the CTL or ITL of the phone.',
  ),
  SGN_SIGNER_ROLE: file(
    'The signer may not sign files of TFTP',
    'Sign with a certificate whose record has the role CCM+TFTP or TFTP, or add such a record to the CTL or ITL.',
  ),
}

const tokenProblems: Record<TokenErrorCode | LeaseErrorCode, ProblemEntry> = {
  MODULE_NOT_LOADABLE: token(
    503,
    'A PKCS#11 library does not load',
    'Check its path and packages in the settings.',
  ),
  MODULE_HOST_DIED: token(503, 'The process of a PKCS#11 library ended', 'Try again; it is started anew.'),
  MODULE_FAILED: token(
    502,
    'A PKCS#11 library reports a failure',
    'Replug the token; see the detail for its answer.',
  ),
  MODULE_PARKED: token(
    503,
    'A PKCS#11 library keeps ending its process',
    'Mend or remove the library, then look again: ctl-bridge tokens --rescan. It is tried every ten minutes, too.',
  ),
  TOKEN_UNKNOWN: token(
    404,
    'No such token',
    'List the tokens: ctl-bridge tokens. Plug it in if it is missing.',
  ),
  TOKEN_REMOVED: token(409, 'The token is not plugged in', 'Plug the token in and unlock it again.'),
  TOKEN_LOCKED: token(409, 'The token is not unlocked', 'Unlock it with its PIN first.'),
  TOKEN_FAILED: token(502, 'The token reports a failure', 'Replug the token; see the detail for its answer.'),
  PIN_LENGTH: token(422, 'A PIN of this length cannot be right', 'Type the PIN again. No try was spent.'),
  PIN_WRONG: token(
    403,
    'The PIN is wrong',
    'One try was spent. A Cisco token locks for ever after 15 wrong PINs; ctl-bridge tokens tells how many went through this daemon. Be sure before the next.',
  ),
  PIN_LOCKED: token(
    409,
    'The PIN is locked',
    'The token takes no PIN any more. Use the cluster’s other token; its issuer may reset this one.',
  ),
  PIN_FINAL_TRY: token(
    409,
    'One try is left on this token',
    'No try was spent. If you are sure of the PIN, unlock or sign with --final-try, or finalTry. A change of the PIN never takes the last try: use the right PIN once, then change it.',
  ),
  PIN_NOT_SET: token(409, 'The token has no user PIN yet', 'Initialise its user PIN with the vendor’s tool.'),
  PIN_EXPIRED: token(409, 'The PIN must be changed first', 'Change the PIN.'),
  PIN_REFUSED: token(
    422,
    'The token does not take this PIN',
    'Choose a PIN by the rules of the token. The detail says what it answered.',
  ),
  TOKEN_NOT_OURS: token(
    409,
    'This is a token of Cisco’s',
    'Provision another token; a SAST eToken keeps the key and certificate it came with.',
  ),
  KEY_EXISTS: token(409, 'The token has such a key already', 'Choose another key id; nothing was changed.'),
  KEY_UNUSABLE: token(
    409,
    'This key cannot sign',
    'Choose another certificate or token; the detail says why.',
  ),
  DEADLINE_EXCEEDED: token(
    504,
    'The token did not answer in time',
    'Its process was ended and the token is locked. Unlock it and try again; replug it if that does not help.',
  ),
  SIGNATURE_WRONG: token(
    502,
    'The token returned a wrong signature',
    'Nothing was released. Do not use this token or library until you know why.',
  ),
  TOKEN_IN_USE: token(
    409,
    'Somebody else has unlocked this token',
    'Wait until the lease named in the detail ends.',
  ),
  LEASE_LIMITS: token(422, 'No lease is that long', 'Ask for at most 3600 seconds and 1000 uses.'),
}

const bridgeProblems: Record<BridgeErrorCode, ProblemEntry> = {
  ANSWER_FOR_OTHER_REQUEST: file(
    'The answer belongs to another request',
    'Take the answer to this request, or the request it was made for: both name its id.',
  ),
  ANSWER_FOR_OTHER_SIGNER: file(
    'The answer names another signer than the request',
    'Ask for the signature of the signer that the request expects.',
  ),
  ANSWER_MALFORMED: file(
    'This is no whole answer to a signing request',
    'Have it sent again, as an attached file. The line named is the first that cannot be right.',
  ),
  AUDIT_NOT_WRITABLE: machine(
    503,
    'The audit log cannot be written',
    'Nothing was released. Make room or mend the permissions of the state folder.',
  ),
  BODY_INVALID: request(422, 'The request is not as described', 'See /v1/openapi.json for the shape.'),
  BODY_TOO_LARGE: request(
    413,
    'The request is too large',
    'A CTL has at most 1 MiB here (phones take 64 KiB), a configuration file 10 MiB.',
  ),
  CERTIFICATE_FILE_UNCLEAR: file(
    'The file does not hold one certificate',
    'Give a PEM or DER file with the one certificate that is meant.',
  ),
  CERTIFICATE_UNKNOWN: token(404, 'No such certificate on the token', 'List the token’s certificates.'),
  CERTIFICATE_EXISTS: token(
    409,
    'The token holds this certificate already',
    'Nothing is left to do: no try was spent, and a second copy would only be in the way.',
  ),
  CLIENT_LEFT: request(
    408,
    'Nobody waits for the answer any more',
    'The PIN did not go to the token, and no key stayed on it. Ask again.',
  ),
  CONFIG_INVALID: machine(500, 'The settings are wrong', 'Correct the setting named in the detail.'),
  CONFIG_UNTRUSTED: machine(
    500,
    'Others can change the settings',
    'They decide which libraries run. Look whether they are still yours, then: chmod go-w FILE, and chown it to root or to the user who runs this.',
  ),
  DAEMON_SILENT: request(
    504,
    'The daemon does not answer any more',
    'Look whether it was stopped (state T in ps) or its disk hangs; let it go on or start it anew. Then look at the lost tries in ctl-bridge tokens before you type the PIN again.',
  ),
  DAEMON_UNREACHABLE: request(503, 'The daemon cannot be reached', 'Start it: ctl-bridge serve (npm start).'),
  FILE_NOT_WRITTEN: machine(
    500,
    'The file could not be written',
    'Check the folder’s permissions and free space.',
  ),
  FILE_UNREADABLE: machine(500, 'The file cannot be read', 'Check the name and its permissions.'),
  HOST_REFUSED: request(
    421,
    'This host name is not served',
    'Use 127.0.0.1, or add the name to http.allowed_hosts.',
  ),
  IDEMPOTENCY_KEY_REUSED: request(
    422,
    'This Idempotency-Key was used otherwise',
    'Use a new key for a new request.',
  ),
  INTERNAL: {
    status: 500,
    exit: 'internal',
    title: 'An error of the daemon',
    remedy: 'See its log; report it.',
  },
  KEY_MISSING: request(
    401,
    'A key is required',
    'Send Authorization: Bearer KEY; ctl-bridge key prints the first one.',
  ),
  KEY_REJECTED: request(
    401,
    'The key is not known',
    'Use a key of this daemon; ctl-bridge key prints the first one.',
  ),
  LIST_INVALID: file(
    'A list of devices or models cannot be read',
    'Save it as CSV in UTF-8, one device or model a line: ctl-bridge phones --help.',
  ),
  MEDIA_TYPE_UNSUPPORTED: request(
    415,
    'The body is of another type',
    'Send the Content-Type named in the detail.',
  ),
  METHOD_NOT_ALLOWED: request(405, 'The resource does not know this method', 'See /v1/openapi.json.'),
  NODE_ANSWER_WRONG: node(
    502,
    'A node gave no proper answer',
    'See the detail. Check address and port: TFTP is on 69, HTTP on 6970. Then try again.',
  ),
  NODE_HAS_NO_FILE: {
    status: 404,
    exit: 'file',
    title: 'The node has no such file',
    remedy: 'Check the name, its case too: CTLFile.tlv. A cluster that never was in mixed mode has no CTL.',
  },
  NODE_REFUSES: node(
    502,
    'A node refuses to give the file',
    'See the detail. The file’s permissions or the node’s list of clients stand in the way.',
  ),
  NODE_TIMEOUT: node(
    504,
    'A node did not answer in time',
    'Check that the node is up, its TFTP service runs, and no firewall drops UDP 69 and the ports above 1023 that it answers from. HTTP on 6970 needs one port only.',
  ),
  NODE_UNREACHABLE: node(502, 'A node cannot be reached', 'Check name, address, port and network.'),
  NOT_ACCEPTABLE: request(
    406,
    'The answer has no such form',
    'Ask in Accept for a type named in the detail.',
  ),
  NOT_FOUND: request(404, 'No such resource', 'See /v1/openapi.json for what there is.'),
  ORIGIN_REFUSED: request(
    403,
    'Requests from other sites are refused',
    'Call the API from a program, not a web page.',
  ),
  PIN_KNOWN_WRONG: token(
    409,
    'This PIN was wrong before on this token',
    'No try was spent. Type another PIN; if you are sure of this one, say so: --repeat-pin, or repeatPin.',
  ),
  PIN_UNAVAILABLE: token(
    400,
    'There is no way to ask for the PIN',
    'Run in a terminal, or use --pin-file or --pin-fd.',
  ),
  PIN_UNKNOWN_OUTCOME: token(
    409,
    'The last try with this PIN was interrupted',
    'No try was spent now; the interrupted one may have been. If you are sure of the PIN, say so: --repeat-pin, or repeatPin.',
  ),
  PORT_IN_USE: machine(500, 'The TCP port is taken', 'Stop the other program or set http.port.'),
  RATE_LIMITED: request(429, 'Too many failed attempts', 'Wait as long as Retry-After says.'),
  REQUEST_ANSWERED: request(
    409,
    'The request has been answered already',
    'Fetch the signed file: /v1/signing-requests/ID/file. Make a new request for another one.',
  ),
  REQUEST_FOR_OTHER_SIGNER: token(
    409,
    'The request expects another signer',
    'Plug in the token whose certificate has the SHA-256 that the request names.',
  ),
  REQUEST_MALFORMED: file(
    'This is no whole signing request',
    'Have it sent again, as an attached file. The line named is the first that cannot be right.',
  ),
  REQUEST_TAMPERED: file(
    'The summary of the request is not that of the bytes to be signed',
    'Do not sign. Ask who made the request, by another way than it came.',
  ),
  REQUEST_UNKNOWN: request(404, 'No such signing request', 'List them: GET /v1/signing-requests.'),
  SCOPE_MISSING: request(403, 'The key may not do this', 'Use a key with the scope named in the detail.'),
  SIGNER_NOT_ON_TOKEN: token(
    409,
    'The file names another signer',
    'Compose the file with a certificate of this token as its signer.',
  ),
  SOCKET_IN_USE: machine(500, 'Another daemon listens on the socket', 'Stop it, or set http.socket.'),
  SOCKET_PATH_TOO_LONG: machine(
    500,
    'The socket’s path is too long',
    'Set http.socket to at most 107 bytes.',
  ),
  STATE_UNUSABLE: machine(
    500,
    'The state folder cannot be used',
    'Mend its owner or mode, or set state.folder.',
  ),
  STOPPING: request(503, 'The daemon is stopping', 'Try again when it has started.'),
  STORE_TOO_NEW: machine(
    500,
    'The store was written by a newer version',
    'Install that version again, or set state.folder to another folder. The file was not changed.',
  ),
  STORE_UNUSABLE: machine(
    503,
    'The store cannot be used',
    'See the detail: make room, mend permissions, stop the other daemon. A damaged file: move it and its -wal aside and restore a backup; without one, wrong PINs and tokens are forgotten.',
  ),
  USAGE: {
    status: 400,
    exit: 'usage',
    title: 'The command was not understood',
    remedy: 'See ctl-bridge --help.',
  },
}

export const problems: Readonly<Record<ProblemCode, ProblemEntry>> = {
  ...ctlProblems,
  ...tokenProblems,
  ...bridgeProblems,
}

/** An RFC 9457 problem document; `type` is `urn:ctl-bridge:problem:<code>`. */
export interface Problem {
  readonly type: string
  readonly code: ProblemCode
  readonly title: string
  readonly status: number
  readonly detail: string
  readonly remedy: string
  /** Where: offset, tag, record, token, module, pointer …, whatever the code has. */
  readonly at: Readonly<Record<string, string | number>>
}

interface CodedError extends Error {
  readonly code: ProblemCode
  readonly place: Readonly<Record<string, string | number | undefined>>
}

function isCoded(error: unknown): error is CodedError {
  return (
    error instanceof Error &&
    'code' in error &&
    'place' in error &&
    Object.hasOwn(problems, String(error.code))
  )
}

/** Any error as a problem; what is not one of ours becomes INTERNAL without its text. */
export function toProblem(error: unknown): Problem {
  const coded = isCoded(error)
  const code = coded ? error.code : 'INTERNAL'
  const entry = problems[code]
  const at = Object.entries(coded ? error.place : {}).filter((pair) => pair[1] !== undefined)
  return {
    type: `urn:ctl-bridge:problem:${code}`,
    code,
    title: entry.title,
    status: entry.status,
    detail: coded ? error.message : 'Something failed inside the daemon.',
    remedy: entry.remedy,
    at: Object.fromEntries(at) as Record<string, string | number>,
  }
}
