/** One plan from its beginning to its end on the lab, and what must be true then. */
import type { ExecutionContext } from 'ava'
import type { TvsPolicy } from '../../../lab/model/lab-cluster.js'
import { carryOut } from './carry-out.js'
import { onlyFile, signerOf } from './files-after.js'
import { type ByModel, countModels, decisions, namedStranded, withoutFile } from './phones-after.js'
import type { PlanRow } from './plan-rows.js'
import { probeAll, rehearsal, startMigration } from './rehearsal.js'

/** The phones decide by code of their own, so that what preflight named can be wrong. */
export async function runPlan(t: ExecutionContext, row: PlanRow, tvsPolicy: TvsPolicy): Promise<void> {
  const setting = await rehearsal(t, {
    release: row.release,
    state: row.state,
    tvsPolicy,
    hasSpare: row.hasSpare === true,
  })
  const { lab } = setting.running
  await row.prepare?.(setting)
  await probeAll(setting)
  const started = await startMigration(setting, { plan: row.plan, wishes: await row.wishes(setting) })
  const end = await carryOut(setting, started.id)
  t.is(end.is, 'ended', 'view' in end ? JSON.stringify([end.view.stopped, end.view.findings], null, 1) : '')
  if (!('view' in end)) return
  t.is(end.view.state, 'done')
  t.is(lab.mode(), row.ends.mode === 'mixed' ? 1 : 0)

  const file = onlyFile(setting)
  t.is(file === undefined ? 'no file' : signerOf(setting, file), row.ends.signer)

  const phones = await setting.reports()
  const without = countModels(phones.filter(({ securityByDefault }) => !securityByDefault))
  const expected: ByModel = row.ends.leftBehind === 'none' ? {} : without
  t.deepEqual(namedStranded(end.view.findings), expected, 'what preflight named')
  if (file !== undefined) t.deepEqual(withoutFile(phones, file), expected, decisions(phones))
}
