/** A plan of each kind from beginning to end; all of them, on all releases, are in `test/rehearsals/`. */
import test from 'ava'
import type { TvsPolicy } from '../../../lab/model/lab-cluster.js'
import { planRows, titleOf } from './plan-rows.js'
import { runPlan } from './plan-run.js'

const chosen: readonly (readonly [title: string, policy: TvsPolicy])[] = [
  ['tokenless-to-tokens on 10.5.2 from tokenless', 'either'],
  ['tokens-to-tokenless on 10.5.2 from tokens', 'db'],
  ['first-token-ctl on 11.5 from nonsecure', 'cache'],
  ['update-token-ctl on 9.1 from tokens: an address changes', 'either'],
  ['regenerate-tokenless on 12.5 from tokenless: ITLRecovery, which signs from 12.0 on', 'db'],
  ['mixed-mode-tokenless on 12.5 from nonsecure', 'either'],
  ['non-secure on 10.5.2 from tokens', 'either'],
  ['stale-file on 10.5.2 from nonsecure: a file of earlier days lies on every node', 'either'],
]

for (const [title, policy] of chosen) {
  const row = planRows.find((one) => titleOf(one) === title)
  test.serial(`${title} ends as preflight said, with TVS looking in: ${policy}`, async (t) => {
    if (row === undefined) return t.fail('there is no such row')
    await runPlan(t, row, policy)
  })
}
