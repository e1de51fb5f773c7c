/** Query parameters by a schema, as bodies are read. */
import type { z } from 'zod'
import { BridgeError } from '../bridge-error.js'

/** Throws BODY_INVALID with the name of the parameter. */
export function readQuery<Schema extends z.ZodType>(
  schema: Schema,
  query: Readonly<Record<string, string>>,
): z.output<Schema> {
  const parsed = schema.safeParse(query)
  if (parsed.success) return parsed.data
  const issue = parsed.error.issues[0]
  const name = issue?.path.map(String).join('.') ?? ''
  throw new BridgeError('BODY_INVALID', `Query parameter ${name}: ${issue?.message ?? 'wrong'}.`)
}
