import test from 'ava'
import type { StatementCode } from '../../../daemon/migration/plan/plan.js'
import { lookAt } from '../../../daemon/migration/runner/look.js'
import type { TurnAt } from '../../../daemon/migration/runner/run-parts.js'
import { aSituation } from './sample-plan.js'

/** Whether it counts as said at the step `02-confirm`, which waits for it, or needs it before it is begun. */
async function isSaid(
  statement: StatementCode,
  at: '01-keep' | '02-confirm' | 'the start',
  isNeeded = false,
): Promise<boolean> {
  const condition = { is: 'said', statement } as const
  const said = { code: statement, by: 'Anna', at: '2026-01-02T03:04:05Z', note: '' }
  const turn = {
    situation: aSituation({ said: at === 'the start' ? [said] : [] }),
    entries: at === 'the start' ? [] : [{ kind: 'said', step: at, facts: { statement, note: '' } }],
    step: { id: '02-confirm', needs: isNeeded ? [condition] : [] },
  } as unknown as TurnAt
  const [looked] = await lookAt(turn, [condition], 'after')
  return looked?.row.holds === true
}

test('a word that begins restarts counts at its own step; what a step needs beforehand, whenever it was said', async (t) => {
  const places = ['01-keep', '02-confirm', 'the start'] as const
  for (const statement of ['RESTARTS_MAY_BEGIN', 'TVS_RESTARTED', 'SERVICES_RESTARTED'] as const) {
    const said = await Promise.all(places.map((place) => isSaid(statement, place)))
    t.deepEqual(said, [false, true, false], statement)
  }
  t.deepEqual(await Promise.all(places.map((place) => isSaid('BACKUP_TAKEN', place, true))), [
    true,
    true,
    true,
  ])
})
