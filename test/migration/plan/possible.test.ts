/** Every plan on every release from every state: possible, or the reason. */
import test from 'ava'
import { makePlan, planTable, type WantedPlan } from '../../../daemon/migration/plan/make-plan.js'
import { isNoPlan } from '../../../daemon/migration/plan/usual.js'
import type { PlanWishes } from '../../../daemon/migration/plan/wishes.js'
import { checkPlan } from '../../../daemon/migration/runner/check-plan.js'
import type { LabRelease, LabState } from '../../../lab/model/lab-cluster.js'
import { paper, seen, serials } from './paper-situation.js'

const wishes: PlanWishes = {
  tokens: serials,
  edits: [],
  regenerate: { what: 'CallManager', node: 'lab-pub' },
}

/** Releases beside each state; a lab of 14 has no token CTL, one of 9.1 no tokenless one. */
const begun: readonly (readonly [LabState, readonly LabRelease[]])[] = [
  ['nonsecure', ['9.1', '10.5.1', '10.5.2', '11.5', '12.5', '14']],
  ['tokenless', ['10.5.1', '10.5.2', '11.5', '12.5', '14']],
  ['tokens', ['9.1', '10.5.1', '10.5.2', '11.5', '12.5']],
]

const noCommandLine = 'no: CUCM before 10.0 has no `utils ctl`'
const noTokens = 'no: Cisco does not support token CTLs from CUCM 14 on'
const isMixed = 'no: The cluster is in mixed mode, and the plan begins in non-secure mode.'
const isNonSecure = 'no: The cluster is in non-secure mode, and the plan begins in mixed mode.'
const hasTokens = 'no: The nodes serve a CTL of tokens'
const hasTokenless = 'no: The nodes serve a tokenless CTL'
const hasNone = 'no: The nodes serve no CTL'

type Cells = Readonly<Partial<Record<LabRelease, string>>> & { readonly others: string }

/** By plan and state: what the releases named say, and what all others say. */
const table: Readonly<Record<string, Readonly<Record<LabState, Cells>>>> = {
  'mixed-mode-tokenless': {
    nonsecure: { '9.1': noCommandLine, others: 'possible' },
    tokenless: { others: isMixed },
    tokens: { others: isMixed },
  },
  'tokens-to-tokenless': {
    nonsecure: { others: isNonSecure },
    tokenless: { others: hasTokenless },
    tokens: { '9.1': noCommandLine, others: 'possible' },
  },
  'tokenless-to-tokens': {
    nonsecure: { '14': noTokens, others: isNonSecure },
    tokenless: { '14': noTokens, others: 'possible' },
    tokens: { others: hasTokens },
  },
  'first-token-ctl': {
    nonsecure: { '9.1': noCommandLine, '14': noTokens, others: 'possible' },
    tokenless: { '14': noTokens, others: isMixed },
    tokens: { others: isMixed },
  },
  'update-token-ctl': {
    nonsecure: { '14': noTokens, others: hasNone },
    tokenless: { '14': noTokens, others: hasTokenless },
    tokens: { others: 'possible' },
  },
  'regenerate-tokenless': {
    nonsecure: { others: isNonSecure },
    tokenless: { others: 'possible' },
    tokens: { others: hasTokens },
  },
  'before-downgrade': {
    nonsecure: { '14': noTokens, others: isNonSecure },
    tokenless: { '14': noTokens, others: 'possible' },
    tokens: { others: 'possible' },
  },
  'non-secure': {
    nonsecure: { others: isNonSecure },
    tokenless: { others: 'possible' },
    tokens: { '9.1': noCommandLine, others: 'possible' },
  },
  'stale-file': {
    nonsecure: { others: hasNone },
    tokenless: { others: isMixed },
    tokens: { others: isMixed },
  },
  'asterisk-first': {
    nonsecure: { others: 'no: This is a plan for Asterisk' },
    tokenless: { others: 'no: This is a plan for Asterisk' },
    tokens: { others: 'no: This is a plan for Asterisk' },
  },
}

for (const [state, releases] of begun) {
  for (const release of releases) {
    test(`plans on ${release} from ${state}`, async (t) => {
      const { situation } = await paper(t, release, state)
      for (const [id, cells] of Object.entries(table)) {
        const expected = cells[state][release] ?? cells[state].others
        const plan = makePlan(id as WantedPlan, situation, wishes)
        const said = isNoPlan(plan) ? `no: ${plan.impossible}` : 'possible'
        t.is(isNoPlan(plan) ? said.slice(0, expected.length) : said, expected, `${id}: ${said}`)
        if (isNoPlan(plan)) t.regex(plan.instead, /\w+.*\./, id)
        else t.notThrows(() => checkPlan(plan), id)
      }
    })
  }
}

test('the table has every plan of CUCM', (t) => {
  const cucm = Object.entries(planTable).filter(([, { kind }]) => kind === 'cucm')
  t.deepEqual(
    cucm.map(([id]) => id),
    Object.keys(table).filter((id) => !id.startsWith('asterisk')),
  )
})

test('a release that is the reason has its code', async (t) => {
  const old = await paper(t, '9.1', 'nonsecure')
  const young = await paper(t, '14', 'tokenless')
  const codeOf = (plan: ReturnType<typeof makePlan>) => (isNoPlan(plan) ? plan.code : 'possible')
  t.is(codeOf(makePlan('mixed-mode-tokenless', old.situation, wishes)), 'RELEASE_TOO_OLD')
  t.is(codeOf(makePlan('tokenless-to-tokens', young.situation, wishes)), 'RELEASE_TOO_NEW')
  t.is(codeOf(makePlan('non-secure', old.situation, wishes)), undefined)
})

test('what was not seen is no reason: preflight stops it', async (t) => {
  const { situation } = await paper(t, '10.5.2', 'tokenless')
  const blind = { ...situation, mode: { unseen: 'no answer', at: 'lab-pub' } }
  t.false(isNoPlan(makePlan('tokenless-to-tokens', blind, wishes)))
})

test('a token file that was carried to 14: its way goes without a token, or is said to strand', async (t) => {
  for (const id of ['tokens-to-tokenless', 'non-secure'] as const) {
    // From 11.5 on such a file lists who signs for utils ctl; before, it does not.
    const on = async (release: LabRelease, more: Partial<PlanWishes> = {}) => {
      const { situation } = await paper(t, release, 'tokens')
      return makePlan(id, { ...situation, release: seen('14.0.1.10000-20') }, { ...wishes, ...more })
    }
    const listed = await on('12.5')
    t.false(isNoPlan(listed), id)
    if (!isNoPlan(listed))
      t.false(
        listed.steps.some(({ actor }) => actor === 'token'),
        id,
      )
    t.like(await on('10.5.2'), { code: 'RELEASE_TOO_NEW' }, id)
    t.false(isNoPlan(await on('10.5.2', { tokensLost: true })), id)
  }
})
