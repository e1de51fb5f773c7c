import { headerTag, recordTag } from './tags.js'

/**
 * How the known producers lay records out, as data. Sizes of published transcripts (TAC 118893) are met by
 * `ctl-client` and `cucm-cli`; no file made by either was at hand, so their bytes are not proved.
 * `certutils` was checked against a real file.
 */
export const recordProfileNames = ['ctl-client', 'cucm-cli', 'certutils'] as const

export type RecordProfileName = (typeof recordProfileNames)[number]

export interface RecordProfile {
  readonly name: RecordProfileName
  /** Tags after RECORDLENGTH in their order; a tag that is not here is not written. */
  readonly recordOrder: readonly number[]
  /** Tags inside SIGNERID in their order. */
  readonly signerIdOrder: readonly number[]
  /** Value of tag 28, where the producer writes it. */
  readonly signerVersion: Uint8Array | undefined
  /** What DNSNAME of a server holds. A SAST token has an empty one, a single NUL. */
  readonly dnsName: 'ip address' | 'host name' | 'absent'
}

const { dnsName, subjectName, issuerName, serialNumber, publicKey, signature, certificate, ipAddress } =
  recordTag
const cucmSignerId = [headerTag.signerName, headerTag.serialNumber, headerTag.caName]

export const recordProfiles: Readonly<Record<RecordProfileName, RecordProfile>> = {
  // TAC 118893: token CTL, the transcripts after the CTL Client ran.
  'ctl-client': {
    name: 'ctl-client',
    recordOrder: [
      dnsName,
      subjectName,
      recordTag.function,
      issuerName,
      serialNumber,
      publicKey,
      certificate,
      ipAddress,
    ],
    signerIdOrder: cucmSignerId,
    signerVersion: undefined,
    dnsName: 'ip address',
  },
  // TAC 118893: tokenless CTL, the transcripts after `utils ctl`.
  'cucm-cli': {
    name: 'cucm-cli',
    recordOrder: [
      dnsName,
      subjectName,
      recordTag.function,
      issuerName,
      serialNumber,
      publicKey,
      signature,
      certificate,
      ipAddress,
    ],
    signerIdOrder: cucmSignerId,
    signerVersion: undefined,
    dnsName: 'host name',
  },
  // certutils, as seen in a file in use: test/vectors/ITLFile-real.tlv.
  certutils: {
    name: 'certutils',
    recordOrder: [
      subjectName,
      issuerName,
      serialNumber,
      recordTag.function,
      publicKey,
      signature,
      certificate,
    ],
    signerIdOrder: [headerTag.signerName, headerTag.caName, headerTag.serialNumber],
    signerVersion: Uint8Array.of(1, 0),
    dnsName: 'absent',
  },
}
