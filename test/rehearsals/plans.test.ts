/** Every plan, from every state that it claims, on the releases where they differ, under each policy of TVS. */
import test from 'ava'
import { tvsPolicies } from '../../lab/model/lab-cluster.js'
import { planRows, titleOf } from '../flow/migrations/plan-rows.js'
import { runPlan } from '../flow/migrations/plan-run.js'

for (const row of planRows) {
  for (const policy of tvsPolicies) {
    test.serial(`${titleOf(row)} ends as preflight said, with TVS looking in: ${policy}`, (t) =>
      runPlan(t, row, policy),
    )
  }
}
