/** A few places at which the daemon is killed; all of them are in `test/rehearsals/kill-matrix.test.ts`. */
import test from 'ava'
import { type Kill, killedAndResumed, killedAndTakenBack } from './kill-run.js'
import { revert, tokenUpdate } from './killed-plans.js'

const during: Kill = { step: 'publish-new', when: 'during' }

test.serial('killed while a revert is being written onto the nodes, the next daemon ends it', async (t) => {
  t.true(await killedAndResumed(t, revert, during))
})

test.serial(
  'killed when a revert was signed and nobody knows, the next daemon signs no second file',
  async (t) => {
    t.true(await killedAndResumed(t, revert, { step: 'sign-new', entry: 'outcome', when: 'before' }))
  },
)

test.serial(
  'killed after the pilots of a revert took the file, it goes back, and the phones do as foretold',
  async (t) => {
    t.true(await killedAndTakenBack(t, revert, { step: 'pilots-new', entry: 'observed', when: 'after' }))
  },
)

test.serial('killed in the middle of a token update, the next daemon ends it', async (t) => {
  t.true(await killedAndResumed(t, tokenUpdate, { step: 'publish-new', entry: 'outcome', when: 'before' }))
})
