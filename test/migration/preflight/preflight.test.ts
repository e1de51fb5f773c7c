/** Every finding: brought about by one change of a cluster that has none, and gone without it. */
import test from 'ava'
import { makePlan, type WantedPlan } from '../../../daemon/migration/plan/make-plan.js'
import type { Plan } from '../../../daemon/migration/plan/plan.js'
import { isNoPlan } from '../../../daemon/migration/plan/usual.js'
import type { PlanWishes } from '../../../daemon/migration/plan/wishes.js'
import { preflightTable } from '../../../daemon/migration/preflight/finding-table.js'
import { preflight, refusalFindings } from '../../../daemon/migration/preflight/preflight.js'
import type { Situation } from '../../../daemon/migration/situation/situation.js'
import type { LabRelease, LabState } from '../../../lab/model/lab-cluster.js'
import { temporaryLab } from '../../lab/model/temporary-lab.js'
import { makeCertificate, rsaKey } from '../../trust/make-certificate.js'
import { paper, quickKeys, serials, sha256, situationOf, unseen, withNode } from '../plan/paper-situation.js'
import { findingRows, unsaid } from './finding-rows.js'

const wishes: PlanWishes = { tokens: serials, edits: [] }

function planned(id: WantedPlan, situation: Situation, more: Partial<PlanWishes> = {}): Plan {
  const plan = makePlan(id, situation, { ...wishes, ...more })
  if (isNoPlan(plan)) throw new Error(plan.impossible)
  return plan
}

for (const {
  code,
  plan: id = 'tokenless-to-tokens',
  on = '10.5.1',
  from = 'tokenless',
  ...row
} of findingRows) {
  test(`${code} is found`, async (t) => {
    const { situation } = await paper(t, on, from)
    const changed = row.change(situation)
    const isOther = sha256(changed.tokens[0]?.certificate ?? new Uint8Array()) !== situation.tokens[0]?.sha256
    const plan = planned(id, isOther ? changed : situation, row.wishes)
    const found = preflight(plan, changed).filter((finding) => finding.code === code)
    t.true(found.length > 0, `nothing among ${preflight(plan, changed).map((finding) => finding.code)}`)
    t.regex(found[0]?.detail ?? '', row.says)
    if (row.at !== undefined) t.is(found[0]?.at, row.at)
    t.is(found[0]?.severity, preflightTable[code].severity)
    if (changed !== situation) {
      t.false(
        preflight(plan, situation).some((finding) => finding.code === code),
        'and not without it',
      )
    }
  })
}

