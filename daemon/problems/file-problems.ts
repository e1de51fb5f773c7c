/** What is wrong with a CTL, an ITL or a signed configuration file. */
import type { CtlErrorCode } from '../ctl/ctl-error.js'
import { file, type ProblemEntry } from './problem-entry.js'

const getAgain = 'Fetch the file again from the TFTP server, in binary mode, and compare its checksum.'
export const fileProblems: Record<CtlErrorCode, ProblemEntry> = {
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
