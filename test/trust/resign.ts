import { sign } from 'node:crypto'
import type { CtlField, CtlFile, CtlRecord } from '../../daemon/ctl/ctl-field.js'
import { decodeCtlFile, encodeCtlFile } from '../../daemon/ctl/ctl-file.js'
import { takeToBeSigned } from '../../daemon/ctl/to-be-signed.js'
import type { KeyPair } from './make-certificate.js'

/** Signs any model anew, so that nothing but the change itself can be wrong with it. */
export function resign(
  draft: Uint8Array,
  change: (file: CtlFile) => CtlFile,
  key: KeyPair,
  digest = 'sha1',
): Uint8Array {
  const file = change(decodeCtlFile(draft))
  const signature = sign(digest, takeToBeSigned(file), key.privateKey)
  const header = file.header.map((field) => (isTag(field, 12) ? { ...field, value: signature } : field))
  return encodeCtlFile({ ...file, header })
}

export const isTag = (field: CtlField, tag: number): boolean => field.kind === 'value' && field.tag === tag

export const withRecords =
  (...records: CtlRecord[]) =>
  (file: CtlFile): CtlFile => ({ ...file, records: [...file.records, ...records] })

export const changed = (record: CtlRecord | undefined, tag: number, value: Uint8Array): CtlRecord => ({
  fields: (record?.fields ?? []).map((field) => (isTag(field, tag) ? { kind: 'value', tag, value } : field)),
})

export const without = (record: CtlRecord | undefined, tag: number): CtlRecord => ({
  fields: (record?.fields ?? []).filter((field) => !isTag(field, tag)),
})

/** The record with a field more, at its end. */
export const added = (record: CtlRecord | undefined, tag: number, value: Uint8Array): CtlRecord => ({
  fields: [...(record?.fields ?? []), { kind: 'value', tag, value }],
})
