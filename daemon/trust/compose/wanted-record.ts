import { addressFields } from '../../ctl/compose-address.js'
import type { CertificateFields, ComposeRecord } from '../../ctl/compose-record.js'
import { CtlError } from '../../ctl/ctl-error.js'
import type { CtlFile, CtlRecord } from '../../ctl/ctl-field.js'
import { editRecord } from '../../ctl/edit-record.js'
import { certificateOf, functionOf, recordValue } from '../../ctl/record-fields.js'
import { type RecordProfileName, recordProfiles } from '../../ctl/record-profiles.js'
import { recordTag, SAST } from '../../ctl/tags.js'
import { decodeText } from '../../ctl/text.js'
import { type CertificateHolder, certificateFields } from '../certificate/certificate-fields.js'
import { type CertificateParts, readCertificateParts } from '../certificate/certificate-parts.js'
import { sastHolder } from '../verify/sast-by-release.js'

/** DNSNAME as text and IPADDRESS as 4 bytes, in place of what the profile would write. */
interface AddressWish {
  readonly dnsName?: string
  readonly ipAddress?: Uint8Array
}

/** A certificate, DER, and whose it is. */
export interface HeldCertificate {
  readonly certificate: Uint8Array
  readonly kind: CertificateHolder
}

/** A record of the base file by its number, from 1. */
export interface BaseRecord extends AddressWish {
  readonly base: number
  /** `own`: byte for byte but for what is asked to change. `profile` (the default): laid out in the profile. */
  readonly layout?: 'own' | 'profile'
  /** DER, in place of its certificate and the fields that follow from it; of a token where the old one was. */
  readonly replacement?: Uint8Array
  /** In place of its role. */
  readonly function?: number
  /** The server of a non-secure cluster: nothing stays but name, role and address. */
  readonly stub?: true
}

/** A record made from a certificate. */
export interface NewRecord extends AddressWish, HeldCertificate {
  readonly function: number
}

/** A server without a certificate. */
export interface NewStub {
  readonly stub: { readonly function: number; readonly dnsName: string; readonly ipAddress: Uint8Array }
}

export type WantedRecord = BaseRecord | NewRecord | NewStub

export const isFromBase = (record: WantedRecord): record is BaseRecord => 'base' in record
export const isNewStub = (record: WantedRecord): record is NewStub => !('base' in record) && 'stub' in record

/** The record in the form that `composeCtlFile` of `ctl` takes. `number` is its own, from 1, for errors. */
export function toComposeRecord(
  profile: RecordProfileName,
  base: CtlFile | undefined,
  wanted: WantedRecord,
  number: number,
): ComposeRecord {
  if (isFromBase(wanted)) return fromBase(profile, base, wanted, number)
  if (isNewStub(wanted)) return { kind: 'stub', ...wanted.stub }
  return {
    kind: 'certificate',
    function: wanted.function,
    fields: fieldsFor(profile, wanted, number),
    ...wishOf(wanted),
  }
}

/** Throws CTL_NOT_ENCODABLE when the base has no such record. */
export function baseRecordOf(base: CtlFile | undefined, wanted: number, number: number): CtlRecord {
  const record = base?.records[wanted - 1]
  if (record !== undefined) return record
  throw new CtlError('CTL_NOT_ENCODABLE', `The base file has no record ${wanted}.`, { record: number })
}

function fromBase(
  profile: RecordProfileName,
  base: CtlFile | undefined,
  wanted: BaseRecord,
  number: number,
): ComposeRecord {
  const own = baseRecordOf(base, wanted.base, number)
  if (wanted.stub) return stubOf(profile, own, wanted, number)
  const edit = {
    ...(wanted.function !== undefined && { function: wanted.function }),
    ...(wanted.replacement && {
      fields: fieldsFor(profile, { certificate: wanted.replacement, kind: holderOf(base, own) }, number),
    }),
  }
  const rules = recordProfiles[profile]
  if (wanted.layout === 'own') {
    return { kind: 'keep', record: editRecord(rules, own, { ...edit, ...wishOf(wanted) }, number) }
  }
  const record = editRecord(rules, own, edit, number)
  const copied = { kind: 'copy', record, ...wishOf(wanted) } as const
  const certificate = certificateOf(record)
  const lacksSignature =
    certificate !== undefined &&
    recordValue(record, recordTag.signature) === undefined &&
    rules.recordOrder.includes(recordTag.signature)
  if (!lacksSignature) return copied
  return { ...copied, certificateSignature: readNewCertificate(certificate, number).signature }
}

/** The CTL Client writes tokens in a way of their own, so the next certificate of one must be written so too. */
function holderOf(base: CtlFile | undefined, record: CtlRecord): CertificateHolder {
  const der = certificateOf(record)
  if (base === undefined || der === undefined || functionOf(record) !== SAST) return 'server'
  return sastHolder(base, record, readCertificateParts(der)) === 'token' ? 'token' : 'server'
}

/** TAC 118893: in a non-secure cluster a server keeps its name, role and address. */
function stubOf(
  profile: RecordProfileName,
  own: CtlRecord,
  wanted: BaseRecord,
  number: number,
): ComposeRecord {
  const role = functionOf(own)
  const ownAddress = {
    dnsName: recordValue(own, recordTag.dnsName),
    ipAddress: recordValue(own, recordTag.ipAddress),
  }
  const address = addressFields(recordProfiles[profile], role, wishOf(wanted), ownAddress, number)
  return {
    kind: 'stub',
    function: role,
    dnsName: decodeText(address.dnsName ?? new Uint8Array()),
    ipAddress: address.ipAddress ?? new Uint8Array(4),
  }
}

function fieldsFor(profile: RecordProfileName, held: HeldCertificate, number: number): CertificateFields {
  return certificateFields(readNewCertificate(held.certificate, number), profile, held.kind)
}

function readNewCertificate(der: Uint8Array, number: number): CertificateParts {
  try {
    return readCertificateParts(der)
  } catch (error) {
    if (!(error instanceof CtlError)) throw error
    throw new CtlError(error.code, error.message, { record: number })
  }
}

function wishOf(record: AddressWish): AddressWish {
  return {
    ...(record.dnsName !== undefined && { dnsName: record.dnsName }),
    ...(record.ipAddress !== undefined && { ipAddress: record.ipAddress }),
  }
}
