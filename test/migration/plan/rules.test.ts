/** What holds of every plan, however the cluster is reached and files get onto it. */
import test from 'ava'
import { makePlan, planTable, type WantedPlan } from '../../../daemon/migration/plan/make-plan.js'
import type { Plan } from '../../../daemon/migration/plan/plan.js'
import { isNoPlan } from '../../../daemon/migration/plan/usual.js'
import type { PlanWishes } from '../../../daemon/migration/plan/wishes.js'
import { actionNatures } from '../../../daemon/migration/runner/action-nature.js'
import { checkPlan } from '../../../daemon/migration/runner/check-plan.js'
import type { Situation } from '../../../daemon/migration/situation/situation.js'
import type { LabRelease, LabState } from '../../../lab/model/lab-cluster.js'
import { paper, serials, withNodes } from './paper-situation.js'

const begun: readonly (readonly [LabRelease, LabState])[] = [
  ['9.1', 'tokens'],
  ['10.5.1', 'nonsecure'],
  ['10.5.2', 'tokens'],
  ['10.5.2', 'tokenless'],
  ['11.5', 'tokens'],
  ['12.5', 'nonsecure'],
  ['12.5', 'tokenless'],
  ['14', 'tokenless'],
]
const truths = [true, false]
const wished: readonly PlanWishes[] = [
  { tokens: serials, edits: [], regenerate: { what: 'CallManager', node: 'lab-pub' } },
  { tokens: serials, edits: [], regenerate: { what: 'ITLRecovery', node: 'lab-pub', through: 'local-key' } },
  { tokens: serials, edits: [], tokensLost: true },
]

function variants(situation: Situation): Situation[] {
  return truths.flatMap((cli) =>
    truths.flatMap((controlCenter) =>
      (['sftp', 'guided'] as const).flatMap((publishing) => [
        withNodes({ ...situation, reach: { cli, axl: controlCenter, controlCenter } }, ({ runs }) => ({
          publishing: runs.includes('publisher') ? 'sftp' : publishing,
        })),
        // Left over of earlier days.
        {
          ...situation,
          reach: { cli, axl: controlCenter, controlCenter },
          mode: { seen: 'non-secure', at: 'lab-pub' },
        },
      ]),
    ),
  )
}

interface Made {
  readonly plan: Plan
  readonly name: string
}

let made: Promise<readonly Made[]> | undefined

async function makeAll(t: Parameters<typeof paper>[0]): Promise<readonly Made[]> {
  const plans: Made[] = []
  for (const [release, state] of begun) {
    const { situation } = await paper(t, release, state)
    for (const variant of variants(situation)) {
      for (const id of Object.keys(planTable) as WantedPlan[]) {
        for (const wishes of wished) {
          const plan = makePlan(id, variant, wishes)
          if (!isNoPlan(plan)) plans.push({ plan, name: `${id} on ${release} from ${state}` })
        }
      }
    }
  }
  return plans
}

async function eachPlan(t: Parameters<typeof paper>[0], judge: (plan: Plan, name: string) => void) {
  made ??= makeAll(t)
  const plans = await made
  for (const { plan, name } of plans) judge(plan, name)
  t.true(plans.length > 300, `${plans.length} plans`)
}

test('every plan is one that the runner begins', async (t) => {
  await eachPlan(t, (plan, name) => t.notThrows(() => checkPlan(plan), name))
})

test('a hard stop and the copies of the files stand before anything that changes phones', async (t) => {
  await eachPlan(t, ({ steps }, name) => {
    const first = steps.findIndex(({ does }) => actionNatures[does.do].changesPhones)
    if (first < 0) return
    const before = steps.slice(0, first).map(({ does }) => does.do)
    t.true(before.includes('hard-stop') && before.includes('keep-files'), name)
  })
})

test('a file that a token signs is on the nodes before anything restarts after a change of mode', async (t) => {
  await eachPlan(t, ({ id, steps }, name) => {
    const mode = steps.findIndex(({ does }) => does.do === 'set-mode')
    const isTokens = steps.some(({ does }) => does.do === 'sign')
    if (mode < 0 || !isTokens) return
    t.true(['first-token-ctl', 'non-secure'].includes(id), name)
    const after = steps.slice(mode + 1).map(({ does }) => does.do)
    t.deepEqual(after.slice(0, 2), ['wait', 'publish'], name)
    t.false(after.slice(0, after.lastIndexOf('publish')).includes('restart'), name)
    t.true(
      steps.slice(0, mode).some(({ does }) => does.do === 'sign'),
      `${name}: signed before`,
    )
  })
})

test('a node’s services restart in the order CallManager, CTIManager, TVS, after the pilots; TVS before where it reads a file of tokens', async (t) => {
  const order = ['Cisco CallManager', 'Cisco CTIManager', 'Cisco Trust Verification Service']
  await eachPlan(t, ({ steps }, name) => {
    const restarts = steps.flatMap(({ does }, at) =>
      does.do === 'restart' && does.service !== 'Cisco Tftp' ? [{ ...does, at }] : [],
    )
    const relies = steps.some(({ does }) => does.do === 'upload-certificates')
    const pilots = steps.findIndex(({ until }) =>
      until.some((condition) => condition.is === 'pilots-accepted' && condition.what === 'new'),
    )
    t.true(
      restarts.every(({ at, service }) => at > pilots !== (relies && service === order[2])),
      name,
    )
    const words = steps.filter(({ does }) => does.do === 'confirm' && does.statement === 'RESTARTS_MAY_BEGIN')
    t.is(words.length, restarts.some(({ service }) => service === order[0]) ? 1 : 0, name)
    for (const node of new Set(restarts.map((restart) => restart.node))) {
      const own = restarts.filter((restart) => restart.node === node)
      const after = own.filter(({ at }) => at > pilots)
      t.deepEqual(own.map(({ service }) => service).sort(), [...order].sort(), `${name}: each once`)
      t.deepEqual(
        after.map(({ service }) => service),
        order.slice(0, after.length),
        name,
      )
      t.is(
        (after.at(-1)?.at ?? 0) - (after[0]?.at ?? 0),
        after.length - 1,
        `${name}: one node after the other`,
      )
    }
  })
})

test('TVS is never regenerated, and no two certificates are', async (t) => {
  await eachPlan(t, ({ steps }, name) =>
    t.true(steps.filter(({ does }) => does.do === 'regenerate').length < 2, name),
  )
})

test('a step of a person tells what to do, and every phone reset has an end', async (t) => {
  await eachPlan(t, ({ steps }, name) => {
    for (const { actor, instructions, does, until, id } of steps) {
      if (actor === 'person') t.true(instructions.length > 0, `${name}: ${id}`)
      if (does.do === 'reset-phones') t.is(until.length, 1, `${name}: ${id}`)
    }
  })
})
