/** The plans of Asterisk from beginning to end, on servers and phones that know nothing of the plans. */

import { createHash, X509Certificate } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import type { CtlEdit } from '../../../daemon/migration/plan/plan.js'
import type { KeyAndCertificate } from '../../../lab/model/lab-cluster.js'
import type { PhoneRecord } from '../../../lab/phones/phone-record.js'
import { readTlv } from '../../lab/model/read-tlv.js'
import {
  type AsteriskRehearsal,
  type AsteriskToken,
  type AsteriskWish,
  asterisk,
  CLUSTER,
  CTL,
  outcomesOf,
  probeServers,
  putFile,
  reportsOf,
  servedFile,
  startOn,
} from './asterisk.js'
import { carryOut, newProgress } from './carry-out.js'
import type { DeskProblem } from './desk-process.js'
import { sha256 } from './files-after.js'
import { composeDraft, recordsOf, signDraft } from './old-key.js'
import { countModels, decisions, strandedPhones, withoutFile } from './phones-after.js'
import { anna } from './rehearsal.js'

const CCM_TFTP = 2
const TFTP = 3

const isSignedBy = (file: Uint8Array, { certificate }: KeyAndCertificate): boolean =>
  readTlv(file).isSignedBy(new X509Certificate(certificate).publicKey)

/** What phones are named by: functions and addresses, and which certificates. */
const listed = (setting: AsteriskRehearsal, file: Uint8Array): string[] =>
  recordsOf(file).map(({ function: role, certificate, address }) => {
    const name =
      Object.entries(namesOf(setting)).find(([, der]) => certificate?.equals(der))?.[0] ?? 'somebody'
    return `${role} ${name}${address === undefined ? '' : ` ${address}`}`
  })

const toTheEnd = async (t: ExecutionContext, setting: AsteriskRehearsal, wish: AsteriskWish) =>
  (await toTheEndOf(t, setting, wish)).file

/** With the logins that people unlocked for and no other; gives the file that all nodes serve then. */
async function toTheEndOf(
  t: ExecutionContext,
  setting: AsteriskRehearsal,
  wish: AsteriskWish,
): Promise<{ readonly id: string; readonly file: Uint8Array }> {
  const before = await setting.faulty.count('C_Login')
  const progress = newProgress()
  const { id } = await startOn(setting, wish)
  const end = await carryOut(setting, id, { progress })
  t.is(end.is, 'ended', 'view' in end ? JSON.stringify([end.view.stopped, end.view.findings], null, 1) : '')
  if ('view' in end) t.is(end.view.state, 'done')
  t.is((await setting.faulty.count('C_Login')) - before, progress.unlocks)
  return { id, file: await servedFile(setting) }
}

async function allTook(t: ExecutionContext, setting: AsteriskRehearsal, file: Uint8Array): Promise<void> {
  const phones = await reportsOf(setting)
  t.is(phones.length, 18)
  t.deepEqual(withoutFile(phones, file), {}, decisions(phones))
}

const adding = ({ certificate }: KeyAndCertificate, role: number): CtlEdit => ({
  edit: 'add',
  function: role,
  certificate: sha256(certificate),
  der: certificate,
})

const signerIs = ({ serial }: AsteriskToken): AsteriskWish => ({
  plan: 'asterisk-signer',
  wishes: { tokens: [serial], edits: [] },
})

async function writeFileOf({ folder }: AsteriskRehearsal, bytes: Uint8Array): Promise<string> {
  const file = join(folder, 'served.tlv')
  await writeFile(file, bytes)
  return file
}

/** Those that can be certificates of a file here, by name. */
const namesOf = ({ tokens: [first, second], pbx, disk }: AsteriskRehearsal) => ({
  first: first.identity.certificate,
  second: second.identity.certificate,
  disk: disk.certificate,
  pbx: pbx.certificate,
})

/** Pilots took the file, then the others, and nobody asked TVS. */
const taken = [
  { which: 'pilots', outcomes: ['updated'] },
  { which: 'all', outcomes: ['up to date', 'updated'] },
]