/** Who is left behind: models and counts, by plan. */
const strandings: readonly {
  readonly plan: WantedPlan
  readonly on: LabRelease
  readonly from: LabState
  readonly wishes?: Partial<PlanWishes>
  readonly stranded: readonly string[]
  readonly asking?: number
}[] = [
  {
    plan: 'tokenless-to-tokens',
    on: '10.5.2',
    from: 'tokenless',
    stranded: ['Cisco 7940 40', 'Cisco Jabber for Tablet 30'],
    asking: 605,
  },
  {
    plan: 'before-downgrade',
    on: '12.5',
    from: 'tokenless',
    stranded: ['Cisco 7940 40', 'Cisco Jabber for Tablet 30'],
    asking: 605,
  },
  { plan: 'tokens-to-tokenless', on: '10.5.2', from: 'tokens', stranded: [] },
  { plan: 'tokens-to-tokenless', on: '12.5', from: 'tokens', stranded: [] },
  {
    plan: 'tokens-to-tokenless',
    on: '10.5.2',
    from: 'tokens',
    wishes: { tokens: [], tokensLost: true },
    stranded: ['Cisco 7940 40', 'Cisco Jabber for Tablet 30'],
    asking: 605,
  },
  { plan: 'update-token-ctl', on: '9.1', from: 'tokens', stranded: [] },
  { plan: 'mixed-mode-tokenless', on: '12.5', from: 'nonsecure', stranded: [] },
  { plan: 'first-token-ctl', on: '11.5', from: 'nonsecure', stranded: [] },
  { plan: 'non-secure', on: '10.5.2', from: 'tokens', stranded: [] },
  {
    plan: 'regenerate-tokenless',
    on: '11.5',
    from: 'tokenless',
    wishes: { regenerate: { what: 'CallManager', node: 'lab-pub' } },
    stranded: ['Cisco 7940 40', 'Cisco Jabber for Tablet 30'],
    asking: 605,
  },
  {
    plan: 'regenerate-tokenless',
    on: '11.5',
    from: 'tokenless',
    wishes: { regenerate: { what: 'CallManager', node: 'lab-sub1' } },
    stranded: [],
  },
  {
    plan: 'regenerate-tokenless',
    on: '12.5',
    from: 'tokenless',
    wishes: { regenerate: { what: 'CallManager', node: 'lab-pub' } },
    stranded: [],
  },
  {
    plan: 'regenerate-tokenless',
    on: '12.5',
    from: 'tokenless',
    wishes: { regenerate: { what: 'ITLRecovery', node: 'lab-pub' } },
    stranded: ['Cisco 7940 40', 'Cisco Jabber for Tablet 30'],
    asking: 605,
  },
  {
    plan: 'regenerate-tokenless',
    on: '12.5',
    from: 'tokenless',
    wishes: { regenerate: { what: 'ITLRecovery', node: 'lab-pub', through: 'local-key' } },
    stranded: [],
  },
]

for (const { plan: id, on, from, wishes: more, stranded, asking } of strandings) {
  const how = more === undefined ? '' : ` (${JSON.stringify({ ...more, tokens: undefined })})`
  test(`${id} on ${on}${how} leaves behind ${stranded.join(', ') || 'nobody'}`, async (t) => {
    const { situation } = await paper(t, on, from)
    const findings = preflight(planned(id, situation, more), situation)
    const left = findings.filter(({ code }) => code === 'DEVICES_WITHOUT_SBD')
    t.deepEqual(
      left.map(({ at, devices }) => `${at} ${devices}`),
      stranded,
    )
    t.is(findings.find(({ code }) => code === 'SIGNER_NOT_TRUSTED')?.devices, asking)
    const unclear = findings.filter(({ code }) => code === 'DEVICES_UNKNOWN')
    t.deepEqual(
      unclear.map(({ at, devices }) => `${at} ${devices}`),
      asking === undefined ? [] : ['Cisco 9971 5'],
    )
  })
}

test('a first token CTL says of whom it is not known', async (t) => {
  const { situation } = await paper(t, '10.5.2', 'nonsecure')
  const [found] = preflight(planned('first-token-ctl', situation), situation).filter(
    ({ code }) => code === 'FIRST_CTL_UNKNOWN',
  )
  t.is(found?.devices, 605)
  t.regex(found?.detail ?? '', /may trust it, or ask TVS/)
})

test('what must be fetched first is said of both ways to tokenless', async (t) => {
  const told = async (release: LabRelease) => {
    const { situation } = await paper(t, release, 'tokens')
    const findings = preflight(planned('tokens-to-tokenless', situation), situation)
    return findings.find(({ code }) => code === 'PHONES_MUST_FETCH_FIRST')?.detail ?? ''
  }
  t.regex(await told('10.5.2'), /bridge file/)
  t.regex(await told('12.5'), /made on \d{4}-\d\d-\d\d.*12\.0 or later/)
  t.notRegex(await told('11.5'), /12\.0/)
})

