/**
 * The prediction against phones that decide by code of their own (`lab/phones/decide.ts`): what is foretold as certain
 * must be what they do, and what they do one way or the other, by a rule that nobody has published, must be foretold as
 * not known.
 */

import test from 'ava'
import { heldFiles } from '../../../daemon/migration/rollback/held-files.js'
import { planWayBack } from '../../../daemon/migration/rollback/plan-way-back.js'
import { type PredictedRow, predict } from '../../../daemon/migration/rollback/predict.js'
import type { Situation } from '../../../daemon/migration/situation/situation.js'
import { type Decision, decide } from '../../../lab/phones/decide.js'
import { defaultRules, type PhoneRules } from '../../../lab/phones/phone-rules.js'
import * as files from '../../trust/acceptance-files.js'
import { signedFile } from '../../trust/acceptance-files.js'
import * as tac from '../../trust/tac-cluster.js'
import {
  aPlan,
  aRecord,
  aSituation,
  itl,
  keptBefore,
  models,
  stepOf,
  tokenFile,
  tokenlessFile,
} from '../a-record.js'

type File = Uint8Array | 'none'

/** Who signed, as the test knows it: it made the files. */
const signers = new Map<File, Uint8Array>([
  [tokenFile, tac.firstToken.der],
  [tokenlessFile, tac.publisher.der],
])

interface Phone {
  readonly holds: File
  readonly securityByDefault: boolean
  readonly vouched: readonly Uint8Array[]
}

/** What a phone of the lab holds after it was offered a file. */
function labHolds({ holds, securityByDefault, vouched }: Phone, offered: File, rules: PhoneRules): File {
  const facts = {
    kind: 'CTL' as const,
    fetched: offered === 'none' ? ({ kind: 'none' } as const) : ({ kind: 'file', bytes: offered } as const),
    installedCtl: holds === 'none' ? undefined : holds,
    // Security By Default brings the ITL (TAC 116232).
    installedItl: securityByDefault ? itl : undefined,
    securityByDefault,
    rules,
  }
  const first = decide(facts)
  const isTrusted = vouched.some((certificate) => certificate === signers.get(offered))
  const tvs = { kind: 'answer', isTrusted, roles: isTrusted ? [0, 3] : [] } as const
  const last: Decision = first.do === 'ask TVS' ? decide({ ...facts, tvs }) : first
  return last.do === 'install' ? last.bytes : holds
}

const everyRule: readonly PhoneRules[] = (['accepts', 'rejects'] as const).flatMap((olderFile) =>
  (['trusts', 'asks TVS'] as const).map((firstCtlBesideItl) => ({
    ...defaultRules,
    olderFile,
    firstCtlBesideItl,
  })),
)

const later = signedFile({ ...files.tokenless, timestamp: 0x55000000 })
const listing = signedFile({ ...files.byTokensAndServers, timestamp: 0x54fb5397 })
signers.set(later, tac.publisher.der).set(listing, tac.firstToken.der)

const all: Readonly<Record<string, File>> = {
  none: 'none',
  tokenless: tokenlessFile,
  token: tokenFile,
  'tokenless, later': later,
  'token that lists servers': listing,
}

test('what is foretold as certain is what the phones of the lab do, under every rule that nobody has published', (t) => {
  const answers = new Set<string>()
  for (const [holds, held] of Object.entries(all)) {
    for (const [name, offered] of Object.entries(all)) {
      for (const vouched of [
        [],
        [tac.publisher.der],
        [tac.firstToken.der],
        [tac.publisher.der, tac.firstToken.der],
      ]) {
        for (const securityByDefault of [true, false]) {
          const [row] = predict({
            held: { [holds]: held },
            offered,
            itl,
            vouched,
            models: [{ model: 'any', devices: 1, securityByDefault }],
          })
          const ends = everyRule.map((rules) =>
            labHolds({ holds: held, securityByDefault, vouched }, offered, rules),
          )
          const where = `${holds} → ${name}, ${securityByDefault}, TVS ${vouched.length}: ${row?.acceptance.reason}`
          const answer = row?.acceptance.answer
          answers.add(answer ?? '')
          if (answer === 'accepts' || answer === 'accepts-through-tvs') {
            t.true(
              ends.every((end) => end === offered || offered === 'none'),
              where,
            )
          }
          if (answer === 'refuses')
            t.true(
              ends.every((end) => end === held),
              where,
            )
          // The phones leave it open only where it was not foretold.
          if (new Set(ends).size > 1) t.is(answer, 'unknown', where)
        }
      }
    }
  }
  t.deepEqual([...answers].sort(), ['accepts', 'accepts-through-tvs', 'refuses', 'unknown'])
})