test.serial('a first CTL: phones that hold nothing take it, and the next by the same token', async (t) => {
  const setting = await asterisk(t)
  const [first, second] = setting.tokens
  t.true((await reportsOf(setting)).every(({ ctl }) => ctl.checksum === undefined))
  const file = await toTheEnd(t, setting, {
    plan: 'asterisk-first',
    wishes: {
      tokens: [first.serial, second.serial],
      edits: [adding(setting.pbx, CCM_TFTP)],
    },
  })
  t.true(isSignedBy(file, second.identity))
  t.deepEqual(listed(setting, file), ['0 first', '0 second', '2 pbx'])
  await allTook(t, setting, file)

  await probeServers(setting)
  const address = {
    edit: 'address',
    certificate: sha256(setting.pbx.certificate),
    address: '192.0.2.20',
  } as const
  const { findings } = await setting.daemon().desk.plan({
    cluster: CLUSTER,
    plan: 'asterisk-update',
    wishes: { tokens: [], edits: [address] },
  })
  const draft = findings.find(({ code }) => code === 'DRAFT_REFUSED')
  t.regex(draft?.detail ?? '', /certutils profile have no address/, 'told before anything is signed')
  const next = await toTheEnd(t, setting, {
    plan: 'asterisk-update',
    wishes: { tokens: [], edits: [adding(setting.disk, TFTP)] },
  })
  t.deepEqual(listed(setting, next), ['0 first', '0 second', '2 pbx', '3 disk'])
  await allTook(t, setting, next)
  t.deepEqual(setting.resets, [...taken, ...taken])
})

test.serial(
  'an update: an address changes and a token comes in, signed by the token of the file',
  async (t) => {
    const setting = await asterisk(t, { begins: { signer: 0, profile: 'ctl-client' } })
    const [first, second] = setting.tokens
    t.deepEqual(listed(setting, await servedFile(setting)), ['0 first 0.0.0.0', '2 pbx 192.0.2.10'])
    await probeServers(setting)
    const file = await toTheEnd(t, setting, {
      plan: 'asterisk-update',
      wishes: {
        tokens: [second.serial],
        edits: [{ edit: 'address', certificate: sha256(setting.pbx.certificate), address: '192.0.2.20' }],
      },
    })
    t.true(isSignedBy(file, first.identity))
    t.deepEqual(listed(setting, file).toSorted(), ['0 first 0.0.0.0', '0 second 0.0.0.0', '2 pbx 192.0.2.20'])
    await allTook(t, setting, file)
    t.deepEqual(setting.resets, taken)
  },
)

test.serial(
  'a change of signer goes through a bridge: every phone takes both files, without TVS',
  async (t) => {
    const setting = await asterisk(t, { begins: { signer: 0 } })
    const [first, second] = setting.tokens
    await probeServers(setting)
    const { id, file } = await toTheEndOf(t, setting, signerIs(second))
    t.true(isSignedBy(file, second.identity))
    const { phones: tables, toDo } = await setting.daemon().desk.report(id)
    for (const { rows } of tables) {
      t.deepEqual([...new Set(rows.map(({ foretold }) => foretold))], ['takes'])
      t.is(
        rows.reduce((sum, { acceptedByChecksum }) => sum + acceptedByChecksum, 0),
        18,
      )
    }
    t.deepEqual([tables.length, toDo], [2, []])
    const bridge = await setting.daemon().desk.file(id, 'bridge')
    if (bridge === 'none') return t.fail('no bridge')
    t.true(isSignedBy(bridge, first.identity))
    for (const one of [bridge, file]) t.deepEqual(listed(setting, one), ['0 first', '0 second', '2 pbx'])
    await allTook(t, setting, file)
    t.deepEqual(setting.resets, [...taken, ...taken])
  },
)

test.serial('a change of signer to a token of the file needs no bridge', async (t) => {
  const setting = await asterisk(t, { begins: { signer: 0, alsoLists: [1] } })
  const [, second] = setting.tokens
  await probeServers(setting)
  const file = await toTheEnd(t, setting, signerIs(second))
  t.true(isSignedBy(file, second.identity))
  await allTook(t, setting, file)
  t.deepEqual(setting.resets, taken)
})

