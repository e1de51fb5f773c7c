/** The steps of plans in their order, as a reader of TAC 118893 and the Security Guides would judge them. */
import test from 'ava'
import { makePlan, type WantedPlan } from '../../../daemon/migration/plan/make-plan.js'
import type { Plan } from '../../../daemon/migration/plan/plan.js'
import { isNoPlan } from '../../../daemon/migration/plan/usual.js'
import type { PlanWishes } from '../../../daemon/migration/plan/wishes.js'
import type { Situation } from '../../../daemon/migration/situation/situation.js'
import type { LabRelease, LabState } from '../../../lab/model/lab-cluster.js'
import { paper, seen, serials, withNode, withNodes } from './paper-situation.js'

const wishes: PlanWishes = { tokens: serials, edits: [] }

function planOf(id: WantedPlan, situation: Situation, more: Partial<PlanWishes> = {}): Plan {
  const plan = makePlan(id, situation, { ...wishes, ...more })
  if (isNoPlan(plan)) throw new Error(plan.impossible)
  return plan
}

/** `pub` and `sub1` for the nodes; the numbers and who acts where it is not the daemon. */
const rows = ({ steps }: Plan): string[] =>
  steps.map(({ id, actor }) =>
    `${id.slice(3)}${actor === 'daemon' ? '' : ` (${actor})`}`.replaceAll('lab-', ''),
  )

const restarts = [
  'restarts-begin (person)',
  'restart-callmanager-pub',
  'restart-ctimanager-pub',
  'restart-trust-verification-service-pub',
  'restart-callmanager-sub1',
  'restart-ctimanager-sub1',
  'restart-trust-verification-service-sub1',
  'restart-callmanager-sub2',
  'restart-ctimanager-sub2',
  'restart-trust-verification-service-sub2',
]
const tftp = ['restart-tftp-pub', 'restart-tftp-sub1', 'restart-tftp-sub2']
const tvsFirst = [...restarts.filter((id) => id.includes('trust')), 'tvs-after']
const fileOfTokens = [
  ...tvsFirst,
  'pilots-new (person)',
  ...restarts.filter((id) => !id.includes('trust')),
  'reset-new (person)',
]
const newFile = ['pilots-new (person)', ...restarts, 'reset-new (person)']
const signed = ['compose-new', 'sign-new (token)']

interface Row {
  readonly plan: WantedPlan
  readonly on: LabRelease
  readonly from: LabState
  readonly wishes?: Partial<PlanWishes>
  readonly note?: string
  readonly steps: readonly string[]
}

