import { sameBytes } from '../../ctl/bytes.js'
import type { CtlField } from '../../ctl/ctl-field.js'
import { CTL_SIZE_CEILING, type CtlFile } from '../../ctl/ctl-file.js'
import { signerIdOf, timestampOf } from '../../ctl/header-fields.js'
import { certificateOf, ipAddressOf, recordText, recordValue } from '../../ctl/record-fields.js'
import { functionName, headerTag, headerTagNames, recordTag, SAST } from '../../ctl/tags.js'
import { decodeText, printableText } from '../../ctl/text.js'
import type { CheckedRecord } from './check-records.js'
import { type Finding, finding } from './verdict.js'

/** Facts of the header and the whole. `size` in bytes. */
export function fileFindings(file: CtlFile, size: number, at: Date | undefined): Finding[] {
  const timestamp = timestampOf(file)
  const made = timestamp === undefined ? undefined : new Date(timestamp * 1000)
  return [
    ...(size > CTL_SIZE_CEILING
      ? [
          finding(
            'FILE_OVER_SIZE_CEILING',
            `The file has ${size} bytes; phones are known to fail above ${CTL_SIZE_CEILING}.`,
          ),
        ]
      : []),
    ...(made === undefined
      ? [finding('TIMESTAMP_MISSING', 'The header does not say when the file was made.')]
      : []),
    ...(made !== undefined && at !== undefined && made > at
      ? [finding('TIMESTAMP_IN_FUTURE', `TIMESTAMP is ${made.toISOString()}.`, { tag: headerTag.timestamp })]
      : []),
    ...headerFieldFindings(file.header),
  ]
}

function headerFieldFindings(fields: readonly CtlField[]): Finding[] {
  return fields.flatMap((field): Finding[] => {
    if (field.kind === 'container') return headerFieldFindings(field.fields)
    if (field.kind === 'padding') return []
    const { tag, value } = field
    const name = headerTagNames.get(tag)
    if (name === undefined)
      return [finding('FIELD_UNKNOWN', `The header has a field with tag ${tag}.`, { tag })]
    const isText = tag === headerTag.signerName || tag === headerTag.caName || tag === headerTag.fileName
    if (!isText || printableText(value) === decodeText(value)) return []
    return [finding('TEXT_UNPRINTABLE', `${name} of the header would not print as it is.`, { tag })]
  })
}

/** Whether the header names the signer as its record does, and where that record stands. */
export function signerFindings(file: CtlFile, records: readonly CheckedRecord[], signer: number): Finding[] {
  const record = records[signer - 1]?.record
  const first = records.find(({ role }) => role === SAST)?.number
  return [
    ...(record && !sameBytes(recordValue(record, recordTag.subjectName), signerIdOf(file).name)
      ? [
          finding('SIGNER_NAME_DIFFERS', 'The header names the signer otherwise than its record.', {
            record: signer,
          }),
        ]
      : []),
    ...(first !== undefined && first < signer
      ? [finding('SIGNER_NOT_FIRST', `The first SAST is record ${first}.`, { record: signer })]
      : []),
  ]
}

/** What records say of each other. */
export function recordSetFindings(records: readonly CheckedRecord[]): Finding[] {
  return [...oneSast(records), ...duplicates(records), ...sameAddress(records), ...stubs(records)]
}

function oneSast(records: readonly CheckedRecord[]): Finding[] {
  const [first, ...others] = records
    .filter(({ role }) => role === SAST)
    .map(({ record }) => certificateOf(record))
  if (first === undefined || others.some((other) => !sameBytes(first, other))) return []
  return [finding('ONE_SAST_ONLY', 'Only one certificate may sign the next file.')]
}

const latin1 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1')

function duplicates(records: readonly CheckedRecord[]): Finding[] {
  const first = new Map<string, number>()
  let capf: Uint8Array | undefined
  return records.flatMap(({ record, number, role }): Finding[] => {
    const der = certificateOf(record)
    if (der === undefined) return []
    const key = `${role} ${latin1(der)}`
    const same = first.get(key)
    if (same !== undefined) {
      return [
        finding('RECORD_DUPLICATE', `Record ${same} has this role and certificate too.`, { record: number }),
      ]
    }
    first.set(key, number)
    if (role !== CAPF) return []
    const another = capf !== undefined
    capf = der
    return another
      ? [
          finding('ROLE_DUPLICATE', 'Another record has the role CAPF with another certificate.', {
            record: number,
          }),
        ]
      : []
  })
}

const CAPF = 4
/** CCM, CCM+TFTP, TFTP: servers that a non-secure file names without certificate (TAC 118893). */
const serverRoles: ReadonlySet<number> = new Set([1, 2, 3])

/** SAST records are left out: CallManager and ITLRecovery of one publisher are both at its address. */
function sameAddress(records: readonly CheckedRecord[]): Finding[] {
  const known = new Map<string, CheckedRecord>()
  return records.flatMap((checked): Finding[] => {
    const { record, number, role } = checked
    const der = certificateOf(record)
    const address = addressOf(checked)
    if (role === SAST || der === undefined || address === undefined) return []
    const key = `${role} ${address}`
    const other = known.get(key)
    known.set(key, other ?? checked)
    if (other === undefined || sameBytes(certificateOf(other.record), der)) return []
    const detail = `Record ${other.number} is ${functionName(role)} at the same address with another certificate.`
    return [finding('SAME_ADDRESS_OTHER_CERTIFICATE', detail, { record: number })]
  })
}

/** DNSNAME, or IPADDRESS where there is none. 0.0.0.0 is no address. */
function addressOf({ record }: CheckedRecord): string | undefined {
  const name = recordText(record, recordTag.dnsName)
  if (name !== undefined && name !== '') return name
  const address = ipAddressOf(record)
  return address === '0.0.0.0' ? undefined : address
}

function stubs(records: readonly CheckedRecord[]): Finding[] {
  const servers = records.filter(({ role }) => serverRoles.has(role))
  const withCertificate = servers.find(({ record }) => certificateOf(record) !== undefined)
  if (withCertificate === undefined) return []
  return servers
    .filter(({ record }) => certificateOf(record) === undefined)
    .map(({ number }) =>
      finding(
        'STUB_BESIDE_CERTIFICATES',
        `Record ${withCertificate.number} has a certificate, this one has none.`,
        {
          record: number,
        },
      ),
    )
}
