/** The way back from every step of every plan: a plan that the runner takes, or the reason why there is none. */
import test from 'ava'
import type { WantedPlan } from '../../../daemon/migration/plan/make-plan.js'
import type { NoPlan, Plan } from '../../../daemon/migration/plan/plan.js'
import { isNoPlan } from '../../../daemon/migration/plan/usual.js'
import type { PlanWishes } from '../../../daemon/migration/plan/wishes.js'
import { planWayBack } from '../../../daemon/migration/rollback/plan-way-back.js'
import { checkPlan } from '../../../daemon/migration/runner/check-plan.js'
import type { Situation } from '../../../daemon/migration/situation/situation.js'
import { byTokensAndServers, signedFile, itl as usualItl } from '../../trust/acceptance-files.js'
import * as tac from '../../trust/tac-cluster.js'
import {
  aPlan,
  aRecord,
  aSituation,
  entriesOf,
  type HowFar,
  itl,
  keptBefore,
  stepOf,
  theTokens,
  tokenFile,
  tokenlessFile,
  written,
} from '../a-record.js'

interface Start {
  readonly situation: Situation
  readonly wishes?: Partial<PlanWishes>
  /** Steps that bar the way back, from the first on. */
  readonly barredFrom?: string
}

const nonSecure = { mode: { seen: 'non-secure', at: 'pub' } } as const
const asterisk = (ctl: Uint8Array | 'none'): Situation => {
  const { nodes, ...rest } = aSituation({ ctl, publishing: 'directory' })
  return {
    ...rest,
    kind: 'asterisk',
    reach: { cli: false, axl: false, controlCenter: false },
    nodes: nodes.slice(0, 1).map(({ tvs: _, ...node }) => ({ ...node, runs: ['tftp'] })),
  }
}
const byToken = { signer: 'T1', tokens: ['T1', 'T2'] }

const starts: Readonly<Partial<Record<WantedPlan, Start>>> = {
  'mixed-mode-tokenless': { situation: aSituation({ ctl: 'none', over: nonSecure }) },
  'tokens-to-tokenless': { situation: aSituation({ ctl: signedFile(byTokensAndServers) }) },
  'tokenless-to-tokens': { situation: aSituation() },
  'first-token-ctl': { situation: aSituation({ ctl: 'none', over: nonSecure }) },
  'update-token-ctl': { situation: aSituation({ ctl: tokenFile }), wishes: byToken },
  'regenerate-tokenless': {
    situation: aSituation(),
    wishes: { regenerate: { what: 'CallManager', node: 'pub' } },
    barredFrom: 'regenerate-callmanager-pub',
  },
  'before-downgrade': { situation: aSituation() },
  'non-secure': { situation: aSituation() },
  'stale-file': { situation: aSituation({ over: nonSecure }) },
  'asterisk-first': { situation: asterisk('none') },
  'asterisk-update': { situation: asterisk(tokenFile) },
  'asterisk-signer': { situation: asterisk(tokenFile) },
}

const made = { draft: tokenFile, new: tokenFile, bridge: tokenFile }

function wayBackAt(start: Start, plan: Plan, step: string, howFar: HowFar) {
  const kept = { ...keptBefore(start.situation), ...made }
  return planWayBack(aRecord(plan, start.situation, kept, step, howFar), start.situation)
}

for (const [id, start] of Object.entries(starts)) {
  test(`there is a way back from every step of ${id}, and the runner takes it`, (t) => {
    const plan = aPlan(id as WantedPlan, start.situation, start.wishes)
    const barred = plan.steps.findIndex((step) => step.id.endsWith(start.barredFrom ?? '-'))
    for (const [index, step] of plan.steps.entries()) {
      for (const howFar of ['begun', 'seen'] as const) {
        const back = wayBackAt(start, plan, step.id, howFar)
        const where = `${step.id} ${howFar}`
        t.is(isNoPlan(back.plan), barred >= 0 && index >= barred, where)
        if (isNoPlan(back.plan)) continue
        t.notThrows(() => checkPlan(back.plan as Plan), where)
        const after = plan.steps.slice(0, index + 1).map(({ undo }) => undo.by)
        t.is(
          back.plan.steps.some(({ does }) => does.do === 'restore-files'),
          after.includes('restoring-files') || after.includes('mode'),
          where,
        )
        t.is(
          back.plan.steps.some(({ does }) => does.do === 'set-mode'),
          after.includes('mode'),
          where,
        )
        t.is(
          back.plan.steps.some(({ does }) => does.do === 'remove-certificates'),
          after.includes('removing-uploads'),
          where,
        )
      }
    }
  })
}

