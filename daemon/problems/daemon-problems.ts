/** What the daemon and the command refuse by themselves. */
import type { BridgeErrorCode } from '../bridge-error.js'
import type { ClusterErrorCode } from './cluster-problems.js'
import type { MigrationErrorCode } from './migration-problems.js'
import { file, machine, type ProblemEntry, request, token } from './problem-entry.js'

export const daemonProblems: Record<
  Exclude<BridgeErrorCode, ClusterErrorCode | MigrationErrorCode>,
  ProblemEntry
> = {
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
  TOKEN_PRESENT: token(
    409,
    'The token is plugged in',
    'Pull it out first. What is plugged in is on the list whether it was seen before or not.',
  ),
  USAGE: {
    status: 400,
    exit: 'usage',
    title: 'The command was not understood',
    remedy: 'See ctl-bridge --help.',
  },
}
