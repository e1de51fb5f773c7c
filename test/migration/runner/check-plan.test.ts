import test from 'ava'
import type { Step } from '../../../daemon/migration/plan/plan.js'
import { checkPlan } from '../../../daemon/migration/runner/check-plan.js'
import { decodePlan, decodeSituation, encodeRecord } from '../../../daemon/migration/runner/record-text.js'
import { aPlan, aSituation, tokenlessSteps } from './sample-plan.js'

const without = (...ids: readonly string[]): readonly Step[] =>
  aPlan().steps.filter(({ id }) => !ids.includes(id))

const changed = (id: string, change: Partial<Step>): readonly Step[] =>
  aPlan().steps.map((step) => (step.id === id ? { ...step, ...change } : step))

test('the sample plans are carried out', (t) => {
  t.notThrows(() => checkPlan(aPlan()))
  t.notThrows(() => checkPlan(aPlan({ steps: tokenlessSteps })))
})

const unsafe: readonly [string, readonly Step[], RegExp][] = [
  ['no steps', [], /no steps/],
  ['the same id twice', [...aPlan().steps, ...aPlan().steps.slice(-1)], /13-all: its id is there twice/],
  ['a change without a hard stop', without('06-stop'), /07-mode: no hard stop/],
  ['files that are not kept', without('01-keep'), /07-mode: the files/],
  ['all phones without pilots', without('12-pilots'), /13-all: .*no pilots/],
  [
    'pilots whose acceptance nobody awaits',
    changed('12-pilots', { until: [{ is: 'mode', mode: 'mixed' }] }),
    /13-all: .*known to have taken/,
  ],
  ['a restart that nobody can see', changed('09-restart', { until: [] }), /09-restart: nobody could tell/],
  ['a person who is told nothing', changed('03-upload', { instructions: [] }), /03-upload: .*not told/],
  ['a person who is believed unseen', changed('03-upload', { until: [] }), /03-upload: .*believed only/],
  ['a daemon that signs', changed('05-sign', { actor: 'daemon' }), /05-sign: a token signs/],
  ['a token that publishes', changed('08-publish', { actor: 'token' }), /08-publish: a token signs/],
]

for (const [name, steps, told] of unsafe) {
  test(`a plan is refused with ${name}`, (t) => {
    const error = t.throws(() => checkPlan(aPlan({ steps })), { code: 'MIGRATION_PLAN_UNSAFE' })
    t.regex(error?.message ?? '', told)
  })
}

test('plan and situation come back from their text as they were, bytes too', (t) => {
  t.deepEqual(decodePlan(encodeRecord(aPlan())), aPlan())
  const [pub, sub] = aSituation().nodes
  const bytes = Uint8Array.of(0, 1, 254, 255)
  const situation = aSituation({
    nodes: [
      { ...(pub as NonNullable<typeof pub>), ctl: { seen: Buffer.from(bytes), at: 'pub' } },
      { ...(sub as NonNullable<typeof sub>), ctl: { seen: bytes, at: 'sub' } },
    ],
  })
  const back = decodeSituation(encodeRecord(situation))
  t.deepEqual(
    back.nodes.map(({ ctl }) => ctl),
    ['pub', 'sub'].map((at) => ({ seen: bytes, at })),
  )
})
