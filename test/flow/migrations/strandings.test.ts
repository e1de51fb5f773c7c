/** What strands phones in earnest does so here: else the tests that strand nobody would prove nothing. */
import test from 'ava'
import { tvsPolicies } from '../../../lab/model/lab-cluster.js'
import { outcomeText, type PhoneRecord } from '../../../lab/phones/phone-record.js'
import { carryOut, type Ended } from './carry-out.js'
import { onlyFile, sha256, signerOf, sumsOf } from './files-after.js'
import { countModels, decisions, namedStranded, withoutFile } from './phones-after.js'
import { anna, probeAll, type Rehearsal, rehearsal, startMigration } from './rehearsal.js'

const canAsk = (phones: readonly PhoneRecord[]) => phones.filter((phone) => phone.securityByDefault)
const cannotAsk = (phones: readonly PhoneRecord[]) => phones.filter((phone) => !phone.securityByDefault)
const outcomes = (phones: readonly PhoneRecord[]) => [
  ...new Set(phones.map(({ ctl }) => outcomeText(ctl.outcome))),
]
const restartTftp = ({ running: { lab } }: Rehearsal) =>
  Promise.all(lab.nodes.map((node) => node.restart('Cisco Tftp')))

/** TVS of every node starts beside the old file; the new one lies there again before it looks. */
async function readOld({ running: { lab } }: Rehearsal, oldFile: Uint8Array): Promise<void> {
  for (const node of lab.nodes) {
    const served = node.serve('CTLFile.tlv')
    if (served === undefined) throw new Error(`${node.name} serves no file`)
    await node.writeTftp('CTLFile.tlv', oldFile)
    await node.restart('Cisco Trust Verification Service')
    await node.writeTftp('CTLFile.tlv', served)
  }
}

const DAY = 24 * 60 * 60 * 1000

/** Carries it out, but TVS has not read the new file when the pilots are reset, in spite of its restart. */
async function withTvsAtOldFile(setting: Rehearsal, id: string): Promise<Ended> {
  const oldFile = onlyFile(setting)
  if (oldFile === undefined) throw new Error('no file')
  let hasForgotten = false
  const end = await carryOut(setting, id, {
    until: async ({ current }) => {
      if (!hasForgotten && current?.endsWith('pilots-new')) {
        hasForgotten = true
        await readOld(setting, oldFile)
      }
      return false
    },
  })
  if (!hasForgotten) throw new Error('it never came to the pilots')
  return end
}

const revertOf = ({ tokens }: Rehearsal) => ({
  plan: 'tokenless-to-tokens' as const,
  wishes: { tokens, edits: [] },
})

test.serial(
  'where neither upload nor file reaches the look-up of phones, the pilots refuse, the fleet is left alone, and it goes back',
  async (t) => {
    // TVS looks in its cache alone; the certificates’ own serials it knows by the upload.
    const setting = await rehearsal(t, { tvsPolicy: 'cache', tvsDelay: DAY, phones: 18 })
    await probeAll(setting)
    const before = sumsOf(setting)
    const { id } = await startMigration(setting, revertOf(setting))
    const end = await withTvsAtOldFile(setting, id)
    t.is(end.is, 'stopped')
    if (!('view' in end)) return
    t.is(end.view.stopped?.code, 'MIGRATION_EFFECT_REFUSED')
    t.regex(end.view.current ?? '', /pilots/)
    const phones = await setting.reports()
    const [pilots, others] = [phones.slice(0, 9), phones.slice(9)]
    t.deepEqual(outcomes(canAsk(pilots)), ['rejected: unknown signer, and TVS does not know it'])
    t.deepEqual(outcomes(others), ['updated'], 'the fleet was not reset')

    const { desk } = setting.daemon()
    const back = await desk.rollback(anna, id)
    const there = await carryOut(setting, back.id)
    t.is(there.is, 'ended', 'view' in there ? JSON.stringify(there.view.stopped) : '')
    t.deepEqual(sumsOf(setting), before)
    const original = onlyFile(setting)
    if (original === undefined) return t.fail('no file')
    t.deepEqual(withoutFile(await setting.reports(), original), {})
  },
)

