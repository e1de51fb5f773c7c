/** What the store holds of one migration, read whole: what its report and its way back are made of. Plain data. */
import type { Plan, Step } from './plan/plan.js'
import { beforeName } from './runner/artifact-names.js'
import type { RunEntry } from './runner/run-entry.js'
import type { Situation } from './situation/situation.js'

export interface MigrationRecord {
  readonly plan: Plan
  /** As it was when the migration was begun. */
  readonly situation: Situation
  /** In their order. */
  readonly entries: readonly RunEntry[]
  /** What was kept, by name. */
  readonly files: ReadonlyMap<string, Uint8Array | 'none'>
  /** The migration that this one takes back. */
  readonly takenBack?: MigrationRecord
}

/** Names of the nodes that serve files. */
export const tftpNodes = ({ nodes }: Situation): string[] =>
  nodes.filter(({ runs }) => runs.includes('tftp')).map(({ name }) => name)

/** CTLFile.tlv as the node had it when the migration was begun; undefined when nobody saw it. */
export function startFile(
  { files, situation }: MigrationRecord,
  node: string,
): Uint8Array | 'none' | undefined {
  const kept = files.get(beforeName(node))
  if (kept !== undefined) return kept
  const ctl = situation.nodes.find(({ name }) => name === node)?.ctl
  return ctl !== undefined && 'seen' in ctl ? ctl.seen : undefined
}

/**
 * Steps of which something may have been done, in order. A step whose effect was there without it counts as well: who
 * brought it about is not known, and the way back leads past it all the same.
 */
export function begunSteps({ plan, entries }: MigrationRecord): Step[] {
  return plan.steps.filter(({ id }) => entries.some((entry) => entry.step === id && isBeginning(entry)))
}

const isBeginning = ({ kind, facts }: RunEntry): boolean =>
  kind === 'intent' || (kind === 'observed' && 'done' in facts)

export const isDone = ({ entries }: MigrationRecord, step: Step): boolean =>
  entries.some(({ step: id, kind, facts }) => id === step.id && kind === 'observed' && 'done' in facts)
