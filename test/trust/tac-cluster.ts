import { sign } from 'node:crypto'
import {
  asSignature,
  insertSignature,
  type SignedCtl,
  takeToBeSigned,
  type UnsignedCtl,
} from '../../daemon/ctl/to-be-signed.js'
import { type KeyPair, makeCertificate, type Name, rsaKey } from './make-certificate.js'

/** Certificates with the lengths that the transcripts of TAC 118893 print. Names and serials are theirs too. */

export interface Holder {
  readonly der: Uint8Array
  readonly key: KeyPair
}

const place: Name = [
  ['C', 'PL'],
  ['ST', 'Malopolska'],
  ['L', 'Krakow'],
  ['O', 'Cisco'],
  ['OU', 'TAC'],
]

function selfSigned(commonName: string, bits: number, length: number, serial: string): Holder {
  const key = rsaKey(bits, commonName)
  return { key, der: makeCertificate({ subject: [...place, ['CN', commonName]], key, serial, length }) }
}

export const publisher = selfSigned('cucm-1051-a-pub', 1024, 694, '70caf648090751b9df22f49f754fc5bb')
export const newPublisher = selfSigned('cucm-1051-a-pub', 2048, 955, '6b6f1122334455667788990011223344')
export const capf = selfSigned('CAPF-e41e7d87', 1024, 680, '0123456789abcdef0123456789abcdef')
export const subscriber = selfSigned('cucm-1051-a-sub1', 1024, 696, '6bd5000102030405060708090a0b0c0d')

const manufacturing = rsaKey(2048, 'Cisco Manufacturing CA')
const manufacturingName: Name = [
  ['O', 'Cisco Systems'],
  ['CN', 'Cisco Manufacturing CA'],
]

/** A SAST eToken: `name` is padded with 8 blanks in the certificate. */
export function sastToken(name: string, serial: string, bits = 1024, length?: number): Holder {
  const key = rsaKey(bits, name)
  const der = makeCertificate({
    subject: [
      ['O', 'Cisco Systems'],
      ['OU', 'IPCBU'],
      ['CN', `${name}        `],
    ],
    issuer: manufacturingName,
    key,
    issuerKey: manufacturing,
    serial,
    ...(length !== undefined && { length }),
  })
  return { key, der }
}

export const firstToken = sastToken('SAST-ADN008580ef', '31af455500000008e983', 1024, 902)
export const secondToken = sastToken('SAST-ADN0054f509', '66a3455500000008e512', 1024, 902)

export function signDraft(draft: UnsignedCtl, key: KeyPair, digest: 'sha1' | 'sha256' | 'sha512'): SignedCtl {
  return insertSignature(draft, asSignature(sign(digest, takeToBeSigned(draft), key.privateKey)))
}
