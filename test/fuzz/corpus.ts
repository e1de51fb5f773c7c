/** What the mutations start from: the file from the field, and files built from its certificates and by hand. */
import { composeCtlFile } from '../../daemon/ctl/compose.js'
import { type CtlFile, decodeCtlFile } from '../../daemon/ctl/ctl-file.js'
import { signatureOf, signatureRecordOffset, signerIdOf } from '../../daemon/ctl/header-fields.js'
import { certificateOf, signerRecordsOf } from '../../daemon/ctl/record-fields.js'
import { type RecordProfileName, recordProfileNames } from '../../daemon/ctl/record-profiles.js'
import { certificateFields } from '../../daemon/trust/certificate/certificate-fields.js'
import { readCertificateParts } from '../../daemon/trust/certificate/certificate-parts.js'
import * as raw from '../ctl/raw-file.js'
import { realFile } from '../vectors/real-file.js'

export interface Sample {
  readonly bytes: Uint8Array
  readonly file: CtlFile
}

const sample = (bytes: Uint8Array): Sample => ({ bytes, file: decodeCtlFile(bytes) })

const address = Uint8Array.of(10, 48, 47, 153)

/** The real file's signer and one server, as another producer would write them. Nobody signed it. */
function built(profile: RecordProfileName, holder: 'token' | 'server'): Uint8Array {
  const { records } = decodeCtlFile(realFile())
  const parts = records.slice(0, 2).flatMap((record) => {
    const der = certificateOf(record)
    return der === undefined ? [] : [readCertificateParts(der)]
  })
  const made = parts.map((part, index) => {
    const fields = certificateFields(part, profile, index === 0 ? holder : 'server')
    const named = { dnsName: 'cucm-1051-a-pub', ipAddress: address }
    return { kind: 'certificate', function: index * 2, fields, ...named } as const
  })
  const {
    subject: name,
    issuer,
    serial,
  } = made[0]?.fields ?? { subject: '', issuer: '', serial: new Uint8Array() }
  return composeCtlFile({
    profile,
    digest: 'sha1',
    timestamp: 0x54fa0217,
    signer: { name, issuer, serial, modulusBytes: 256 },
    records: made,
  })
}

/** A signature of some bytes, so that verification goes its whole way and ends at the signature. */
function withSignature(bytes: Uint8Array): Uint8Array {
  const file = decodeCtlFile(bytes)
  const signed = Uint8Array.from(bytes)
  const start = signatureRecordOffset(file) + 3
  return signed.fill(7, start, start + signatureOf(file).length)
}

/** The real file cut down to its signer: small, and its certificate is real. */
function signerOnly(): Uint8Array {
  const bytes = realFile()
  const file = decodeCtlFile(bytes)
  const [first = 0] = signerRecordsOf(file)
  const record = file.records[first]
  const { name, serial, issuer } = signerIdOf(file)
  return composeCtlFile({
    profile: 'certutils',
    digest: 'sha1',
    timestamp: 0,
    signer: { name, serial, issuer, modulusBytes: 256 },
    records: record === undefined ? [] : [{ kind: 'copy', record }],
  })
}

const { bytes, file, record, tlv, usualHeader } = raw
const byHand: readonly Uint8Array[] = [
  file(usualHeader()),
  file(bytes(usualHeader(), [13, 0, 0]), bytes(raw.stub(), raw.stub())),
  file(
    bytes(tlv(200, 'x'), raw.signerId(tlv(201)), [13], raw.signatureInfo(3, 0), raw.signature(64)),
    record(bytes(tlv(203, 'z'), tlv(4, [0, 0]), tlv(3, 'CN=A\0'), tlv(5, 'CN=B\0'), tlv(6, [1, 2]))),
  ),
  file(bytes(tlv(28, [1, 0]), usualHeader()), []),
]

export const samples: readonly Sample[] = [
  realFile(),
  signerOnly(),
  ...recordProfileNames.flatMap((profile) => [
    built(profile, 'token'),
    withSignature(built(profile, 'server')),
  ]),
  ...byHand,
  ...byHand,
].map(sample)