test('a plan of which nothing was begun has nothing to take back, and says so', (t) => {
  const situation = aSituation()
  const plan = aPlan('tokenless-to-tokens', situation)
  const { files } = aRecord(plan, situation, {})
  const back = planWayBack({ plan, situation, entries: [], files }, situation)
  t.deepEqual(ids(back.plan), ['01-nothing-changed'])
  t.deepEqual(back.prediction, [])
})

const ids = (plan: Plan | NoPlan): string[] => (isNoPlan(plan) ? [] : plan.steps.map(({ id }) => id))

test('the revert goes back by the files, restarts, pilots, then the rest, and the uploads last', (t) => {
  const situation = aSituation()
  const plan = aPlan('tokenless-to-tokens', situation)
  const record = aRecord(plan, situation, { ...keptBefore(situation), new: tokenFile })
  const now = aSituation({
    ctl: tokenFile,
    known: [tac.publisher.der, tac.firstToken.der, tac.secondToken.der],
  })
  t.deepEqual(ids(planWayBack(record, now).plan), [
    '01-keep-files',
    '02-hard-stop',
    '03-restore-files',
    '04-restart-tftp-pub',
    '05-restart-tftp-sub',
    '06-restart-trust-verification-service-pub',
    '07-restart-trust-verification-service-sub',
    '08-pilots-before',
    '09-restarts-begin',
    '10-restart-callmanager-pub',
    '11-restart-ctimanager-pub',
    '12-restart-callmanager-sub',
    '13-restart-ctimanager-sub',
    '14-reset-before',
    '15-remove-uploads',
  ])
})

test('the mode goes back before the files, because the command line builds one of its own', (t) => {
  const situation = aSituation({ ctl: tokenlessFile })
  const plan = aPlan('non-secure', situation)
  const steps = ids(wayBackAt({ situation }, plan, stepOf(plan, 'mode-non-secure').id, 'begun').plan)
  const mode = steps.findIndex((id) => id.endsWith('mode-mixed'))
  const files = steps.findIndex((id) => id.endsWith('restore-files'))
  t.true(mode > 0 && files === mode + 1, steps.join(' '))
})

test('who signed the file from before is uploaded first where a TVS does not vouch for them', (t) => {
  // Tokens to tokenless on 10.5: the token is no SAST of the tokenless file, and was never uploaded.
  const situation = aSituation({ ctl: tokenFile })
  const plan = aPlan('tokens-to-tokenless', aSituation({ ctl: signedFile(byTokensAndServers) }))
  const record = aRecord(plan, situation, { ...keptBefore(situation), new: tokenlessFile })
  const upload = (now: Situation) => {
    const { plan: back } = planWayBack(record, now)
    return isNoPlan(back) ? undefined : back.steps.find(({ does }) => does.do === 'upload-certificates')
  }
  const missing = upload(aSituation({ ctl: tokenlessFile }))
  t.deepEqual(missing?.does.do === 'upload-certificates' && missing.does.sha256, [theTokens[0]?.sha256])
  t.true(missing?.instructions[0]?.includes('token export T1'))
  t.is(upload(aSituation({ ctl: tokenlessFile, known: [tac.firstToken.der] })), undefined)
})

