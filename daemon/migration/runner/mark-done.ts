/** Writes that a step is done, with what was seen. */
import { makesFiles } from './action-nature.js'
import type { Glance } from './eyes.js'
import type { FactsOf, SeenRow } from './run-entry.js'
import { contextOf, on, type Turn, type TurnAt } from './run-parts.js'

export async function markDone(turn: TurnAt, seen: readonly SeenRow[], already: boolean): Promise<Turn> {
  const files = await servedFiles(turn)
  const facts: FactsOf<'observed'> = {
    done: true,
    already,
    seen: [...seen],
    ...(files !== undefined && { files }),
  }
  await turn.write({ kind: 'observed', facts }, { state: 'running', guarded: true })
  return on
}

/**
 * A file that the cluster made itself is known from here on by what the nodes serve now. Not at the step that makes it:
 * `show ctl` tells of it at once, and nodes serve it after a restart of Cisco Tftp only.
 */
async function servedFiles(turn: TurnAt): Promise<Record<string, string> | undefined> {
  const { does, until } = turn.step
  if (makesFiles(does) || !until.some(({ is }) => is === 'signed-by')) return undefined
  const glance = await turn.parts.eyes.glance(contextOf(turn)).catch(() => undefined)
  return glance && filesOf(glance)
}

function filesOf({ files }: Glance): Record<string, string> {
  return Object.fromEntries(
    Object.entries(files).flatMap(([node, file]) => ('seen' in file ? [[node, file.seen]] : [])),
  )
}
