/** Keys and certificates of the lab, in the names and sizes of CUCM. */
import { createPublicKey, type KeyObject, randomBytes, sign } from 'node:crypto'
import { draftCertificate, type NameAttribute } from '../../daemon/trust/certificate/issue-certificate.js'
import type { KeyAndCertificate } from './lab-cluster.js'

/** Makes an RSA key. Tests give their own, because making them takes most of a lab's start. */
export type NewKey = (bits: number) => Promise<KeyObject>

export interface IdentityWish {
  readonly commonName: string
  readonly bits: 1024 | 2048
  readonly digest: 'sha1' | 'sha256'
  readonly newKey: NewKey
}

const DAY = 24 * 60 * 60 * 1000

/** In the order of the certificate; TAC 118893 shows these five beside the name. */
const place: readonly NameAttribute[] = [
  ['C', 'PL'],
  ['ST', 'Malopolska'],
  ['L', 'Krakow'],
  ['O', 'Lab'],
  ['OU', 'Rehearsal'],
]

/** A self-signed certificate for a service of CUCM. */
export async function newIdentity({
  commonName,
  bits,
  digest,
  newKey,
}: IdentityWish): Promise<KeyAndCertificate> {
  const privateKey = await newKey(bits)
  const publicKey = createPublicKey(privateKey)
  const subject: readonly NameAttribute[] = [...place, ['CN', commonName]]
  const serial = sixteenBytes()
  const draft = draftCertificate({
    publicKey,
    subject,
    issuer: subject,
    serial,
    notBefore: new Date(Date.now() - DAY),
    notAfter: new Date(Date.now() + 5 * 365 * DAY),
    digest,
    use: 'server',
  })
  const certificateSignature = new Uint8Array(sign(digest, draft.toBeSigned, privateKey))
  const certificate = draft.finish(certificateSignature)
  const text = cucmText(subject)
  return {
    privateKey,
    certificate,
    fields: {
      subject: text,
      issuer: text,
      serial,
      publicKey: pkcs1(publicKey),
      certificateSignature,
      certificate,
    },
  }
}

/** RSAPublicKey of PKCS#1, which PUBLICKEY of a record holds. */
export const pkcs1 = (key: KeyObject): Uint8Array =>
  new Uint8Array(key.export({ type: 'pkcs1', format: 'der' }))

/** CUCM writes the name first: `CN=…;OU=…;O=…;L=…;ST=…;C=…`. */
const cucmText = (name: readonly NameAttribute[]): string =>
  name
    .toReversed()
    .map(([type, value]) => `${type}=${value}`)
    .join(';')

/** Positive, and without a leading zero: 16 bytes in every file of TAC 118893. */
function sixteenBytes(): Uint8Array {
  const bytes = randomBytes(16)
  bytes[0] = 0x40 | ((bytes[0] ?? 0) & 0x3f)
  return new Uint8Array(bytes)
}