test('a node without a file before gets none: a person deletes it, and phones have nothing to take', (t) => {
  const situation = aSituation({ ctl: 'none', over: nonSecure })
  const plan = aPlan('mixed-mode-tokenless', situation)
  const record = aRecord(plan, situation, { ...keptBefore(situation), new: tokenlessFile })
  const { plan: back, prediction } = planWayBack(record, aSituation())
  t.true(ids(back).some((id) => id.endsWith('delete-ctl-sub')))
  t.false(ids(back).some((id) => id.includes('pilots')))
  t.false(
    isNoPlan(back) || !back.assumptions.some((text) => text.includes('keep it until somebody deletes it')),
  )
  const answers = prediction.map(({ holds, acceptance }) => `${holds}: ${acceptance.reason}`)
  t.deepEqual([...new Set(answers)], ['no CTL: NONE_AS_BEFORE', 'the new file: KEEPS_ITS_FILE'])
})

test('what cannot be taken back is said with the reason', (t) => {
  const situation = aSituation()
  const plan = aPlan('regenerate-tokenless', situation, { regenerate: { what: 'CallManager', node: 'pub' } })
  const step = stepOf(plan, 'regenerate-callmanager-pub').id
  const told = wayBackAt({ situation }, plan, step, 'begun').plan
  const done = wayBackAt({ situation }, plan, step, 'seen').plan
  t.true('impossible' in told && told.impossible.includes('was begun, and may have been done'))
  t.true('impossible' in done && done.impossible.includes('was done, and cannot be undone: A new key'))

  const revert = aPlan('tokenless-to-tokens', situation)
  const publish = stepOf(revert, 'publish-new').id
  const unseen = { ...situation, nodes: situation.nodes.map(({ ctl: _, ...node }) => node) }
  const notKept = planWayBack(aRecord(revert, unseen, { new: tokenFile }, publish, 'begun'), unseen).plan
  t.is('impossible' in notKept && notKept.impossible, 'What pub and sub served before was not kept.')

  const modeUnseen = { ...situation, mode: { unseen: 'no answer', at: 'pub' } }
  const leaving = aPlan('non-secure', situation)
  const mode = stepOf(leaving, 'mode-non-secure').id
  const noMode = planWayBack(aRecord(leaving, modeUnseen, keptBefore(situation), mode), modeUnseen).plan
  t.true('impossible' in noMode && noMode.impossible.startsWith('The mode of the cluster was not seen'))
})

test('an upload that a TVS may have known before is not deleted', (t) => {
  const known = [tac.publisher.der, tac.firstToken.der]
  const situation = aSituation({ known })
  const plan = aPlan('tokenless-to-tokens', situation)
  const { plan: back } = planWayBack(
    aRecord(plan, situation, keptBefore(situation), stepOf(plan, 'upload-tokens').id),
    situation,
  )
  const removal = isNoPlan(back)
    ? undefined
    : back.steps.find(({ does }) => does.do === 'remove-certificates')
  t.deepEqual(removal?.does.do === 'remove-certificates' && removal.does.sha256, [theTokens[1]?.sha256])
})

test('nodes that differ, as after a kill in the middle of publishing, do not bar the way back', (t) => {
  const situation = aSituation()
  const plan = aPlan('tokenless-to-tokens', situation)
  const record = aRecord(
    plan,
    situation,
    { ...keptBefore(situation), new: tokenFile },
    stepOf(plan, 'publish-new').id,
    'begun',
  )
  const { findings } = planWayBack(record, aSituation({ ctl: tokenFile, onSub: tokenlessFile }))
  t.deepEqual(
    findings.filter(({ severity }) => severity === 'error'),
    [],
  )
  t.is(findings.find(({ code }) => code === 'NODES_DIFFER')?.severity, 'info')
})

test('a way back can be taken back itself', (t) => {
  const situation = aSituation()
  const plan = aPlan('tokenless-to-tokens', situation)
  const first = aRecord(plan, situation, { ...keptBefore(situation), new: tokenFile })
  const now = aSituation({ ctl: tokenFile, known: everyToken })
  const back = planWayBack(first, now).plan
  if (isNoPlan(back)) return t.fail()
  const record = { ...aRecord(back, now, keptBefore(now)), takenBack: first }
  const forth = planWayBack(record, situation)
  t.true(ids(forth.plan).some((id) => id.endsWith('restore-files')))
  // The tokens were taken out of Phone-SAST-trust by the way back.
  t.true(ids(forth.plan).some((id) => id.endsWith('upload-signers')))
  t.deepEqual(
    [...new Set(forth.prediction.map(({ holds }) => holds))],
    ['the file from before (migration taken back)', 'the new file (migration taken back)'],
  )
  return undefined
})

