/**
 * The daemon is killed with -9 right before, during and right after every step of the revert and of the token update;
 * the next one goes on to the same end, or back to where it began.
 */
import test from 'ava'
import {
  calmRun,
  type KilledPlan,
  killedAndResumed,
  killedAndTakenBack,
  nameOf,
} from '../flow/migrations/kill-run.js'
import { revert, tokenUpdate } from '../flow/migrations/killed-plans.js'
import { type Row, runRows } from './run-rows.js'

const HOURS = 60 * 60 * 1000

for (const plan of [revert, tokenUpdate] satisfies readonly KilledPlan[]) {
  test.serial(
    `the ${plan.name}, its daemon killed anywhere, ends the same or goes back as foretold`,
    async (t) => {
      t.timeout(2 * HOURS)
      const { kills } = await calmRun(t, plan)
      const rows = kills.map(
        (kill): Row => ({
          name: nameOf(kill),
          run: async (row) => {
            row.true(await killedAndResumed(row, plan, kill), `${nameOf(kill)}: the daemon was not killed`)
            return (await killedAndTakenBack(row, plan, kill)) ? 'on, and back' : 'on'
          },
        }),
      )
      const ends = await runRows(t, plan.name, rows)
      const back = ends.filter(({ told }) => told === 'on, and back').length
      t.log(`${plan.name}: ${kills.length} places, ${ends.length} went on, ${back} went back`)
      t.true(kills.length > 30)
      t.true(back > kills.length / 2)
    },
  )
}
