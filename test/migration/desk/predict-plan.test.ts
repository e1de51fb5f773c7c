import { createHash } from 'node:crypto'
import test from 'ava'
import { predictPlan } from '../../../daemon/migration/desk/predict-plan.js'
import { makePlan } from '../../../daemon/migration/plan/make-plan.js'
import type { Plan } from '../../../daemon/migration/plan/plan.js'
import { isNoPlan } from '../../../daemon/migration/plan/usual.js'
import type { RegenerateWish } from '../../../daemon/migration/plan/wishes.js'
import type { Situation } from '../../../daemon/migration/situation/situation.js'
import { composeCtl, type NewRecord } from '../../../daemon/trust/compose/compose-ctl.js'
import { record, signedFile, TVS_ROLE } from '../../trust/acceptance-files.js'
import * as tac from '../../trust/tac-cluster.js'
import { tokenless, withTokens } from '../../trust/tac-files.js'

const sum = (der: Uint8Array) => createHash('sha256').update(der).digest('hex')
const at = 'pub'
const tokens = [tac.firstToken, tac.secondToken].map(({ der }, index) => ({
  serial: `T${index + 1}`,
  label: '',
  isPluggedIn: true,
  certificate: der,
  sha256: sum(der),
  isCiscos: true,
}))

const listed = (role: number): NewRecord => ({
  certificate: tac.publisher.der,
  kind: 'server',
  function: role,
  dnsName: 'cucm-1051-a-pub',
  ipAddress: Uint8Array.of(10, 48, 47, 153),
})
const itl = tac.signDraft(
  composeCtl({
    profile: 'cucm-cli',
    digest: 'sha1',
    timestamp: 0x54fa1467,
    fileName: 'ITLFile.tlv',
    signer: tac.publisher.der,
    // 21: TVS, without which no phone asks.
    records: [listed(0), listed(2), listed(21)],
  }),
  tac.publisher.key,
  'sha1',
)

function situation(ctl: Uint8Array | 'none', changes: Partial<Situation> = {}): Situation {
  return {
    cluster: 'krakow',
    kind: 'cucm',
    at: '2026-11-25T04:00:00.000Z',
    reach: { cli: true, axl: true, controlCenter: true },
    release: { seen: '10.5.1.10000-7', at },
    mode: { seen: 'mixed', at },
    nodes: [
      {
        name: 'pub',
        address: '10.48.47.153',
        runs: ['publisher', 'tftp', 'tvs', 'callmanager'],
        ctl: { seen: ctl, at },
        itl: { seen: itl, at },
        tvs: {},
        publishing: 'directory',
        probe: { outcome: 'worked', at: '2026-11-24T04:00:00.000Z' },
      },
    ],
    tokens,
    models: {
      seen: [
        { model: 'Cisco 7945', devices: 120, securityByDefault: true },
        { model: 'Cisco 7960', devices: 4, securityByDefault: false },
      ],
      at,
    },
    parameters: { seen: {}, at },
    said: [],
    ...changes,
  }
}

function planOf(id: Parameters<typeof makePlan>[0], from: Situation): Plan {
  const plan = makePlan(id, from, { tokens: ['T1', 'T2'], edits: [] })
  if (isNoPlan(plan)) throw new Error(plan.impossible)
  return plan
}

const answers = (plan: Plan, from: Situation) =>
  predictPlan(plan, from).map(({ holds, model, acceptance }) => `${holds} · ${model} · ${acceptance.answer}`)

test('the revert: phones that can ask TVS take it by the upload of the plan, the others keep what they hold', (t) => {
  const from = situation(tokenless().signed)
  t.deepEqual(answers(planOf('tokenless-to-tokens', from), from), [
    'the file served now · Cisco 7945 · accepts-through-tvs',
    'the file served now · Cisco 7960 · refuses',
  ])
})

test('the revert without its upload: nobody takes it', (t) => {
  const from = situation(tokenless().signed)
  const plan = planOf('tokenless-to-tokens', from)
  const steps = plan.steps.filter(({ does }) => does.do !== 'upload-certificates')
  t.deepEqual(
    predictPlan({ ...plan, steps }, from).map(({ acceptance }) => acceptance.answer),
    ['refuses', 'refuses'],
  )
})

test('tokens to tokenless on 10.x: the bridge is taken by who holds the tokens, the tokenless file by who holds the bridge', (t) => {
  const from = situation(withTokens(tac.secondToken).signed)
  t.deepEqual(answers(planOf('tokens-to-tokenless', from), from), [
    'the file served now · Cisco 7945 · accepts',
    'the file served now · Cisco 7960 · accepts',
    'the file “bridge” of this plan · Cisco 7945 · accepts',
    'the file “bridge” of this plan · Cisco 7960 · accepts',
  ])
})

const recoveries = {
  old: tac.sastToken('ITLRECOVERY_old', '0a0b0c0d0e0f'),
  now: tac.sastToken('ITLRECOVERY_now', '0a0b0c0d0e10'),
}

/** 12.5: ITLRecovery signs, and was regenerated; the CTL still names the old one. */
const afterRegeneration: Situation = (() => {
  const ctl = signedFile({ signer: recoveries.old, sast: [tac.publisher] })
  const list = signedFile({
    signer: tac.publisher,
    sast: [recoveries.now],
    extra: [record(tac.publisher, TVS_ROLE)],
  })
  const { nodes, ...rest } = situation(ctl, { release: { seen: '12.5.1.10000-22', at } })
  return { ...rest, nodes: nodes.map((node) => ({ ...node, itl: { seen: list, at } })) }
})()

const regenerated = (more: Partial<RegenerateWish>): Plan => {
  const regenerate = { what: 'ITLRecovery', node: 'pub', isDone: true, ...more } as const
  const plan = makePlan('regenerate-tokenless', afterRegeneration, { tokens: [], edits: [], regenerate })
  if (isNoPlan(plan)) throw new Error(plan.impossible)
  return plan
}

test('after a regeneration, through the local key: CallManager signs what phones take by the file they hold', (t) => {
  t.deepEqual(answers(regenerated({ through: 'local-key' }), afterRegeneration), [
    'the file served now · Cisco 7945 · accepts',
    'the file served now · Cisco 7960 · accepts',
    'the file “bridge” of this plan · Cisco 7945 · accepts',
    'the file “bridge” of this plan · Cisco 7960 · accepts',
  ])
})

test('after a regeneration, without: the new ITLRecovery signs, which no phone holds', (t) => {
  t.deepEqual(
    answers(regenerated({}), afterRegeneration).map((row) => row.split(' · ').at(-1)),
    ['refuses', 'refuses'],
  )
})

test('nothing is foretold of a file whose signer is regenerated on the way', (t) => {
  t.deepEqual(answers(regenerated({ isDone: false }), afterRegeneration), [])
})

test('nothing is foretold of models that were not seen', (t) => {
  const from = situation(tokenless().signed, { models: { unseen: 'no axl', at } })
  t.deepEqual(predictPlan(planOf('tokenless-to-tokens', from), from), [])
})
