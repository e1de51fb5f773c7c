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

const HOURS = 60 * 60 * 1000

for (const plan of [revert, tokenUpdate] satisfies readonly KilledPlan[]) {
  test.serial(
    `the ${plan.name}, its daemon killed anywhere, ends the same or goes back as foretold`,
    async (t) => {
      t.timeout(2 * HOURS)
      const { kills } = await calmRun(t, plan)
      let resumed = 0
      let takenBack = 0
      for (const kill of kills) {
        const goesOn = await killedAndResumed(t, plan, kill)
        const goesBack = await killedAndTakenBack(t, plan, kill)
        t.true(goesOn, `${nameOf(kill)}: the daemon was not killed`)
        resumed += goesOn ? 1 : 0
        takenBack += goesBack ? 1 : 0
        t.log(`${nameOf(kill)}: ${goesBack ? 'on, and back' : 'on'}`)
      }
      t.log(`${plan.name}: ${kills.length} places, ${resumed} went on, ${takenBack} went back`)
      t.true(kills.length > 30)
      t.true(takenBack > kills.length / 2)
    },
  )
}
