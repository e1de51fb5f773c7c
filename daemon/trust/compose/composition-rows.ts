import { sameBytes } from '../../ctl/bytes.js'
import { type CtlFile, type CtlRecord, recordLength } from '../../ctl/ctl-field.js'
import { signerIdOf } from '../../ctl/header-fields.js'
import { functionOf, isSignerRecord, recordText, recordValue } from '../../ctl/record-fields.js'
import { functionName, recordTag, recordTagNames } from '../../ctl/tags.js'
import { isFromBase, type WantedRecord } from './wanted-record.js'

/** One record, before and after. */
export interface CompositionRow {
  /** Number in the new file, from 1; absent for a record that is removed. */
  readonly number?: number
  /** Number in the base, from 1; absent for a record that is new. */
  readonly was?: number
  /** `laid out`: the values are the base's, their order is the profile's. */
  readonly change: 'kept' | 'changed' | 'laid out' | 'new' | 'removed'
  /** Names of the fields that are other ones, came or went. */
  readonly fields: readonly string[]
  readonly function: number
  readonly functionName: string
  /** Bytes. */
  readonly length: number
  /** SUBJECTNAME, or DNSNAME of a server without certificate. */
  readonly name: string
  readonly ipAddress?: string
  readonly signs: boolean
}

/** The records of `file`, made of `wanted` in its order, and then the records of `base` that are gone. */
export function compositionRows(
  base: CtlFile | undefined,
  file: CtlFile,
  wanted: readonly WantedRecord[],
): CompositionRow[] {
  const signer = signerIdOf(file)
  const origins = wanted.map((record) =>
    isFromBase(record) && record.function === undefined ? record.base : undefined,
  )
  const after = file.records.map((record, index): CompositionRow => {
    const was = origins[index]
    const own = was === undefined ? undefined : base?.records[was - 1]
    return {
      number: index + 1,
      ...(was !== undefined && { was }),
      ...changeOf(own, record),
      ...describe(record),
      signs: isSignerRecord(signer, record),
    }
  })
  const gone = (base?.records ?? []).flatMap((record, index): CompositionRow[] =>
    origins.includes(index + 1)
      ? []
      : [{ was: index + 1, change: 'removed', fields: [], ...describe(record), signs: false }],
  )
  return [...after, ...gone]
}

function changeOf(own: CtlRecord | undefined, record: CtlRecord): Pick<CompositionRow, 'change' | 'fields'> {
  if (own === undefined) return { change: 'new', fields: [] }
  const tags = new Set(
    [...own.fields, ...record.fields].flatMap((field) => ('tag' in field ? [field.tag] : [])),
  )
  const fields = [...tags]
    .filter((tag) => !sameBytes(recordValue(own, tag), recordValue(record, tag)))
    .map((tag) => recordTagNames.get(tag) ?? `tag ${tag}`)
  if (fields.length > 0) return { change: 'changed', fields }
  const isSame =
    own.fields.length === record.fields.length &&
    own.fields.every((field, index) => {
      const other = record.fields[index]
      return field.kind === 'value' && other?.kind === 'value' && field.tag === other.tag
    })
  return { change: isSame ? 'kept' : 'laid out', fields: [] }
}

function describe(
  record: CtlRecord,
): Pick<CompositionRow, 'function' | 'functionName' | 'length' | 'name' | 'ipAddress'> {
  const ipAddress = recordValue(record, recordTag.ipAddress)?.join('.')
  return {
    function: functionOf(record),
    functionName: functionName(functionOf(record)),
    length: recordLength(record),
    name: recordText(record, recordTag.subjectName) ?? recordText(record, recordTag.dnsName) ?? '',
    ...(ipAddress !== undefined && { ipAddress }),
  }
}
