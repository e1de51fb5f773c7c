/** The journal's entries as the runner writes and reads them: what the facts of each kind are. */
import { z } from 'zod'
import { BridgeError } from '../../bridge-error.js'
import type { JournalEntry } from '../../store/migration-journal.js'

const evidence = z.strictObject({ node: z.string().optional(), text: z.string() })

/** A condition in words, with what was seen of it. */
const row = z.strictObject({
  what: z.string(),
  holds: z.union([z.boolean(), z.literal('unknown')]),
  evidence: z.array(evidence),
  never: z.string().optional(),
})
export type SeenRow = Readonly<z.output<typeof row>>

const place = z.record(z.string(), z.union([z.string(), z.number()]))
const findings = z.array(
  z.object({
    code: z.string(),
    severity: z.enum(['error', 'warning', 'info']),
    detail: z.string(),
    at: z.string().optional(),
    devices: z.number().optional(),
    remedy: z.string(),
  }),
)
export type ToldFinding = z.output<typeof findings>[number]

const reading = z.strictObject({
  device: z.string(),
  model: z.string().optional(),
  took: z.enum(['accepted', 'refused', 'unread']),
  checksum: z.string().optional(),
  note: z.string().optional(),
})

const factsByKind = {
  /** `marks`: by place in `until`, what tells afterwards that it was done. */
  intent: z.strictObject({ marks: z.record(z.string(), z.string()) }),
  outcome: z.discriminatedUnion('result', [
    z.strictObject({ result: z.literal('done'), lines: z.array(z.string()) }),
    z.strictObject({ result: z.literal('unknown'), code: z.string(), detail: z.string(), at: place }),
    /** `goesOn`: nothing was done, and the step waits for its token again. Else the migration is stopped by this. */
    z.strictObject({
      result: z.literal('failed'),
      code: z.string(),
      detail: z.string(),
      remedy: z.string(),
      at: place,
      goesOn: z.boolean(),
    }),
  ]),
  observed: z.union([
    /** The step is done. `files`: what each node serves then, lower-case hex SHA-256 or `none`. */
    z.strictObject({
      done: z.literal(true),
      already: z.boolean(),
      seen: z.array(row),
      files: z.record(z.string(), z.string()).optional(),
    }),
    z.strictObject({ findings }),
  ]),
  said: z.union([
    z.strictObject({ statement: z.string(), note: z.string() }),
    z.strictObject({ reading }),
    /** A person takes it on themselves that the action is done once more. */
    z.strictObject({ again: z.literal(true), note: z.string() }),
  ]),
  acknowledged: z.strictObject({ code: z.string(), note: z.string() }),
  stopped: z.strictObject({
    by: z.enum(['daemon', 'person']),
    code: z.string(),
    detail: z.string(),
    remedy: z.string(),
    at: place,
  }),
  resumed: z.strictObject({ by: z.enum(['person', 'start']) }),
}

type Kind = keyof typeof factsByKind
export type FactsOf<K extends Kind> = z.output<(typeof factsByKind)[K]>

export type RunEntry = {
  [K in Kind]: Omit<JournalEntry, 'kind' | 'facts'> & { readonly kind: K; readonly facts: FactsOf<K> }
}[Kind]

export type StopFacts = FactsOf<'stopped'>

/** Throws MIGRATION_JOURNAL_WRONG. */
export function readEntry(entry: JournalEntry): RunEntry {
  const parsed = factsByKind[entry.kind].safeParse(entry.facts)
  if (parsed.success) return { ...entry, facts: parsed.data } as RunEntry
  throw journalWrong(entry, `its facts are not those of ${entry.kind}`)
}

export function journalWrong({ sequence, step }: Pick<JournalEntry, 'sequence' | 'step'>, why: string) {
  const where = step === undefined ? {} : { step }
  return new BridgeError('MIGRATION_JOURNAL_WRONG', `Entry ${sequence} of the journal: ${why}.`, where)
}