const table: readonly Row[] = [
  {
    plan: 'mixed-mode-tokenless',
    on: '12.5',
    from: 'nonsecure',
    steps: ['keep-files', 'hard-stop (person)', 'mode-mixed', ...tftp, 'keep-new', ...newFile],
  },
  {
    plan: 'tokenless-to-tokens',
    on: '10.5.2',
    from: 'tokenless',
    steps: [
      'keep-files',
      'upload-tokens (person)',
      'hard-stop (person)',
      ...signed,
      'publish-new',
      ...tftp,
      ...fileOfTokens,
    ],
  },
  {
    plan: 'first-token-ctl',
    on: '10.5.2',
    from: 'nonsecure',
    note: 'signed before the mode changes, so that no restart and no PIN stand between mode and file',
    steps: [
      'keep-files',
      'upload-tokens (person)',
      'hard-stop (person)',
      ...signed,
      'mode-mixed',
      'built-not-served',
      'publish-new',
      ...tftp,
      ...fileOfTokens,
    ],
  },
  {
    plan: 'tokens-to-tokenless',
    on: '10.5.2',
    from: 'tokens',
    note: 'the bridge, every phone, then the command',
    steps: [
      'keep-files',
      'hard-stop (person)',
      'compose-bridge',
      'sign-bridge (token)',
      'publish-bridge',
      ...tftp,
      'pilots-bridge (person)',
      'reset-bridge (person)',
      'update-ctl-file',
      ...tftp,
      'keep-new',
      ...newFile,
    ],
  },
  {
    plan: 'tokens-to-tokenless',
    on: '11.5',
    from: 'tokens',
    note: 'the file lists CallManager already',
    steps: ['keep-files', 'hard-stop (person)', 'update-ctl-file', ...tftp, 'keep-new', ...newFile],
  },
  {
    plan: 'tokens-to-tokenless',
    on: '10.5.2',
    from: 'tokens',
    wishes: { tokens: [], tokensLost: true },
    note: 'all tokens are lost: through TVS',
    steps: ['keep-files', 'hard-stop (person)', 'update-ctl-file', ...tftp, 'keep-new', ...newFile],
  },
  {
    plan: 'update-token-ctl',
    on: '9.1',
    from: 'tokens',
    steps: ['keep-files', 'hard-stop (person)', ...signed, 'publish-new', ...tftp, ...newFile],
  },
  {
    plan: 'regenerate-tokenless',
    on: '11.5',
    from: 'tokenless',
    wishes: { regenerate: { what: 'CallManager', node: 'lab-sub1' } },
    steps: [
      'keep-files',
      'hard-stop (person)',
      'regenerate-callmanager-sub1 (person)',
      'update-ctl-file',
      ...tftp,
      'keep-new',
      ...newFile,
    ],
  },
  {
    plan: 'regenerate-tokenless',
    on: '12.5',
    from: 'tokenless',
    wishes: { regenerate: { what: 'ITLRecovery', node: 'lab-pub', isDone: true, through: 'local-key' } },
    note: 'the way out for phones that are locked out',
    steps: [
      'keep-files',
      'hard-stop (person)',
      'reset-local-key',
      ...tftp,
      'keep-bridge',
      'pilots-bridge (person)',
      'reset-bridge (person)',
      'update-ctl-file',
      ...tftp,
      'keep-new',
      ...newFile,
    ],
  },
  {
    plan: 'non-secure',
    on: '10.5.2',
    from: 'tokens',
    note: 'the stubs of a token go over what the command builds, before anything restarts',
    steps: [
      'keep-files',
      'hard-stop (person)',
      ...signed,
      'mode-non-secure',
      'built-not-served',
      'publish-new',
      ...tftp,
      ...newFile,
    ],
  },
  {
    plan: 'non-secure',
    on: '12.5',
    from: 'tokenless',
    steps: ['keep-files', 'hard-stop (person)', 'mode-non-secure', ...tftp, 'keep-new', ...newFile],
  },
  {
    plan: 'before-downgrade',
    on: '11.5',
    from: 'tokens',
    note: 'every phone is confirmed to hold the file of tokens before the other side is looked at',
    steps: [
      'keep-files',
      'hard-stop (person)',
      'pilots-before (person)',
      'reset-before (person)',
      'look-at-other-side (person)',
    ],
  },
]

for (const { plan: id, on, from, wishes: more = {}, note = '', steps } of table) {
  test(`${id} on ${on} from ${from}${note && `: ${note}`}`, async (t) => {
    const { situation } = await paper(t, on, from)
    t.deepEqual(rows(planOf(id, situation, more)), steps)
  })
}

test('a stale file goes by the command line on the publisher, and by a person elsewhere', async (t) => {
  const { situation } = await paper(t, '10.5.2', 'tokenless')
  const plan = planOf('stale-file', { ...situation, mode: { seen: 'non-secure', at: 'lab-pub' } })
  t.deepEqual(rows(plan), [
    'keep-files',
    'hard-stop (person)',
    'delete-stale-ctl',
    'restart-tftp-pub',
    'delete-stale-ctl-by-hand (person)',
  ])
  for (const { does, needs } of plan.steps) {
    if (does.do === 'delete-stale-ctl') t.deepEqual(needs, [{ is: 'mode', mode: 'non-secure' }])
  }
})

