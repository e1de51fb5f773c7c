/** Two troubles where they bite; each of all at every step is in `test/rehearsals/troubles.test.ts`. */
import test from 'ava'
import { revert } from './killed-plans.js'
import { troubled, troubles } from './trouble-run.js'

/** Where each bites, by what the id of the step ends with. */
const where: Readonly<Record<string, string>> = {
  'the token is pulled': 'sign-new',
  'the disk under the store is full': 'compose-new',
}

for (const trouble of troubles) {
  const step = where[trouble.name]
  if (step === undefined) continue
  test.serial(
    `${trouble.name} at ${step} of a revert: it says so, and ends all the same when it is mended`,
    async (t) => {
      const said = await troubled(t, trouble, step, revert.wanted)
      t.regex(said, trouble.words)
      t.log(said)
    },
  )
}
