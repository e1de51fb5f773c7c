/** Token pulled, node down, TVS down, disk full, each at every step of the revert. */
import test from 'ava'
import { calmRun } from '../flow/migrations/kill-run.js'
import { revert } from '../flow/migrations/killed-plans.js'
import { troubled, troubles } from '../flow/migrations/trouble-run.js'
import { type Row, runRows } from './run-rows.js'

const HOURS = 60 * 60 * 1000

for (const trouble of troubles) {
  test.serial(
    `${trouble.name} at any step of a revert: it stops or waits, says why, and ends all the same`,
    async (t) => {
      t.timeout(2 * HOURS)
      const { steps } = await calmRun(t, revert)
      const rows = steps.map(
        (step): Row => ({
          name: step,
          run: async (row) => {
            const said = await troubled(row, trouble, step, revert.wanted)
            return said.split('\n')[0] ?? ''
          },
        }),
      )
      const ends = await runRows(t, trouble.name, rows)
      const heldUp = ends.filter(({ told }) => told !== 'not held up' && told !== 'not begun').length
      t.log(`${steps.length} steps, held up at ${heldUp}`)
      t.true(heldUp > 0)
    },
  )
}