test('by hand the file is on every node before any is restarted', async (t) => {
  const { situation } = await paper(t, '10.5.2', 'nonsecure')
  const plan = planOf(
    'first-token-ctl',
    withNodes(situation, () => ({ publishing: 'guided' })),
  )
  t.deepEqual(
    rows(plan).slice(5, 9),
    ['mode-mixed', 'built-not-served', 'upload-new (person)', 'restart-trust-verification-service-pub'],
    'no restart of its own between',
  )
  const upload = plan.steps[7]
  t.deepEqual(upload?.does, { do: 'publish', artifact: 'new', nodes: ['lab-pub', 'lab-sub1', 'lab-sub2'] })
  const told = upload?.instructions ?? []
  const warned = told.findIndex((line) => line.startsWith('Restart nothing before'))
  t.true(warned > 0 && warned < told.findIndex((line) => line.startsWith('Then restart')))
})

test('the mode by hand says that nothing restarts yet, and who restarts early is stopped', async (t) => {
  const starts = [
    ['first-token-ctl', 'nonsecure'],
    ['non-secure', 'tokens'],
  ] as const
  for (const [id, from] of starts) {
    const { situation } = await paper(t, '10.5.2', from)
    const { steps } = planOf(id, { ...situation, reach: { cli: false, axl: true, controlCenter: true } })
    const at = steps.findIndex(({ does }) => does.do === 'set-mode')
    t.regex(steps[at]?.instructions.at(-1) ?? '', /^Restart nothing now/, id)
    const kept = { is: 'serves-kept', nodes: ['lab-pub', 'lab-sub1', 'lab-sub2'] } as const
    t.deepEqual([steps[at + 1]?.needs, steps[at + 1]?.until], [[kept], [kept]], id)
    t.is(steps[at + 2]?.does.do, 'publish', id)
  }
  const { situation } = await paper(t, '10.5.2', 'nonsecure')
  const own = planOf('mixed-mode-tokenless', { ...situation, reach: { ...situation.reach, cli: false } })
  t.false(
    own.steps.some(({ instructions }) => instructions.some((line) => line.startsWith('Restart nothing'))),
  )
})

test('without Control Center a person restarts TVS where the file lies, before the pilots', async (t) => {
  const { situation } = await paper(t, '10.5.2', 'tokenless')
  const blind = { ...situation, reach: { cli: true, axl: false, controlCenter: false } }
  const { steps } = planOf('tokenless-to-tokens', blind)
  const restart = steps.findIndex(({ id }) => id.endsWith('restart-tvs'))
  t.is(steps[restart]?.actor, 'person')
  t.deepEqual(steps[restart]?.until, [{ is: 'said', statement: 'TVS_RESTARTED' }])
  t.deepEqual(
    steps.slice(restart + 1, restart + 3).map(({ id }) => id.slice(3)),
    ['tvs-after', 'pilots-new'],
  )
  const services = steps.find(({ id }) => id.endsWith('restart-services'))
  t.false(services?.instructions.some((line) => line.includes('Trust Verification')))
})

test('TVS without a file of its own is restarted after the pilots, as the other services', async (t) => {
  const { situation } = await paper(t, '10.5.2', 'tokenless')
  const plan = planOf(
    'tokenless-to-tokens',
    withNode(situation, 'lab-sub2', { runs: ['tvs', 'callmanager'] }),
  )
  const [before = '', after = ''] = rows(plan).join(' ').split('pilots-new')
  const tvsOf = (text: string) => text.match(/verification-service-\w+/g)
  t.deepEqual(tvsOf(before), ['verification-service-pub', 'verification-service-sub1'])
  t.deepEqual(tvsOf(after), ['verification-service-sub2'])
})