const revert = (at?: string, now?: Situation) => {
  const situation = aSituation()
  const plan = aPlan('tokenless-to-tokens', situation)
  const kept = { ...keptBefore(situation), new: tokenFile }
  const record = aRecord(plan, situation, kept, at === undefined ? undefined : stepOf(plan, at).id, 'begun')
  return { record, back: planWayBack(record, now ?? situation) }
}

const short = (rows: readonly PredictedRow[]): string[] =>
  rows.map(
    ({ holds, model, devices, acceptance }) => `${holds} · ${devices} × ${model}: ${acceptance.reason}`,
  )

test('before the file was written phones hold what they held, and nothing is to be put back', (t) => {
  const { record, back } = revert('sign-new')
  t.deepEqual(
    heldFiles(record).map(({ name }) => name),
    ['the file from before'],
  )
  t.deepEqual(back.prediction, [])
})

test('from the first write on phones may hold either, and each is foretold by model', (t) => {
  const { back } = revert('publish-new', aSituation({ ctl: tokenFile, onSub: tokenlessFile }))
  t.deepEqual(short(back.prediction), [
    'the file from before · 40 × Cisco 7940: ALREADY_INSTALLED',
    'the file from before · 300 × Cisco 7945: ALREADY_INSTALLED',
    'the file from before · 5 × Cisco 9971: ALREADY_INSTALLED',
    'the new file · 40 × Cisco 7940: NO_SECURITY_BY_DEFAULT',
    'the new file · 300 × Cisco 7945: TIMESTAMP_OLDER',
    'the new file · 5 × Cisco 9971: CLASS_NOT_KNOWN',
  ])
})

test('who is left behind by the way back is a finding by model, with the number; what is not known is one, too', (t) => {
  const { back } = revert()
  const found = back.findings.filter(({ code }) => code.startsWith('WAY_BACK'))
  t.deepEqual(
    found.map(({ code, at, devices }) => [code, at, devices]),
    [
      ['WAY_BACK_REFUSED', 'Cisco 7940', 40],
      ['WAY_BACK_UNPROVEN', 'Cisco 7945', 300],
      ['WAY_BACK_UNPROVEN', 'Cisco 9971', 5],
    ],
  )
  t.true(found[0]?.detail.startsWith('40 × Cisco 7940: those that hold the new file keep it.'))
})

test('what a node serves that no journal knows of is foretold as well', (t) => {
  const { back } = revert(undefined, aSituation({ ctl: later }))
  t.true(back.prediction.some(({ holds }) => holds === 'what pub serves now'))
})

test('a file that the cluster built and that was not kept is foretold as not known', (t) => {
  const situation = aSituation({ ctl: tokenFile })
  const plan = aPlan('tokens-to-tokenless', aSituation({ ctl: listing }))
  const at = stepOf(plan, 'restart-tftp-pub').id
  const record = aRecord(plan, situation, keptBefore(situation), at, 'begun')
  const unseen = { ...situation, nodes: situation.nodes.map(({ ctl: _, ...node }) => node) }
  const unknown = planWayBack(record, unseen).prediction.filter(
    ({ acceptance }) => acceptance.reason === 'FILE_NOT_KNOWN',
  )
  t.is(unknown.length, models.length)
  // Until Cisco Tftp is restarted nobody could fetch it.
  const update = stepOf(plan, 'update-ctl-file').id
  const early = aRecord(plan, situation, keptBefore(situation), update, 'acted')
  t.false(
    planWayBack(early, unseen).prediction.some(({ acceptance }) => acceptance.reason === 'FILE_NOT_KNOWN'),
  )
})

test('TVS nodes that differ make it depend on the node that a phone asks', (t) => {
  const models = [{ model: 'Cisco 7945', devices: 300, securityByDefault: true }]
  const ask = (vouched: readonly Uint8Array[], vouchedBySome: readonly Uint8Array[]) =>
    predict({ held: { a: tokenlessFile }, offered: tokenFile, itl, vouched, vouchedBySome, models })[0]
      ?.acceptance
  const reasons = [ask([], []), ask([], [tac.firstToken.der]), ask([tac.firstToken.der], [])]
  t.deepEqual(
    reasons.map((one) => one?.reason),
    ['TVS_REFUSES', 'NODES_DIFFER', 'TVS_VOUCHES'],
  )
  t.true(reasons[1]?.detail.includes('refuses (TVS_REFUSES), or accepts through tvs (TVS_VOUCHES)'))
})

test('a cluster that does not count its phones is told by class, without numbers', (t) => {
  const blind = { ...aSituation(), models: { unseen: 'no AXL', at: 'pub' } }
  const { record } = revert()
  const rows = planWayBack(
    { ...record, situation: blind },
    { ...aSituation({ ctl: tokenFile }), models: blind.models },
  ).prediction
  t.is(rows.length, 4)
  t.true(rows.every(({ devices }) => devices === undefined))
})
