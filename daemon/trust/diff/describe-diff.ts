import { createHash } from 'node:crypto'
import { hex, readUnsigned } from '../../ctl/bytes.js'
import { CtlError } from '../../ctl/ctl-error.js'
import type { CtlFile, CtlRecord } from '../../ctl/ctl-field.js'
import { decodeCtlFile } from '../../ctl/ctl-file.js'
import { type CtlDiff, diffCtlFiles, type KeptRecord } from '../../ctl/diff.js'
import type { FieldChange } from '../../ctl/diff-fields.js'
import { digestOf, fileNameOf, signerIdOf, timestampOf } from '../../ctl/header-fields.js'
import { certificateOf, functionOf, recordText, signerRecordsOf } from '../../ctl/record-fields.js'
import {
  type CtlDigest,
  digestCodes,
  functionName,
  headerTag,
  headerTagNames,
  modulusCodes,
  recordTag,
  recordTagNames,
} from '../../ctl/tags.js'
import { decodeText } from '../../ctl/text.js'
import { isUnsigned } from '../../ctl/to-be-signed.js'
import { diffSentences } from './diff-sentences.js'

/** What makes two files differ, as plain data. Hashes are lower-case hex, serials upper-case colon hex. */
export interface DiffDescription {
  /** See `CtlDiff`. */
  readonly extent: CtlDiff['extent']
  /** The same as sentences, what matters most first. */
  readonly summary: readonly string[]
  /** Null: there is no file. */
  readonly old: FileSummary | null
  readonly new: FileSummary | null
  readonly header: readonly FieldDifference[]
  /** Whether the fields of the header stand in another order. */
  readonly headerReordered: boolean
  /** Records that differ, in the order of the new file, those that are gone last. */
  readonly records: readonly RecordDifference[]
}

export interface FileSummary {
  /** Bytes. */
  readonly length: number
  readonly sha256: string
  readonly records: number
  readonly signer: {
    readonly name: string
    readonly serial: string
    readonly issuer: string
    /** Number of its first SAST record and the SHA-256 of its certificate, where there is one. */
    readonly record?: number
    readonly certificateSha256?: string
  }
  readonly digest: CtlDigest
  /** Whether the signature is all zero. */
  readonly unsigned: boolean
  readonly fileName?: string
  /** ISO 8601, UTC. */
  readonly timestamp?: string
}

export interface FieldDifference {
  readonly tag: number
  readonly name: string
  /** As text; keys, certificates and signatures by length and SHA-256. Absent: the field is not there. */
  readonly old?: string
  readonly new?: string
}

export interface RecordDifference {
  readonly change: 'added' | 'removed' | 'changed' | 'moved'
  /** Numbers of the record, from 1. */
  readonly oldNumber?: number
  readonly newNumber?: number
  /** Whether it also stands elsewhere among the records that both files have. */
  readonly moved: boolean
  readonly function: number
  readonly functionName: string
  /** Of the new record, or of the removed one. */
  readonly subject?: string
  readonly dnsName?: string
  readonly oldCertificateSha256?: string
  readonly newCertificateSha256?: string
  readonly fields: readonly FieldDifference[]
  /** Whether the fields of the record stand in another order. */
  readonly reordered: boolean
}

/** Empty bytes are a file that is not there. Throws CtlError of the old file, then of the new one. */
export function describeDiff(oldBytes: Uint8Array, newBytes: Uint8Array): DiffDescription {
  const old = decode('old', oldBytes)
  const next = decode('new', newBytes)
  const diff = diffCtlFiles(old, next)
  const parts = {
    extent: diff.extent,
    old: old === undefined ? null : summaryOf(old, oldBytes),
    new: next === undefined ? null : summaryOf(next, newBytes),
    header: diff.header.changes.map((change) => fieldDifference(change, headerTagNames, headerText)),
    headerReordered: diff.header.reordered,
    records: recordDifferences(diff, old, next),
  }
  return { ...parts, summary: diffSentences(parts) }
}

function decode(which: 'old' | 'new', bytes: Uint8Array): CtlFile | undefined {
  if (bytes.length === 0) return undefined
  try {
    return decodeCtlFile(bytes)
  } catch (error) {
    if (!(error instanceof CtlError)) throw error
    throw new CtlError(error.code, `The ${which} file: ${error.message}`, error.place)
  }
}

function summaryOf(file: CtlFile, bytes: Uint8Array): FileSummary {
  const { name, serial, issuer } = signerIdOf(file)
  const [index] = signerRecordsOf(file)
  const record = index === undefined ? undefined : file.records[index]
  const certificateSha256 = record && certificateSha(record)
  const fileName = fileNameOf(file)
  const timestamp = timestampOf(file)
  return {
    length: bytes.length,
    sha256: sha256(bytes),
    records: file.records.length,
    signer: {
      name: decodeText(name),
      serial: colonHex(serial),
      issuer: decodeText(issuer),
      ...(index !== undefined && { record: index + 1 }),
      ...(certificateSha256 !== undefined && { certificateSha256 }),
    },
    digest: digestOf(file),
    unsigned: isUnsigned(file),
    ...(fileName !== undefined && { fileName }),
    ...(timestamp !== undefined && { timestamp: isoTime(timestamp) }),
  }
}

