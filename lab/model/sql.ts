/**
 * CUCM's database as far as AXL and `run sql` are asked for it here: tables and columns by the names of Cisco's Data
 * Dictionary, in SQLite. Read only; what Informix understands and SQLite does not is answered as a syntax error.
 */
import Database from 'better-sqlite3'
import type { LabCluster } from './lab-cluster.js'

export interface SqlAnswer {
  readonly columns: readonly string[]
  readonly rows: readonly (readonly string[])[]
}

const schema = `
create table processconfig (paramname text, paramvalue text);
create table processnode (nodeid integer, name text, description text, tknodeusage integer, tkprocessnoderole integer);
create table typenodeusage (enum integer, name text);
create table typeclass (enum integer, name text);
create table typemodel (enum integer, name text);
create table typesupportsfeature (enum integer, name text);
create table productsupportsfeature (tkmodel integer, tksupportsfeature integer);
create table device (name text, description text, tkmodel integer, tkclass integer);
`

const PHONE = 1
const GATEWAY = 2
/** How the feature is called in the table is inferred from the report that shows it. */
const SECURITY_BY_DEFAULT = 1

/** Throws with the sentence of the database when it cannot be answered. */
export function runSql(lab: LabCluster, statement: string): SqlAnswer {
  const sql = statement.trim().replace(/;$/, '')
  // A recursive query could hold the lab up for ever, and only answers are asked here.
  if (!/^select\b/i.test(sql)) throw new Error('Only a select statement is taken.')
  const database = new Database(':memory:')
  try {
    fill(database, lab)
    const prepared = database.prepare(sql)
    const columns = prepared.columns().map(({ name }) => name)
    const rows = prepared.raw().all() as unknown[][]
    return { columns, rows: rows.map((row) => row.map((value) => (value === null ? '' : String(value)))) }
  } catch (error) {
    throw new Error(`A syntax error has occurred: ${(error as { message?: string }).message ?? 'unknown'}.`)
  } finally {
    database.close()
  }
}

function fill(database: Database.Database, lab: LabCluster): void {
  database.exec(schema)
  const insert = (table: string, rows: readonly (readonly (string | number)[])[]): void => {
    const [first] = rows
    if (first === undefined) return
    const into = database.prepare(`insert into ${table} values (${first.map(() => '?').join(',')})`)
    database.transaction(() => {
      for (const row of rows) into.run(...row)
    })()
  }
  insert('processconfig', [
    ['ClusterSecurityMode', String(lab.mode())],
    ['ClusterID', lab.name],
    // "Prepare Cluster for Rollback to pre 8.0"; its name in the table is inferred.
    ['RollBackToPre80', 'F'],
    // "TFTP File Signature Algorithm": 0 SHA-1; its name in the table is inferred.
    ['TFTPFileSignatureAlgorithm', '0'],
  ])
  const nodeRow = (name: string, id: number, description: string, usage: number) =>
    [id, name, description, usage, 1] as const
  insert('typenodeusage', [
    [0, 'Publisher'],
    [1, 'Subscriber'],
  ])
  insert('processnode', [
    // Every CUCM has this row, which is no node.
    nodeRow('EnterpriseWideData', 1, '', 1),
    ...lab.nodes.map(({ name, role, address }, index) =>
      nodeRow(name, index + 2, address, role === 'publisher' ? 0 : 1),
    ),
  ])
  insert('typeclass', [
    [PHONE, 'Phone'],
    [GATEWAY, 'Gateway'],
  ])
  const models = [...new Map(lab.devices.map((device) => [device.model, device.securityByDefault]))]
  const numberOf = new Map(models.map(([model], index) => [model, index + 1]))
  insert(
    'typemodel',
    models.map(([model], index) => [index + 1, model]),
  )
  insert('typesupportsfeature', [[SECURITY_BY_DEFAULT, 'Security By Default']])
  insert(
    'productsupportsfeature',
    models.flatMap(([model, has]) => (has ? [[numberOf.get(model) ?? 0, SECURITY_BY_DEFAULT]] : [])),
  )
  insert(
    'device',
    lab.devices.map(({ name, model }) => [name, 'a phone of the lab', numberOf.get(model) ?? 0, PHONE]),
  )
}

/** As `run sql` prints it: names, a line of equals signs, rows; columns as wide as their widest value. */
export function sqlText({ columns, rows }: SqlAnswer): string {
  const widths = columns.map((column, index) =>
    Math.max(column.length, ...rows.map((row) => row[index]?.length ?? 0)),
  )
  const line = (values: readonly string[]) =>
    values
      .map((value, index) => value.padEnd(widths[index] ?? 0))
      .join(' ')
      .trimEnd()
  return [line(columns), line(widths.map((width) => '='.repeat(width))), ...rows.map(line)].join('\n')
}