const everyToken = [tac.publisher.der, tac.firstToken.der, tac.secondToken.der]

test('a server with a new certificate that the file from before does not list is told of the way back', (t) => {
  const situation = aSituation({ ctl: tokenFile })
  const plan = aPlan('update-token-ctl', situation, byToken)
  const record = aRecord(plan, situation, { ...keptBefore(situation), new: tokenFile })
  const codesAt = (now: Situation) =>
    planWayBack(record, now).findings.flatMap(({ code, at, severity }) =>
      code === 'SERVER_NOT_LISTED' ? [`${at} ${severity}`] : [],
    )
  t.deepEqual(codesAt(withItl(situation, itl)), [])
  const regenerated = signedFile({ ...usualItl, signer: tac.newPublisher, server: tac.newPublisher })
  t.deepEqual(codesAt(withItl(situation, regenerated)), ['pub warning'])
})

/** As the publisher serves it. */
const withItl = (situation: Situation, bytes: Uint8Array): Situation => ({
  ...situation,
  nodes: situation.nodes.map((node) =>
    node.name === 'pub' ? { ...node, itl: { seen: bytes, at: 'pub' } } : node,
  ),
})

test('certificates of the file from before that ran out are told of the way back', (t) => {
  const situation = aSituation()
  const plan = aPlan('tokenless-to-tokens', situation)
  const record = aRecord(plan, situation, { ...keptBefore(situation), new: tokenFile })
  const late = { ...situation, at: '2126-01-01T00:00:00.000Z' }
  const expired = (now: Situation) =>
    planWayBack(record, now).findings.filter(({ code }) => code === 'CERTIFICATE_EXPIRED').length
  t.is(expired(situation), 0)
  t.true(expired(late) > 0)
})

test('publishing that was never probed, or failed, is told of a way back that puts files, and bars none', (t) => {
  const situation = aSituation({ ctl: tokenFile })
  const plan = aPlan('tokens-to-tokenless', aSituation({ ctl: signedFile(byTokensAndServers) }))
  const record = aRecord(plan, situation, { ...keptBefore(situation), new: tokenlessFile })
  const probed = (probe: Situation['nodes'][number]['probe']) => {
    const now = aSituation({ ctl: tokenlessFile })
    const nodes = now.nodes.map(({ probe: _, ...node }) => ({ ...node, ...(probe && { probe }) }))
    return planWayBack(record, { ...now, nodes }).findings.flatMap(({ code, severity }) =>
      code.startsWith('PROBE') ? [`${code} ${severity}`] : [],
    )
  }
  const at = '2026-03-01T08:00:00.000Z'
  t.deepEqual(probed({ outcome: 'worked', at }), [])
  t.deepEqual(probed(undefined), ['PROBE_NOT_DONE warning', 'PROBE_NOT_DONE warning'])
  t.deepEqual(probed({ outcome: 'failed', at }), ['PROBE_FAILED warning', 'PROBE_FAILED warning'])
})

test('GO and nothing else of what was said carries over', (t) => {
  const situation = aSituation({ over: { said: [] } })
  const plan = aPlan('tokenless-to-tokens', situation)
  const { files } = aRecord(plan, situation, { ...keptBefore(situation), new: tokenFile })
  const said = { kind: 'said', by: 'Anna', facts: { statement: 'NOT_FIPS', note: '' } } as const
  const codes = (entries: Parameters<typeof written>[0]) => {
    const record = { plan, situation, entries: written(entries), files }
    return planWayBack(record, situation).findings.map(({ code }) => code)
  }
  const steps = plan.steps.flatMap((step) => entriesOf(step))
  t.true(codes(steps).includes('FIPS_NOT_EXCLUDED'))
  t.false(codes([...steps, said]).includes('FIPS_NOT_EXCLUDED'))
})
