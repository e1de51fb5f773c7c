/** Writes what people answer at the step at which a migration stands, once it was checked. */
import type { MigrationPrincipal } from '../../store/migration-journal.js'
import { appendEntries } from './append-entries.js'
import { lookAt, rowsOf } from './look.js'
import { OpenMigration } from './open-migration.js'
import { currentStep, notAsked, type Refuse } from './refuse-answer.js'
import type { FactsOf } from './run-entry.js'
import type { RunParts } from './run-parts.js'

export interface AnswerTo {
  readonly id: string
  /** At which the caller believes it to stand. */
  readonly step: string
  readonly principal: MigrationPrincipal
}

/** All or none: with half of them the step might be done, and would take no more. */
export async function answerStep<K extends 'said' | 'acknowledged'>(
  parts: RunParts,
  { id, step, principal }: AnswerTo,
  kind: K,
  all: readonly FactsOf<K>[],
  refuse: Refuse,
): Promise<void> {
  for (;;) {
    const migration = new OpenMigration(id, parts)
    const { stand, entries } = await migration.read()
    const current = currentStep(stand, id, step)
    const needs = async () => {
      const turn = migration.turnAt(current, new AbortController().signal, 0)
      return rowsOf(await lookAt(turn, current.needs, 'before'))
    }
    const why = await refuse({ stand, step: current, entries, needs })
    if (why !== undefined) throw notAsked(id, why, step)
    const news = all.map((facts) => ({ step, kind, principal, facts }))
    // What was checked must still be so when it is written.
    if (await appendEntries(parts, id, news, { after: stand.last })) return
  }
}
