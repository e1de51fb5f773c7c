/** A double at the port of migrations: one migration that stands where the test puts it, and what was asked of it. */
import { BridgeError } from '../../daemon/bridge-error.js'
import type { Migrations, MigrationView, PlanAnswer } from '../../daemon/migration/desk/migrations.js'
import type { Plan, Step } from '../../daemon/migration/plan/plan.js'
import { makeReport } from '../../daemon/migration/report/make-report.js'
import type { MigrationReport } from '../../daemon/migration/report/report.js'
import type { Caller } from '../../daemon/principal.js'
import { answer } from '../../daemon/trust/phones/phone-acceptance.js'
import { aPlan, aRecord, aSituation, keptBefore, stepOf } from '../migration/a-record.js'

const nothing = { by: 'nothing' } as const
const step = (id: string, rest: Partial<Step>): Step => ({
  id,
  actor: 'daemon',
  title: id,
  instructions: [],
  does: { do: 'wait' },
  needs: [],
  until: [],
  undo: nothing,
  ...rest,
})

export const scriptedSteps: readonly Step[] = [
  step('01-keep-files', {
    title: 'Keep CTL and ITL of pub and sub in the store',
    does: { do: 'keep-files' },
  }),
  step('02-hard-stop', {
    actor: 'person',
    title: 'Look at the findings, then say go',
    instructions: ['Nothing has changed for phones so far. From here on it does.'],
    does: { do: 'hard-stop' },
    until: [{ is: 'findings-answered' }, { is: 'said', statement: 'GO' }],
  }),
  step('03-sign-new', {
    actor: 'token',
    title: 'Sign it with token aa11',
    instructions: ['Plug in token aa11 (first) and unlock it for one use: ctl-bridge migrate unlock.'],
    does: { do: 'sign', artifact: 'new', from: 'draft', token: 'aa11' },
    needs: [{ is: 'token-unlocked', token: 'aa11' }],
  }),
  step('04-upload-new-sub', {
    actor: 'person',
    title: 'Upload the file on sub and restart Cisco Tftp there',
    instructions: [
      'ctl-bridge migrate file --out CTLFile.tlv writes the file to upload. Its name must be CTLFile.tlv.',
      'On sub: OS Administration → Software Upgrades → TFTP File Management → Upload File.',
    ],
    does: { do: 'publish', artifact: 'new', nodes: ['sub'] },
    until: [{ is: 'serves', what: 'new', nodes: ['sub'] }],
    undo: { by: 'restoring-files' },
  }),
  step('05-pilots-new', {
    actor: 'person',
    title: 'Reset one phone of each model and see that it takes the file',
    instructions: ['Reset one phone of each model, and no other.'],
    does: { do: 'reset-phones', which: 'pilots' },
    until: [{ is: 'pilots-accepted', what: 'new' }],
    phones: 'the pilots restart',
  }),
]

export const scriptedPlan: Plan = {
  id: 'tokenless-to-tokens',
  cluster: 'krakow',
  title: 'Revert: tokenless → tokens',
  release: '10.5.2',
  steps: scriptedSteps,
  tokens: ['aa11', 'bb22'],
  assumptions: ['TVS of every node vouches for the tokens.'],
  interruptions: ['Each phone restarts once.'],
}

const acceptance = answer('NO_SECURITY_BY_DEFAULT', 'The device cannot ask TVS.')

export const scriptedAnswer: PlanAnswer = {
  plan: scriptedPlan,
  findings: [
    {
      code: 'DEVICES_WITHOUT_SBD',
      severity: 'warning',
      detail: '12 devices of Cisco 7960 cannot ask TVS.',
      at: 'Cisco 7960',
      devices: 12,
      remedy: 'Plan a visit to each.',
    },
  ],
  prediction: [{ holds: 'before', model: 'Cisco 7960', devices: 12, acceptance }],
}

export interface ScriptedMigrations {
  readonly migrations: Migrations
  /** What was asked, a line each: verb and what it was asked with. Never a PIN. */
  readonly story: string[]
  /** Puts migrations in place of those that are there. */
  readonly put: (...views: MigrationView[]) => void
  /** What `plan` and `planRollback` answer from here on. */
  readonly answer: (answer: PlanAnswer) => void
  readonly files: Map<string, Uint8Array | 'none'>
  /** Called by `unlock`, with the PIN; rejects as a token would. */
  readonly onUnlock: { try: (pin: string) => Promise<void> }
  /** What the last `plan` or `start` was asked with. */
  readonly asked: () => unknown
}

/** A migration that stands at the step of this number, from 1. */
export function scriptedView(at: number, more: Partial<MigrationView> = {}): MigrationView {
  const current = scriptedSteps[at - 1]?.id
  return {
    id: 'k7f2',
    cluster: 'krakow',
    plan: scriptedPlan,
    state: current === undefined ? 'done' : 'running',
    startedAt: '2026-03-01T10:00:00.000Z',
    startedBy: { keyId: 'k', name: 'ann' },
    steps: scriptedSteps.map((step, index) => ({
      ...step,
      phase: index + 1 < at ? 'done' : index + 1 === at ? 'told' : 'to-come',
      ...(index + 1 <= at && { beganAt: `2026-03-01T10:0${index}:00.000Z` }),
      ...(index + 1 < at && { endedAt: `2026-03-01T10:0${index}:30.000Z` }),
    })),
    ...(current !== undefined && { current }),
    findings: scriptedAnswer.findings.map((finding) => ({ ...finding, acknowledged: at > 2 })),
    waits: [],
    said: [],
    readings: [],
    files: [
      { name: 'before/pub/CTLFile.tlv', sha256: 'ab'.repeat(32), length: 4947 },
      { name: 'before/sub/CTLFile.tlv', sha256: undefined, length: 0 },
    ],
    ...more,
  }
}

