/** The steps of plans in their order, as a reader of TAC 118893 and the Security Guides would judge them. */
import test from 'ava'
import { makePlan, type WantedPlan } from '../../../daemon/migration/plan/make-plan.js'
import type { Plan } from '../../../daemon/migration/plan/plan.js'
import { isNoPlan } from '../../../daemon/migration/plan/usual.js'
import type { PlanWishes } from '../../../daemon/migration/plan/wishes.js'
import type { Situation } from '../../../daemon/migration/situation/situation.js'
import type { LabRelease, LabState } from '../../../lab/model/lab-cluster.js'
import { paper, serials, withNodes } from './paper-situation.js'

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
      'tvs-after',
      ...newFile,
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
      'publish-new',
      ...tftp,
      'tvs-after',
      ...newFile,
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
    steps: ['keep-files', 'look-at-other-side (person)'],
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
    rows(plan).slice(5, 8),
    ['mode-mixed', 'upload-new (person)', 'tvs-after'],
    'no restart of its own between',
  )
  const upload = plan.steps[6]
  t.deepEqual(upload?.does, { do: 'publish', artifact: 'new', nodes: ['lab-pub', 'lab-sub1', 'lab-sub2'] })
  const told = upload?.instructions ?? []
  const warned = told.findIndex((line) => line.startsWith('Restart nothing before'))
  t.true(warned > 0 && warned < told.findIndex((line) => line.startsWith('Then restart')))
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
