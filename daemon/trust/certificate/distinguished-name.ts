/** One attribute of a name. */
export interface NameAttribute {
  /** Dotted OID. */
  readonly type: string
  readonly value: string
  /** The value's DER, tag included. */
  readonly encoded: Uint8Array
}

/** A name as it stands in a certificate: relative names in the order of the DER, most often country first. */
export type DistinguishedName = ReadonlyArray<readonly NameAttribute[]>

export const commonName = '2.5.4.3'
export const organization = '2.5.4.10'
export const organizationalUnit = '2.5.4.11'

// RFC 4514 §3
const shortNames: ReadonlyMap<string, string> = new Map([
  [commonName, 'CN'],
  ['2.5.4.7', 'L'],
  ['2.5.4.8', 'ST'],
  [organization, 'O'],
  [organizationalUnit, 'OU'],
  ['2.5.4.6', 'C'],
  ['2.5.4.9', 'STREET'],
  ['0.9.2342.19200300.100.1.25', 'DC'],
  ['0.9.2342.19200300.100.1.1', 'UID'],
])

// The order in `show ctl` of TAC 118893. Where other attributes stand is inferred: after these.
const cucmOrder = [commonName, organizationalUnit, organization, '2.5.4.7', '2.5.4.8', '2.5.4.6']

/** `CN`, or the dotted OID of a type without a short name. */
export function attributeName(type: string): string {
  return shortNames.get(type) ?? type
}

/** The first value of this type, or undefined. */
export function attributeOf(name: DistinguishedName, type: string): string | undefined {
  return name.flat().find((attribute) => attribute.type === type)?.value
}

/** The attributes, CN first, as CUCM orders them. */
export function cucmOrdered(name: DistinguishedName): NameAttribute[] {
  const rank = (attribute: NameAttribute): number => {
    const index = cucmOrder.indexOf(attribute.type)
    return index < 0 ? cucmOrder.length : index
  }
  return name.flat().sort((one, other) => rank(one) - rank(other))
}

/** RFC 4514: last relative name first, parted by `,`. */
export function rfc4514Name(name: DistinguishedName): string {
  return name
    .toReversed()
    .map((relative) => relative.map(rfc4514Attribute).join('+'))
    .join(',')
}

/** RFC 4514 §2.4: a type without a short name is followed by its value in hex. */
function rfc4514Attribute(attribute: NameAttribute): string {
  const short = shortNames.get(attribute.type)
  if (short !== undefined) return `${short}=${escapeRfc4514(attribute.value)}`
  return `${attribute.type}=#${Buffer.from(attribute.encoded).toString('hex')}`
}

/**
 * certutils: RFC 4514's escapes, but in the order of the DER. Seen in test/vectors/ITLFile-real.tlv; how it
 * writes a type without a short name is inferred.
 */
export function certutilsName(name: DistinguishedName): string {
  return inOrderOfTheDer(name, ',')
}

/** certutils in the header of a signed configuration file: the same attributes, parted by `;`. */
export function certutilsSgnName(name: DistinguishedName): string {
  return inOrderOfTheDer(name, ';')
}

function inOrderOfTheDer(name: DistinguishedName, separator: string): string {
  return name
    .map((relative) =>
      relative.map(({ type, value }) => `${attributeName(type)}=${escapeRfc4514(value)}`).join('+'),
    )
    .join(separator)
}

/** CUCM: `CN=cucm-1051-a-pub;OU=TAC;O=Cisco;L=Krakow;ST=Malopolska;C=PL`. Source: TAC 118893. */
export function cucmName(name: DistinguishedName): string {
  return cucmOrdered(name)
    .map(({ type, value }) => `${attributeName(type)}=${value}`)
    .join(';')
}

/** RFC 4514 §2.4. */
function escapeRfc4514(value: string): string {
  return value
    .replace(/["+,;<>\\]/g, '\\$&')
    .replace(/^[ #]/, '\\$&')
    .replace(/(?<=.) $/, '\\ ')
    .replaceAll('\0', '\\00')
}
