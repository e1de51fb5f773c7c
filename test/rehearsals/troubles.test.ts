/** Token pulled, node down, TVS down, disk full, each at every step of the revert. */
import test from 'ava'
import { calmRun } from '../flow/migrations/kill-run.js'
import { revert } from '../flow/migrations/killed-plans.js'
import { troubled, troubles } from '../flow/migrations/trouble-run.js'

const HOURS = 60 * 60 * 1000

for (const trouble of troubles) {
  test.serial(
    `${trouble.name} at any step of a revert: it stops or waits, says why, and ends all the same`,
    async (t) => {
      t.timeout(2 * HOURS)
      const { steps } = await calmRun(t, revert)
      let heldUp = 0
      for (const step of steps) {
        const said = await troubled(t, trouble, step, revert.wanted)
        if (said !== 'not held up' && said !== 'too quick') heldUp += 1
        t.log(`${step}: ${said.split('\n')[0]}`)
      }
      t.log(`${steps.length} steps, held up at ${heldUp}`)
      t.true(heldUp > 0)
    },
  )
}
