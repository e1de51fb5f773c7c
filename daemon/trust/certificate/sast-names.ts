import {
  attributeName,
  attributeOf,
  commonName,
  cucmOrdered,
  type DistinguishedName,
  organization,
} from './distinguished-name.js'

/**
 * How the CTL Client writes the names of tokens. It took them from Windows' CryptoAPI, with lower-case keys.
 */

/** Whether a certificate is a Cisco SAST eToken's: Cisco's TVS treats exactly these specially (TAC 118893). */
export function isCiscoSast(subject: DistinguishedName, issuer: DistinguishedName): boolean {
  return (
    attributeOf(subject, commonName)?.startsWith('SAST-') === true &&
    attributeOf(issuer, commonName) === 'Cisco Manufacturing CA' &&
    attributeOf(issuer, organization) === 'Cisco Systems'
  )
}

/**
 * SUBJECTNAME of a Cisco SAST eToken: `cn="SAST-ADN008580ef        ";ou=IPCBU;o="Cisco Systems`. The blanks
 * are the certificate's own. The last quote is missing in every transcript, and the printed length of 56
 * bytes (with the NUL) leaves no room for it.
 */
export function ciscoSastSubject(subject: DistinguishedName): string {
  const quoted = new Set([commonName, organization])
  const text = cucmOrdered(subject)
    .map(({ type, value }) => pair(type, quoted.has(type) ? quote(value) : quoteIfNeeded(value)))
    .join(';')
  return text.endsWith('"') ? text.slice(0, -1) : text
}

/**
 * Any other token's name, and the issuer of a Cisco one: `cn=Cisco Manufacturing CA;o=Cisco Systems`. For
 * tokens that Cisco did not make this is inferred from CryptoAPI's rules; no file with one was seen.
 */
export function cryptoApiName(name: DistinguishedName): string {
  return cucmOrdered(name)
    .map(({ type, value }) => pair(type, quoteIfNeeded(value)))
    .join(';')
}

function pair(type: string, value: string): string {
  return `${attributeName(type).toLowerCase()}=${value}`
}

/** CertNameToStr: quotes around blanks at the ends and special characters, inner quotes doubled. */
function quoteIfNeeded(value: string): string {
  return value === '' || /^\s|\s$|[,+="\n\r<>#;]/.test(value) ? quote(value) : value
}

function quote(value: string): string {
  return `"${value.replaceAll('"', '""')}"`
}