test.serial('a file by a new token without a bridge is refused by every phone', async (t) => {
  const setting = await asterisk(t, { begins: { signer: 0 } })
  const [, second] = setting.tokens
  const before = await servedFile(setting)
  const draft = await composeDraft(setting.folder, [
    ...[await writeFileOf(setting, before), '--add', `token=${second.file}`, '--signer', '+1'],
  ])
  const file = signDraft(draft, second.identity.privateKey)
  t.true(isSignedBy(file, second.identity))
  await putFile(setting, file)
  await setting.phones.reset('all')
  const phones = await reportsOf(setting)
  t.deepEqual(strandedPhones(phones), countModels(phones))
  t.deepEqual(withoutFile(phones, before), {}, 'they keep what they had')
  t.deepEqual(outcomesOf(phones), [
    'rejected: unknown signer, and no TVS to ask',
    'rejected: unknown signer, and this device cannot ask TVS',
  ])

  // For the plan the file that is served lists the token: that phones refused it is seen by the pilots alone.
  await probeServers(setting)
  const { id } = await startOn(setting, signerIs(second))
  const end = await carryOut(setting, id)
  t.is(end.is, 'stopped')
  if ('view' in end) t.is(end.view.stopped?.code, 'MIGRATION_EFFECT_REFUSED')
  t.deepEqual(
    setting.resets.map(({ which }) => which),
    ['pilots'],
    'the fleet is left alone',
  )
  t.deepEqual(withoutFile(await reportsOf(setting), before), {})
})

test.serial('a key on a disk: refused with the way out, and the way leads to the token', async (t) => {
  const setting = await asterisk(t, { begins: { signer: 'disk' } })
  const [first] = setting.tokens
  await probeServers(setting)
  const wish = signerIs(first)
  const update = await setting.daemon().desk.plan({ ...wish, cluster: CLUSTER, plan: 'asterisk-update' })
  t.regex('instead' in update.plan ? update.plan.instead : '', /asterisk-signer/)
  const refused = await t.throwsAsync(startOn(setting, wish))
  t.is((refused as DeskProblem).code, 'MIGRATION_IMPOSSIBLE')
  t.regex(refused?.message ?? '', /does not list/)
  const { plan } = await setting.daemon().desk.plan({ ...wish, cluster: CLUSTER })
  const instead = 'instead' in plan ? plan.instead : ''
  t.true(instead.includes(`ctl-bridge token export ${first.serial}`), instead)
  t.true(instead.includes('have every phone fetch it'), instead)

  // As it says: a draft that lists the token, signed by the old key with the tool of its owner.
  const [, typed] = /ctl-bridge compose (.*?) --out/.exec(instead) ?? []
  const served = await writeFileOf(setting, await servedFile(setting))
  const words = (typed ?? '').split(' ').map((word) => word.replace(`${first.serial}.pem`, first.file))
  const draft = await composeDraft(
    setting.folder,
    words.map((word) => (word === CTL ? served : word)),
  )
  const between = signDraft(draft, setting.disk.privateKey)
  await putFile(setting, between)
  await setting.phones.reset('all')
  await allTook(t, setting, between)

  const file = await toTheEnd(t, setting, wish)
  t.true(isSignedBy(file, first.identity))
  await allTook(t, setting, file)
  t.deepEqual(setting.resets, taken)
})

/** By the file that phones hold: what the way back foretells of those with and without Security By Default. */
async function foretold({ daemon }: AsteriskRehearsal, id: string): Promise<Record<string, string[]>> {
  const { prediction } = await daemon().desk.planRollback(id)
  const byFile: Record<string, string[]> = {}
  for (const { holds, acceptance } of prediction)
    byFile[holds] = [...(byFile[holds] ?? []), acceptance.answer]
  return byFile
}

const fileOf = async ({ daemon }: AsteriskRehearsal, id: string, name: string): Promise<Uint8Array> => {
  const file = await daemon().desk.file(id, name)
  if (file === 'none') throw new Error(`there is no ${name}`)
  return file
}

const holding = (phones: readonly PhoneRecord[], file: Uint8Array): PhoneRecord[] =>
  phones.filter(({ shows, ctl }) => ctl.checksum === createHash(shows).update(file).digest('hex'))

