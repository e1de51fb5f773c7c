import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import forge from 'node-forge'

/** Test certificates, byte by byte: names in a chosen order, and a DER of a chosen length. */

const { asn1 } = forge
const { Class, Type } = asn1

export interface KeyPair {
  readonly publicKey: KeyObject
  readonly privateKey: KeyObject
}

const rsaKeys = new Map<string, KeyPair>()

/** An RSA key; the same one for the same name, because making them takes time. */
export function rsaKey(bits: number, name = ''): KeyPair {
  const known = rsaKeys.get(`${bits} ${name}`)
  if (known !== undefined) return known
  const made = generateKeyPairSync('rsa', { modulusLength: bits })
  rsaKeys.set(`${bits} ${name}`, made)
  return made
}

export const ecKey = (curve = 'P-256'): KeyPair => generateKeyPairSync('ec', { namedCurve: curve })

/** For example `[['C', 'PL'], ['CN', 'a']]`, in the order of the DER. */
export type Name = ReadonlyArray<readonly [string, string]>

export interface CertificateWish {
  readonly subject: Name
  readonly issuer?: Name
  readonly key: KeyPair
  readonly issuerKey?: KeyPair
  /** Hex of the INTEGER's content. */
  readonly serial: string
  /** Length of the DER, in bytes. */
  readonly length?: number
  readonly notBefore?: Date
  readonly notAfter?: Date
}

export function makeCertificate(wish: CertificateWish): Uint8Array {
  if (wish.length === undefined) return build(wish, 0, false)
  // Lengths of lengths leave gaps; a critical extension is three bytes longer and steps over them.
  for (const critical of [false, true]) {
    const smallest = build(wish, 1, critical).length
    for (let filler = wish.length - smallest - 12; filler <= wish.length - smallest + 2; filler++) {
      if (filler < 1) continue
      const der = build(wish, filler, critical)
      if (der.length === wish.length) return der
    }
  }
  throw new Error(`no certificate of ${wish.length} bytes can be made`)
}

function build(wish: CertificateWish, filler: number, critical: boolean): Uint8Array {
  const algorithm = signatureAlgorithm(wish)
  const body = sequence(
    asn1.create(Class.CONTEXT_SPECIFIC, 0, true, [integer('02')]),
    integer(wish.serial),
    algorithm,
    name(wish.issuer ?? wish.subject),
    sequence(time(wish.notBefore ?? new Date('2015-01-01Z')), time(wish.notAfter ?? new Date('2035-01-01Z'))),
    name(wish.subject),
    asn1.fromDer(wish.key.publicKey.export({ type: 'spki', format: 'der' }).toString('latin1')),
    ...(filler > 0 ? [extensions(filler, critical)] : []),
  )
  const signature = sign('sha256', toBytes(body), (wish.issuerKey ?? wish.key).privateKey)
  const bits = asn1.create(Class.UNIVERSAL, Type.BITSTRING, false, `\0${signature.toString('latin1')}`)
  return toBytes(sequence(body, algorithm, bits))
}

function signatureAlgorithm(wish: CertificateWish): forge.asn1.Asn1 {
  const isEc = (wish.issuerKey ?? wish.key).privateKey.asymmetricKeyType === 'ec'
  if (isEc) return sequence(oid('1.2.840.10045.4.3.2'))
  return sequence(oid('1.2.840.113549.1.1.11'), asn1.create(Class.UNIVERSAL, Type.NULL, false, ''))
}

function extensions(filler: number, critical: boolean): forge.asn1.Asn1 {
  const flag = critical ? [asn1.create(Class.UNIVERSAL, Type.BOOLEAN, false, '\xff')] : []
  const content = asn1.create(Class.UNIVERSAL, Type.OCTETSTRING, false, 'x'.repeat(filler))
  const extension = sequence(oid('1.3.6.1.4.1.55555.1'), ...flag, content)
  return asn1.create(Class.CONTEXT_SPECIFIC, 3, true, [sequence(extension)])
}

const types: Readonly<Record<string, string>> = {
  CN: '2.5.4.3',
  C: '2.5.4.6',
  L: '2.5.4.7',
  ST: '2.5.4.8',
  O: '2.5.4.10',
  OU: '2.5.4.11',
}

function name(attributes: Name): forge.asn1.Asn1 {
  return sequence(
    ...attributes.map(([type, value]) => {
      const text = Buffer.from(value, 'utf8').toString('latin1')
      const content = asn1.create(Class.UNIVERSAL, Type.UTF8, false, text)
      return asn1.create(Class.UNIVERSAL, Type.SET, true, [sequence(oid(types[type] ?? type), content)])
    }),
  )
}

function time(date: Date): forge.asn1.Asn1 {
  return asn1.create(Class.UNIVERSAL, Type.UTCTIME, false, asn1.dateToUtcTime(date).toString())
}

function integer(hex: string): forge.asn1.Asn1 {
  return asn1.create(Class.UNIVERSAL, Type.INTEGER, false, Buffer.from(hex, 'hex').toString('latin1'))
}

function oid(text: string): forge.asn1.Asn1 {
  return asn1.create(Class.UNIVERSAL, Type.OID, false, asn1.oidToDer(text).getBytes())
}

function sequence(...nodes: forge.asn1.Asn1[]): forge.asn1.Asn1 {
  return asn1.create(Class.UNIVERSAL, Type.SEQUENCE, true, nodes)
}

function toBytes(node: forge.asn1.Asn1): Uint8Array {
  return Uint8Array.from(Buffer.from(asn1.toDer(node).getBytes(), 'latin1'))
}
