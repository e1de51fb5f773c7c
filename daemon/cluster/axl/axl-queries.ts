/**
 * The questions to CUCM's database, in its Informix SQL. Tables and columns are those of Cisco's Data Dictionary; AXL
 * answers each row with an element per column.
 */
import { z } from 'zod'

export interface Query<Row> {
  readonly sql: string
  readonly row: z.ZodType<Row>
}

const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`

/** TAC 118893 asks for ClusterSecurityMode in this form. */
export function parameterQuery(names: readonly string[]): Query<{ paramname: string; paramvalue: string }> {
  const [first, ...more] = names.map(quoted)
  const which = more.length === 0 ? `=${first}` : ` in (${[first, ...more].join(',')})`
  return {
    sql: `select paramname,paramvalue from processconfig where paramname${which}`,
    row: z.object({ paramname: z.string().min(1), paramvalue: z.string() }),
  }
}

/** Devices by model. The class is asked for by its name, as Cisco's own samples do. */
export const modelCountQuery: Query<{ model: string; devices: number }> = {
  sql: "select tm.name as model, count(*) as devices from device as d inner join typemodel as tm on d.tkmodel = tm.enum where d.tkclass = (select enum from typeclass where name = 'Phone') group by tm.name",
  row: z.object({ model: z.string().min(1), devices: countText() }),
}

/** Names are compared as the database holds them: in capitals. */
export function deviceModelQuery(devices: readonly string[]): Query<{ device: string; model: string }> {
  return {
    sql: `select d.name as device, tm.name as model from device as d inner join typemodel as tm on d.tkmodel = tm.enum where d.name in (${devices.map(quoted).join(',')})`,
    row: z.object({ device: z.string().min(1), model: z.string().min(1) }),
  }
}

/**
 * Models that support a feature, through the same tables that Unified Reporting's Phone Feature List shows.
 * [inferred] The feature is called there as in the report: Security By Default.
 */
export function modelsWithFeatureQuery(feature: string): Query<{ model: string }> {
  return {
    sql: `select distinct tm.name as model from productsupportsfeature as psf inner join typesupportsfeature as tsf on psf.tksupportsfeature = tsf.enum inner join typemodel as tm on psf.tkmodel = tm.enum where tsf.name = ${quoted(feature)}`,
    row: z.object({ model: z.string().min(1) }),
  }
}

/** Informix shows a count of an aggregate as a decimal in some releases' AXL: `12` or `12.0`. */
function countText() {
  return z
    .string()
    .regex(/^\d{1,9}(\.0+)?$/)
    .transform(Number)
}