test.serial('back from a first CTL: the file goes, and phones keep it, as was foretold', async (t) => {
  const setting = await asterisk(t)
  const { id, file } = await toTheEndOf(t, setting, {
    plan: 'asterisk-first',
    wishes: { tokens: [setting.tokens[0].serial], edits: [adding(setting.pbx, CCM_TFTP)] },
  })
  t.deepEqual(await foretold(setting, id), {
    'no CTL': ['accepts', 'accepts'],
    'the new file': ['refuses', 'refuses'],
  })
  const { desk } = setting.daemon()
  const back = await desk.rollback(anna, id)
  const end = await carryOut(setting, back.id)
  t.is(end.is, 'ended', 'view' in end ? JSON.stringify(end.view.stopped) : '')
  await t.throwsAsync(servedFile(setting), { code: 'ENOENT' })
  t.is((await desk.get(id)).state, 'rolled-back')
  await setting.phones.reset('all')
  const phones = await reportsOf(setting)
  t.is(holding(phones, file).length, phones.length)
  t.deepEqual(outcomesOf(phones), ['no file'])
})

test.serial('back from an update, by hand on one node: phones that take an older file go back', async (t) => {
  const setting = await asterisk(t, { begins: { signer: 0 }, isSecondByHand: true })
  await probeServers(setting, ['tftp1'])
  const before = await servedFile(setting)
  const { id } = await toTheEndOf(t, setting, {
    plan: 'asterisk-update',
    wishes: { tokens: [], edits: [adding(setting.disk, TFTP)] },
  })
  t.deepEqual(await foretold(setting, id), {
    'the file from before': ['accepts', 'accepts'],
    // Its signer is known to them, and it is older than what they hold.
    'the new file': ['unknown', 'unknown'],
  })
  // Whether phones take an older file is not known; these do.
  await setting.phones.setRules({ olderFile: 'accepts' })
  const back = await setting.daemon().desk.rollback(anna, id)
  const end = await carryOut(setting, back.id)
  t.is(end.is, 'ended', 'view' in end ? JSON.stringify(end.view.stopped) : '')
  t.deepEqual(await servedFile(setting), before)
  await allTook(t, setting, before)
})

test.serial(
  'back from a change of signer that takes the old one out: who holds the new file keeps it',
  async (t) => {
    const setting = await asterisk(t, { begins: { signer: 0 } })
    const [first, second] = setting.tokens
    await probeServers(setting)
    const before = await servedFile(setting)
    const { id } = await startOn(setting, {
      plan: 'asterisk-signer',
      wishes: {
        tokens: [second.serial],
        edits: [{ edit: 'remove', certificate: sha256(first.identity.certificate) }],
      },
    })
    const atFleet = await carryOut(setting, id, {
      until: ({ current }) => current?.endsWith('reset-new') === true,
    })
    t.is(atFleet.is, 'until')
    const [bridge, file] = [await fileOf(setting, id, 'bridge'), await fileOf(setting, id, 'new')]
    t.deepEqual(listed(setting, file), ['0 second', '2 pbx'])
    const pilots = holding(await reportsOf(setting), file).map(({ device }) => device)
    t.is(pilots.length, 9)
    t.is(holding(await reportsOf(setting), bridge).length, 9)

    t.deepEqual(await foretold(setting, id), {
      'the file from before': ['accepts', 'accepts'],
      'the bridge file': ['unknown', 'unknown'],
      'the new file': ['refuses', 'refuses'],
    })
    await setting.phones.setRules({ olderFile: 'accepts' })
    const back = await setting.daemon().desk.rollback(anna, id)
    const end = await carryOut(setting, back.id)
    t.is(end.is, 'ended', 'view' in end ? JSON.stringify(end.view.stopped) : '')
    t.deepEqual(await servedFile(setting), before)
    const phones = await reportsOf(setting)
    t.deepEqual(
      holding(phones, file).map(({ device }) => device),
      pilots,
      'those that held the new file',
    )
    t.is(holding(phones, before).length, 9)
  },
)