test('a token that goes leaves one, and preflight says so', async (t) => {
  const { situation, lab } = await paper(t, '10.5.2', 'tokens')
  const lost = sha256(lab.tokens[0]?.certificate ?? new Uint8Array())
  const edits = [{ edit: 'remove', certificate: lost } as const]
  const codes = (more: Partial<PlanWishes>) =>
    preflight(planned('update-token-ctl', situation, { tokens: [], ...more }), situation).map(
      ({ code }) => code,
    )
  t.true(codes({ edits, signer: serials[1] }).includes('ONE_TOKEN_LEFT'))
  t.false(codes({ signer: serials[1] }).includes('ONE_TOKEN_LEFT'))
})

test('a server with a new certificate that the file would not list is named', async (t) => {
  const lab = await temporaryLab(t, { release: '10.5.2', state: 'tokens', nodes: 2, newKey: quickKeys() })
  const [, sub] = lab.nodes
  if (sub === undefined) return t.fail('no subscriber')
  const old = sha256(sub.callManager().certificate)
  await lab.regenerate('CallManager', sub)
  await sub.restart('Cisco Tftp')
  const situation = situationOf(lab)
  const find = (edits: PlanWishes['edits']) =>
    preflight(planned('update-token-ctl', situation, { tokens: [], edits }), situation).filter(
      ({ code }) => code === 'SERVER_NOT_LISTED',
    )
  t.deepEqual(
    find([]).map(({ at }) => at),
    [sub.name],
  )
  const by = sha256(sub.callManager().certificate)
  t.deepEqual(find([{ edit: 'replace', certificate: old, by }]), [])
})

test('a file of more than 64 KiB is not begun with', async (t) => {
  const { situation } = await paper(t, '10.5.2', 'tokens')
  const edits = Array.from({ length: 120 }, (_, index) => {
    const der = makeCertificate({
      subject: [['CN', `server-${index}`]],
      key: rsaKey(1024, 'preflight 1024'),
      serial: `0b${String(index).padStart(4, '0')}`,
    })
    return { edit: 'add', function: 1, certificate: sha256(der), der, address: `10.0.0.${index}` } as const
  })
  const codes = preflight(planned('update-token-ctl', situation, { tokens: [], edits }), situation)
  t.true(codes.some(({ code, detail }) => code === 'FILE_TOO_LARGE' && /65536/.test(detail)))
})

test('errors come first, and a way back is not barred by nodes that differ', async (t) => {
  const { situation } = await paper(t, '10.5.2', 'tokenless')
  const bad = withNode(unsaid('NOT_FIPS')(situation), 'lab-sub1', { ctl: unseen('down') })
  const severities = preflight(planned('tokenless-to-tokens', situation), bad).map(({ severity }) => severity)
  t.true(severities.lastIndexOf('error') < severities.indexOf('warning'))
})

test('a release that is the reason is a finding with its code', async (t) => {
  const { situation } = await paper(t, '14', 'tokenless')
  const plan = makePlan('tokenless-to-tokens', situation, wishes)
  t.true(isNoPlan(plan))
  if (isNoPlan(plan)) {
    t.deepEqual(
      refusalFindings(plan).map(({ code, severity }) => [code, severity]),
      [['RELEASE_TOO_NEW', 'error']],
    )
  }
})

/** By other tests of this file, or of the way back. */
const elsewhere = [
  'DEVICES_UNKNOWN',
  'DEVICES_WITHOUT_SBD',
  'FILE_TOO_LARGE',
  'FIRST_CTL_UNKNOWN',
  'ONE_TOKEN_LEFT',
  'PHONES_MUST_FETCH_FIRST',
  'RELEASE_TOO_NEW',
  'RELEASE_TOO_OLD',
  'SERVER_NOT_LISTED',
  'SIGNER_NOT_TRUSTED',
  'WAY_BACK_REFUSED',
  'WAY_BACK_UNPROVEN',
]

test('every finding of the table is brought about by some test', (t) => {
  const tried = [...findingRows.map(({ code }) => code as string), ...elsewhere].sort()
  t.deepEqual(tried, Object.keys(preflightTable).sort())
})