function recordDifferences(
  diff: CtlDiff,
  old: CtlFile | undefined,
  next: CtlFile | undefined,
): RecordDifference[] {
  const none = { moved: false, fields: [], reordered: false }
  const added = diff.added.map(({ newNumber, record }): RecordDifference => {
    return { change: 'added', newNumber, ...none, ...identity(record), ...certificates(undefined, record) }
  })
  const kept = diff.kept.flatMap((pair) => {
    const [before, after] = [old?.records[pair.oldNumber - 1], next?.records[pair.newNumber - 1]]
    return before && after ? keptDifference(pair, before, after) : []
  })
  const removed = diff.removed.map(({ oldNumber, record }): RecordDifference => {
    return { change: 'removed', oldNumber, ...none, ...identity(record), ...certificates(record, undefined) }
  })
  const inOrder = [...added, ...kept].sort((one, other) => (one.newNumber ?? 0) - (other.newNumber ?? 0))
  return [...inOrder, ...removed]
}

function keptDifference(pair: KeptRecord, before: CtlRecord, after: CtlRecord): RecordDifference[] {
  const { oldNumber, newNumber, moved, changes, reordered } = pair
  const isChanged = changes.length > 0 || reordered
  if (!isChanged && !moved) return []
  return [
    {
      change: isChanged ? 'changed' : 'moved',
      oldNumber,
      newNumber,
      moved,
      ...identity(after),
      ...certificates(before, after),
      fields: changes.map((change) => fieldDifference(change, recordTagNames, recordFieldText)),
      reordered,
    },
  ]
}

function identity(
  record: CtlRecord,
): Pick<RecordDifference, 'function' | 'functionName' | 'subject' | 'dnsName'> {
  const subject = recordText(record, recordTag.subjectName)
  const dnsName = recordText(record, recordTag.dnsName)
  return {
    function: functionOf(record),
    functionName: functionName(functionOf(record)),
    ...(subject !== undefined && { subject }),
    ...(dnsName !== undefined && { dnsName }),
  }
}

function certificates(
  before: CtlRecord | undefined,
  after: CtlRecord | undefined,
): Pick<RecordDifference, 'oldCertificateSha256' | 'newCertificateSha256'> {
  const oldCertificateSha256 = before && certificateSha(before)
  const newCertificateSha256 = after && certificateSha(after)
  return {
    ...(oldCertificateSha256 !== undefined && { oldCertificateSha256 }),
    ...(newCertificateSha256 !== undefined && { newCertificateSha256 }),
  }
}

function certificateSha(record: CtlRecord): string | undefined {
  const der = certificateOf(record)
  return der && sha256(der)
}

function fieldDifference(
  change: FieldChange,
  names: ReadonlyMap<number, string>,
  textOf: (tag: number, value: Uint8Array) => string,
): FieldDifference {
  const tag = change.path.at(-1) ?? 0
  return {
    tag,
    name: names.get(tag) ?? `tag ${tag}`,
    ...(change.old && { old: textOf(tag, change.old) }),
    ...(change.new && { new: textOf(tag, change.new) }),
  }
}

function headerText(tag: number, value: Uint8Array): string {
  switch (tag) {
    case headerTag.signerName:
    case headerTag.caName:
    case headerTag.fileName:
      return decodeText(value)
    case headerTag.serialNumber:
      return colonHex(value)
    case headerTag.digestAlgorithm:
      return digestCodes.get(readUnsigned(value)) ?? hex(value)
    case headerTag.signatureAlgorithm:
      return 'RSA'
    case headerTag.signatureModulus:
      return `${(modulusCodes.get(readUnsigned(value)) ?? 0) * 8} bits`
    case headerTag.timestamp:
      return isoTime(readUnsigned(value))
    case headerTag.signerVersion:
      return value.join('.')
    case headerTag.padding:
      return value.length === 0 ? 'a lone byte' : '0D 00 00'
    default:
      return bytesText(value)
  }
}

function recordFieldText(tag: number, value: Uint8Array): string {
  switch (tag) {
    case recordTag.dnsName:
    case recordTag.subjectName:
    case recordTag.issuerName:
      return decodeText(value)
    case recordTag.function:
      return functionName(readUnsigned(value))
    case recordTag.serialNumber:
      return colonHex(value)
    case recordTag.ipAddress:
      return value.join('.')
    default:
      return bytesText(value)
  }
}

/** Short values in full. */
const bytesText = (value: Uint8Array): string =>
  value.length <= 8 ? hex(value, ' ').toUpperCase() : `${value.length} bytes, SHA-256 ${sha256(value)}`

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')
const colonHex = (bytes: Uint8Array): string => hex(bytes, ':').toUpperCase()
const isoTime = (seconds: number): string => new Date(seconds * 1000).toISOString().replace('.000Z', 'Z')