/** The real report, of a migration on paper that has come as far as its signature. */
function reportOf({ id, cluster, state, startedAt, startedBy }: MigrationView): MigrationReport {
  const situation = aSituation()
  const plan = aPlan('tokenless-to-tokens', situation)
  const record = aRecord(plan, situation, keptBefore(situation), stepOf(plan, 'sign-new').id)
  const kept = { id, cluster, state, startedAt, startedBy }
  return makeReport({ kept, record, madeAt: '2026-03-02T10:00:00.000Z' })
}

export function scriptMigrations(): ScriptedMigrations {
  const story: string[] = []
  const files = new Map<string, Uint8Array | 'none'>()
  const onUnlock: ScriptedMigrations['onUnlock'] = { try: async () => undefined }
  let views: MigrationView[] = []
  let planned = scriptedAnswer
  let asked: unknown
  const find = (id: string): MigrationView => {
    const view = views.find((one) => one.id === id)
    if (view !== undefined) return view
    throw new BridgeError('MIGRATION_UNKNOWN', `There is no migration ${id}.`, { migration: id })
  }
  const put = (...given: MigrationView[]) => {
    views = given
  }
  const change = (id: string, more: Partial<MigrationView>): MigrationView => {
    const changed = { ...find(id), ...more }
    views = views.map((view) => (view.id === id ? changed : view))
    return changed
  }
  const tell = (verb: string, { principal }: Caller, ...rest: string[]) =>
    story.push([verb, principal.name, ...rest].join(' '))
  const migrations: Migrations = {
    plan: async (request) => {
      asked = request
      return planned
    },
    start: async (caller, request) => {
      asked = request
      tell('start', caller, request.cluster, request.plan, ...request.said)
      const view = scriptedView(2)
      views = [view, ...views]
      return view
    },
    list: async () => views,
    get: async (id) => find(id),
    resume: async (caller, id) => {
      tell('resume', caller, id)
      const { stopped: _, ...view } = change(id, { state: 'running' })
      put(view)
      return view
    },
    stop: async (caller, id) => {
      tell('stop', caller, id)
      const detail = `${caller.principal.name} stopped it.`
      const stopped = {
        by: 'person',
        code: 'MIGRATION_STOPPED',
        detail,
        remedy: 'Resume it.',
        at: {},
      } as const
      return change(id, { state: 'stopped', stopped })
    },
    abandon: async (caller, id, note) => {
      tell('abandon', caller, id, note)
      return change(id, { state: 'abandoned' })
    },
    acknowledge: async (caller, id, code, note) => {
      const { findings } = find(id)
      if (!findings.some((finding) => finding.code === code)) {
        throw new BridgeError('MIGRATION_NOTHING_TO_ANSWER', `${code} was not found here.`, { migration: id })
      }
      tell('acknowledge', caller, id, code, note)
      return change(id, {
        findings: findings.map((one) => (one.code === code ? { ...one, acknowledged: true } : one)),
      })
    },
    say: async (caller, id, statement, note) => {
      tell('say', caller, id, statement, note)
      const said = [
        ...find(id).said,
        { statement, by: caller.principal.name, at: '2026-03-01T10:05:00.000Z' },
      ]
      return change(id, { said })
    },
    again: async (caller, id, note) => {
      tell('again', caller, id, note)
      return find(id)
    },
    enter: async (caller, id, readings) => {
      tell(
        'enter',
        caller,
        id,
        ...readings.map(({ device, took, model }) => [device, took, model].filter(Boolean).join(':')),
      )
      return change(id, { readings })
    },
    unlock: async (caller, id, pin, { finalTry, repeatPin }) => {
      tell('unlock', caller, id, String(finalTry), String(repeatPin))
      await onUnlock.try(pin)
      return change(id, scriptedView(4))
    },
    file: async (id, name) => {
      find(id)
      const bytes = files.get(name)
      if (bytes !== undefined) return bytes
      throw new BridgeError('MIGRATION_FILE_UNKNOWN', `There is no file ${name}.`, { migration: id })
    },
    report: async (id) => reportOf(find(id)),
    planRollback: async (id) => {
      find(id)
      return planned
    },
    rollback: async (caller, id) => {
      tell('rollback', caller, id)
      const view = scriptedView(2, { id: 'back', rollbackOf: id })
      views = [view, ...views]
      return view
    },
    begin: async () => undefined,
    halt: async () => undefined,
  }
  return {
    migrations,
    story,
    put,
    answer: (given) => {
      planned = given
    },
    files,
    onUnlock,
    asked: () => asked,
  }
}
