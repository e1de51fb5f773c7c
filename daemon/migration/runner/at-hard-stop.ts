/** The last point at which nothing has changed for any phone: goes on only when every finding is answered, and at GO. */
import { allHold, lookAt, notSeen, open, rowsOf } from './look.js'
import { markDone } from './mark-done.js'
import { answersTo, sameFindings } from './open-findings.js'
import type { RunEntry, SeenRow } from './run-entry.js'
import { contextOf, type Turn, type TurnAt } from './run-parts.js'

export async function atHardStop(turn: TurnAt): Promise<Turn> {
  const { parts, step, stand, entries, write } = turn
  const found = await parts.eyes.judge(contextOf(turn)).catch((error: unknown) => notSeen(error))
  if ('holds' in found) {
    const row: SeenRow = { what: 'preflight was made', holds: 'unknown', evidence: [...found.evidence] }
    return { is: 'wait', for: [row] }
  }
  const own: RunEntry[] = entries.filter((entry) => entry.step === step.id)
  if (stand.findings === undefined || !sameFindings(found, stand.findings)) {
    await write({ kind: 'observed', facts: { findings: found } }, { guarded: true })
    // Whatever was said before was said on other findings.
    return { is: 'wait', for: open(answersTo(found, [])) }
  }
  const others = step.until.filter(({ is }) => is !== 'findings-answered' && is !== 'said')
  // What had to hold when it was told must still, when somebody says GO days later.
  const needs = await lookAt(turn, step.needs, 'before')
  const rows = [...answersTo(found, own), ...rowsOf([...needs, ...(await lookAt(turn, others, 'after'))])]
  return allHold(rows) ? markDone(turn, rows, false) : { is: 'wait', for: open(rows) }
}