test('the last reading of a pilot restarts nothing: a person says when CallManager may', async (t) => {
  const { situation } = await paper(t, '10.5.2', 'tokenless')
  const { steps, interruptions } = planOf('tokenless-to-tokens', situation)
  const first = steps.findIndex(({ does }) => does.do === 'restart' && does.service === 'Cisco CallManager')
  t.deepEqual(steps[first - 1]?.until, [{ is: 'said', statement: 'RESTARTS_MAY_BEGIN' }])
  t.true(steps[first - 2]?.instructions.some((line) => line.includes('once you say that they may begin')))
  t.true(interruptions.some((line) => line.includes('do not wait for phones')))
})

test('CTIManager is left out where Control Center says that it does not run, and the plan says so', async (t) => {
  const { situation } = await paper(t, '10.5.2', 'tokenless')
  const restarted = (state: string) => {
    const services = { 'Cisco CTIManager': seen(state), 'Cisco CallManager': seen('Started') }
    const plan = planOf('tokenless-to-tokens', withNode(situation, 'lab-sub1', { services }))
    const nodes = plan.steps.flatMap(({ does }) =>
      does.do === 'restart' && does.service === 'Cisco CTIManager' ? [does.node] : [],
    )
    return [nodes, plan.assumptions.some((line) => line.includes('CTIManager does not run on lab-sub1'))]
  }
  t.deepEqual(restarted('Not Activated'), [['lab-pub', 'lab-sub2'], true])
  t.deepEqual(restarted('Started'), [['lab-pub', 'lab-sub1', 'lab-sub2'], false])
})

test('a signer that comes into being on the way: every TVS is asked for it before the pilots', async (t) => {
  const { situation } = await paper(t, '11.5', 'tokenless')
  const idsOf = (node: string) =>
    rows(planOf('regenerate-tokenless', situation, { regenerate: { what: 'CallManager', node } }))
  const ids = idsOf('lab-pub')
  const at = ids.indexOf('tvs-knows-signer')
  t.deepEqual([ids[at - 1], ids[at + 1]], ['keep-new', 'pilots-new (person)'])
  t.false(idsOf('lab-sub1').includes('tvs-knows-signer'))
})

test('a certificate is regenerated where an ITL shows it', async (t) => {
  const { situation } = await paper(t, '12.5', 'tokenless')
  const pub = withNode(situation, 'lab-pub', { runs: ['publisher', 'tvs', 'callmanager'] })
  const recovery = planOf('regenerate-tokenless', pub, {
    regenerate: { what: 'ITLRecovery', node: 'lab-pub' },
  })
  const step = recovery.steps.find(({ does }) => does.do === 'regenerate')
  t.true(step?.instructions.some((line) => line.startsWith('Then restart Cisco Tftp on lab-sub1')))
  t.false(step?.instructions.some((line) => line.includes('Cisco Tftp on lab-pub')))

  const regenerate = { what: 'CallManager', node: 'lab-pub' } as const
  const refused = makePlan('regenerate-tokenless', pub, { ...wishes, regenerate })
  t.regex('impossible' in refused ? refused.impossible : '', /runs no TFTP/)
  t.notThrows(() => planOf('regenerate-tokenless', pub, { regenerate: { ...regenerate, isDone: true } }))
})

test('without a command line a person types, and is believed when the nodes serve it', async (t) => {
  const { situation } = await paper(t, '11.5', 'tokens')
  const blind = { ...situation, reach: { cli: false, axl: false, controlCenter: false } }
  const plan = planOf('tokens-to-tokenless', blind)
  t.deepEqual(rows(plan), [
    'keep-files',
    'hard-stop (person)',
    'update-ctl-file (person)',
    'keep-new',
    'pilots-new (person)',
    'restart-services (person)',
    'reset-new (person)',
  ])
  t.deepEqual(plan.steps[2]?.until, [
    { is: 'signed-by', holder: 'call-manager', nodes: ['lab-pub', 'lab-sub1', 'lab-sub2'] },
  ])
  t.deepEqual(plan.steps[5]?.until, [{ is: 'said', statement: 'SERVICES_RESTARTED' }])
})
