/**
 * Everything `verify` can remark on beside what makes a file invalid: code, severity, meaning and remedy. The one
 * table behind the findings themselves and docs/findings.md.
 *
 * A warning says that somebody should act, or that a phone or a call manager may be led astray; `--strict` counts
 * it as a failure. An info is worth knowing and is normal somewhere.
 */

export interface FindingEntry {
  readonly severity: 'info' | 'warning'
  /** One sentence, true of every occurrence. */
  readonly meaning: string
  readonly remedy: string
}

const warning = (meaning: string, remedy: string): FindingEntry => ({ severity: 'warning', meaning, remedy })
const info = (meaning: string, remedy: string): FindingEntry => ({ severity: 'info', meaning, remedy })

const composeAgain = 'Compose the record again from its certificate.'

export const findingTable = {
  CERTIFICATE_EXPIRED: warning(
    'The certificate’s time is over. Phones are known to go on with expired SAST certificates; uploading one may be refused.',
    'Plan its replacement; uploading it to a call manager may be refused.',
  ),
  CERTIFICATE_EXPIRES_SOON: warning(
    'The certificate ends within 90 days.',
    'Replace it in time, one certificate after the other.',
  ),
  CERTIFICATE_HASH_BROKEN: warning(
    'The certificate is signed with MD2, MD4 or MD5; a second certificate with the same signature can be made.',
    'Replace the certificate.',
  ),
  // Phones trust what stands in the list, not the issuer's signature, and CUCM 10 and the SAST eTokens use SHA-1.
  CERTIFICATE_HASH_OLD: info(
    'The certificate is signed with SHA-1, as those of SAST eTokens and older call managers are.',
    'Nothing, while a phone trusts the certificate because it stands in the file.',
  ),
  CERTIFICATE_NOT_YET_VALID: warning(
    'The certificate’s time has not begun.',
    'Check the clock of the machine that made it, or wait.',
  ),
  CERTIFICATE_SIGNATURE_WRONG: warning(
    'The certificate names itself, or another record, as its issuer and was not signed by it. Looked at when roots are given.',
    'Get the certificate anew from its server and compose the record again.',
  ),
  CHAIN_ISSUER_NOT_GIVEN: warning(
    'The issuer of the certificate is not among the roots that were given.',
    'Give the issuer’s certificate with --roots, or find out why this certificate is in the file.',
  ),
  CHAIN_NOT_CHECKED: warning(
    'OpenSSL does not read the certificate, so that nobody can say who issued it.',
    'Find out what made the certificate.',
  ),
  CHAIN_SELF_SIGNED: info(
    'The certificate is self-signed, as those of call managers are, and is not among the roots that were given.',
    'Compare its fingerprint with the one on its server.',
  ),
  FIELD_UNKNOWN: info(
    'The file has a field that no document names. It is kept byte for byte.',
    'Nothing; tell where the file comes from.',
  ),
  FILE_OVER_SIZE_CEILING: warning(
    'The file has more than 65536 bytes. Documented for ITLs, which then fail to load; inferred for CTLs.',
    'Leave out servers that phones do not need.',
  ),
  FUNCTION_UNKNOWN: info(
    'FUNCTION has a number that no document names.',
    'Check what the record is for; phones are not known to use it.',
  ),
  // CUCM up to 10 and the SAST eTokens have 1024 bits and nothing else: a warning could never be obeyed.
  KEY_SHORT: info(
    'The key is RSA of 1024 to 2047 bits, as those of SAST eTokens and older call managers are.',
    'Use 2048 bits wherever you have the choice.',
  ),
  KEY_BREAKABLE: warning(
    'The key is RSA of less than 1024 bits, which can be computed from the certificate. With a SAST key anybody signs CTLs.',
    'Replace the key, and its record in the file.',
  ),
  KEY_KIND_UNUSUAL: warning(
    'The key is neither RSA nor of an elliptic curve; no phone is known to use such a key.',
    'Replace the certificate by one with an RSA or EC key.',
  ),
  ONE_SAST_ONLY: warning(
    'Only one certificate may sign the next file. If its key is lost, every phone must be cleared by hand.',
    'Add a second SAST and keep the two apart.',
  ),
  RECORD_DUPLICATE: info(
    'The same certificate stands in two records of the same role.',
    'Remove one of them; it only takes room.',
  ),
  RECORD_HASH_DIFFERS: warning(
    'The field of the certificate’s hash (tag 11) is not a hash of the certificate.',
    composeAgain,
  ),
  RECORD_INCOMPLETE: warning(
    'A record with a certificate lacks subject, issuer, serial number or public key, by which phones find it.',
    composeAgain,
  ),
  // No file made by CUCM was seen here, so an unfamiliar rendering is no proof of a wrong file.
  RECORD_NAME_DIFFERS: warning(
    'Subject or issuer of a record is none of the known ways to write the certificate’s name. Phones and TVS look certificates up by the text.',
    composeAgain,
  ),
  RECORD_SIGNATURE_DIFFERS: warning(
    'SIGNATURE of a record (tag 8) is not the signature value of its certificate.',
    composeAgain,
  ),
  RELEASE_HAS_NO_SUCH_CTL: warning(
    'The CUCM release has no CTL of this kind.',
    'Check the release, or have the file made the way this release makes it.',
  ),
  RELEASE_NOT_APPLIED: info(
    'The file is an ITL; what is known of SAST records by release is known of CTLs only.',
    'Nothing.',
  ),
  RELEASE_SAST_MISSING: warning(
    'A SAST record is missing that the CUCM release puts into a CTL of this kind.',
    'Add it, or update the CTL on the cluster.',
  ),
  RELEASE_SAST_ORDER: info(
    'The SAST records stand in another order than the CUCM release writes them.',
    'Nothing; no document says that phones mind.',
  ),
  RELEASE_SAST_UNEXPECTED: warning(
    'A SAST record is there that the CUCM release does not put into a CTL of this kind.',
    'Check whose it is: whoever has its key can sign CTLs for the phones.',
  ),
  RELEASE_SIGNER_DIFFERS: warning(
    'The signer is not the one that the CUCM release signs with.',
    'Find out who made the file; phones that know another signer ask TVS.',
  ),
  ROLE_DUPLICATE: info(
    'Two different certificates stand for CAPF.',
    'Remove the one that is no longer in use, if this is one cluster.',
  ),
  ROLE_MISSING: warning(
    'A role is missing that every CTL of a CUCM cluster has.',
    'Add the record, or update the CTL on the cluster.',
  ),
  SAME_ADDRESS_OTHER_CERTIFICATE: warning(
    'Two records of the same role and address have different certificates.',
    'Remove the one that the server no longer uses.',
  ),
  SIGNER_NAME_DIFFERS: warning(
    'The header names the signer otherwise than its record. Phones look at serial number and issuer.',
    'Compose and sign the file anew.',
  ),
  SIGNER_NOT_FIRST: info(
    'The signer is not the first SAST record. The CTL Client signs with the token that is plugged in at the end, so this is common.',
    'Nothing.',
  ),
  STUB_BESIDE_CERTIFICATES: warning(
    'A server without certificate stands beside servers with one: the file is neither of mixed nor of non-secure mode. Phones cannot reach that server securely.',
    'Add the certificate of the server, or remove its record.',
  ),
  TEXT_UNPRINTABLE: warning(
    'A text holds control characters, marks that reorder a line, or bytes that are no UTF-8. It is shown escaped.',
    'Do not trust the name by eye; compare the certificate.',
  ),
  TIMESTAMP_IN_FUTURE: warning(
    'The file was made after the time it is judged at.',
    'Check the clocks. Whether a phone that has this file takes an older one is unknown.',
  ),
  TIMESTAMP_MISSING: info(
    'The header does not say when the file was made.',
    'Compose the file anew if its age matters.',
  ),
} as const satisfies Readonly<Record<string, FindingEntry>>

export type FindingCode = keyof typeof findingTable