for (const tvsPolicy of ['db', 'either'] as const) {
  test.serial(
    `the same where TVS looks in its database (${tvsPolicy}): the upload lets phones take the file`,
    async (t) => {
      const setting = await rehearsal(t, { tvsPolicy, tvsDelay: DAY })
      await probeAll(setting)
      const { id } = await startMigration(setting, revertOf(setting))
      const end = await withTvsAtOldFile(setting, id)
      t.is(end.is, 'ended', 'view' in end ? JSON.stringify(end.view.stopped) : '')
      if (!('view' in end)) return
      const asks = end.view.findings.filter(({ code }) => code === 'SIGNER_NOT_TRUSTED')
      t.is(asks.length, 1, 'preflight said that phones must ask TVS')
      t.regex(asks[0]?.detail ?? '', /which of the two finds it is not known/)
      const phones = await setting.reports()
      const file = onlyFile(setting)
      if (file === undefined) return t.fail('no file')
      t.deepEqual(withoutFile(phones, file), countModels(cannotAsk(phones)), decisions(phones))
    },
  )
}

test.serial(
  'a token file that nobody uploaded for, and that no TVS has read, is refused by every phone',
  async (t) => {
    const signed = await rehearsal(t)
    await probeAll(signed)
    const { id } = await startMigration(signed, revertOf(signed))
    t.is((await carryOut(signed, id)).is, 'ended')
    const file = await signed.daemon().desk.file(id, 'new')
    if (file === 'none') return t.fail('no file')

    // Another cluster, which nobody prepared, gives it to its phones.
    const other = await rehearsal(t, { tvsDelay: 24 * 60 * 60 * 1000 })
    for (const node of other.running.lab.nodes) await node.writeTftp('CTLFile.tlv', file)
    await restartTftp(other)
    for (const policy of tvsPolicies) {
      other.running.lab.setTvsPolicy(policy)
      await other.running.phones.reset('all')
      const phones = await other.reports()
      t.deepEqual(withoutFile(phones, file), countModels(phones), policy)
      t.deepEqual(outcomes(canAsk(phones)), ['rejected: unknown signer, and TVS does not know it'], policy)
      t.deepEqual(outcomes(cannotAsk(phones)), ['rejected: unknown signer, and this device cannot ask TVS'])
    }
  },
)

test.serial(
  'a restart between the change of mode and the token file stops the migration; gone past, phones keep the tokenless file',
  async (t) => {
    const setting = await rehearsal(t, { state: 'nonsecure', publishing: 'guided' })
    await probeAll(setting)
    const { id } = await startMigration(setting, {
      plan: 'first-token-ctl',
      wishes: { tokens: setting.tokens, edits: [] },
    })
    const atUpload = await carryOut(setting, id, {
      until: ({ steps, current }) => steps.find((step) => step.id === current)?.does.do === 'publish',
    })
    t.is(atUpload.is, 'until', JSON.stringify(atUpload))
    t.is(setting.running.lab.mode(), 1)
    await restartTftp(setting)
    await setting.running.phones.reset('all')
    const tokenless = onlyFile(setting)
    t.is(tokenless && signerOf(setting, tokenless), 'CallManager')
    if (tokenless === undefined) return
    t.deepEqual(withoutFile(await setting.reports(), tokenless), {})

    const stopped = await carryOut(setting, id)
    t.is(stopped.is, 'stopped', JSON.stringify(stopped))
    if (!('view' in stopped)) return
    t.is(stopped.view.stopped?.code, 'MIGRATION_CLUSTER_CHANGED')
    t.regex(stopped.view.stopped?.detail ?? '', /serves a file with SHA-256 .*, not no file/)

    // A person takes it on themselves: has the token file served all the same, and resumes.
    const { desk } = setting.daemon()
    const upload = stopped.view.steps.find((step) => step.id === stopped.view.current)
    if (upload === undefined) return t.fail('no step')
    await setting.people.doStep(upload, (name) => desk.file(id, name))
    await desk.resume(anna, id)
    const end = await carryOut(setting, id)
    const phones = await setting.reports()
    const kept = await setting.daemon().desk.file(id, 'new')
    if (kept === 'none') return t.fail('no file')
    t.not(sha256(kept), sha256(tokenless))
    // Preflight named none of them: for it they held nothing.
    if ('view' in end) t.deepEqual(namedStranded(end.view.findings), {})
    t.deepEqual(withoutFile(cannotAsk(phones), kept), countModels(cannotAsk(phones)), decisions(phones))
    t.deepEqual(withoutFile(cannotAsk(phones), tokenless), {}, 'they hold the tokenless file')
  },
)
