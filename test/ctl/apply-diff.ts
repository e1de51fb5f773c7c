import type { CtlField, CtlFile, CtlRecord } from '../../daemon/ctl/ctl-field.js'
import type { CtlDiff } from '../../daemon/ctl/diff.js'
import type { FieldsDiff } from '../../daemon/ctl/diff-fields.js'

/**
 * Makes the new file from the old one and a difference, with code of its own: what it needs must be in the
 * difference, and what the difference says must be true.
 */
export function applyDiff(old: CtlFile, diff: CtlDiff): CtlFile {
  const places = new Map<number, CtlRecord>()
  const gone = new Set(diff.removed.map(({ oldNumber }) => oldNumber))
  for (const { oldNumber, newNumber, ...fields } of diff.kept) {
    const record = old.records[oldNumber - 1]
    if (record === undefined || gone.has(oldNumber)) throw new Error(`record ${oldNumber} is not there`)
    places.set(newNumber, { fields: edit(record.fields, fields, false) })
  }
  for (const { newNumber, record } of diff.added) places.set(newNumber, record)
  if (diff.kept.length + gone.size !== old.records.length) throw new Error('a record was forgotten')
  const records = [...places].sort(([one], [other]) => one - other).map(([, record]) => record)
  return { version: diff.version?.new ?? old.version, header: edit(old.header, diff.header, true), records }
}

type Row = { path: string; value: Uint8Array }

function edit(fields: readonly CtlField[], diff: FieldsDiff, isHeader: boolean): CtlField[] {
  const rows = flat(fields, '')
  for (const change of diff.changes) {
    const path = change.path.join('/')
    const same = rows.filter((row) => row.path === path)
    const row = same[change.occurrence]
    if (change.old === undefined) rows.push({ path, value: change.new ?? new Uint8Array() })
    else if (row === undefined || !Buffer.from(row.value).equals(change.old))
      throw new Error(`no ${path} like that`)
    else row.value = change.new ?? gone
  }
  const left = rows.filter(({ value }) => value !== gone)
  const ordered = diff.order?.map((path) => {
    const at = left.findIndex((row) => row.path === path.join('/'))
    const [row] = left.splice(at, 1)
    if (at < 0 || row === undefined) throw new Error(`no ${path.join('/')} for the order`)
    return row
  })
  return build(ordered ?? left, '', isHeader)
}

const gone = new Uint8Array()

function flat(fields: readonly CtlField[], above: string): Row[] {
  return fields.flatMap((field) => {
    if (field.kind === 'padding')
      return [{ path: `${above}13`, value: new Uint8Array(field.form === 'lone' ? 0 : 2) }]
    if (field.kind === 'value') return [{ path: `${above}${field.tag}`, value: field.value }]
    return flat(field.fields, `${above}${field.tag}/`)
  })
}

function build(rows: readonly Row[], above: string, isHeader: boolean): CtlField[] {
  const fields: CtlField[] = []
  for (let at = 0; at < rows.length; ) {
    const row = rows[at]
    if (row === undefined) break
    const [tag = '', ...inner] = row.path.slice(above.length).split('/')
    const inside = `${above}${tag}/`
    let end = at + 1
    if (inner.length > 0) {
      while (rows[end]?.path.startsWith(inside)) end++
      fields.push({
        kind: 'container',
        tag: Number(tag),
        fields: build(rows.slice(at, end), inside, isHeader),
      })
    } else if (isHeader && tag === '13') {
      fields.push({ kind: 'padding', form: row.value.length === 0 ? 'lone' : 'record' })
    } else fields.push({ kind: 'value', tag: Number(tag), value: row.value })
    at = end
  }
  return fields
}
