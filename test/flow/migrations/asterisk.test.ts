/** The plans of Asterisk from beginning to end, on servers and phones that know nothing of the plans. */
import { X509Certificate } from 'node:crypto'
import test, { type ExecutionContext } from 'ava'
import type { CtlEdit } from '../../../daemon/migration/plan/plan.js'
import { readTlv } from '../../lab/model/read-tlv.js'
import {
  type AsteriskRehearsal,
  type AsteriskToken,
  type AsteriskWish,
  asterisk,
  probeServers,
  reportsOf,
  servedFile,
  startOn,
} from './asterisk.js'
import { carryOut, newProgress } from './carry-out.js'
import { sha256 } from './files-after.js'
import { recordsOf } from './old-key.js'
import { decisions, withoutFile } from './phones-after.js'

const CCM_TFTP = 2

const isSignedBy = (file: Uint8Array, { identity }: Pick<AsteriskToken, 'identity'>): boolean =>
  readTlv(file).isSignedBy(new X509Certificate(identity.certificate).publicKey)

/** What phones are named by: functions and addresses, and which certificates. */
const listed = (file: Uint8Array, names: Readonly<Record<string, Uint8Array>>): string[] =>
  recordsOf(file).map(({ function: role, certificate, address }) => {
    const name = Object.entries(names).find(([, der]) => certificate?.equals(der))?.[0] ?? 'somebody'
    return `${role} ${name}${address === undefined ? '' : ` ${address}`}`
  })

/** To its end, with the C_Login that people unlocked for and no other; gives the file that all nodes serve then. */
async function toTheEnd(
  t: ExecutionContext,
  setting: AsteriskRehearsal,
  wish: AsteriskWish,
): Promise<Uint8Array> {
  const before = await setting.faulty.count('C_Login')
  const progress = newProgress()
  const { id } = await startOn(setting, wish)
  const end = await carryOut(setting, id, { progress })
  t.is(end.is, 'ended', 'view' in end ? JSON.stringify([end.view.stopped, end.view.findings], null, 1) : '')
  if ('view' in end) t.is(end.view.state, 'done')
  t.is((await setting.faulty.count('C_Login')) - before, progress.unlocks)
  return await servedFile(setting)
}

async function allTook(t: ExecutionContext, setting: AsteriskRehearsal, file: Uint8Array): Promise<void> {
  const phones = await reportsOf(setting)
  t.is(phones.length, 18)
  t.deepEqual(withoutFile(phones, file), {}, decisions(phones))
}

const adding = ({ pbx }: AsteriskRehearsal, role: number, address: string): CtlEdit => ({
  edit: 'add',
  function: role,
  certificate: sha256(pbx.certificate),
  der: pbx.certificate,
  address,
})

test.serial('a first CTL: phones that hold nothing take it, and the next by the same token', async (t) => {
  const setting = await asterisk(t)
  const [first, second] = setting.tokens
  t.true((await reportsOf(setting)).every(({ ctl }) => ctl.checksum === undefined))
  const file = await toTheEnd(t, setting, {
    plan: 'asterisk-first',
    wishes: {
      tokens: [first.serial, second.serial],
      edits: [adding(setting, CCM_TFTP, '192.0.2.10')],
    },
  })
  t.true(isSignedBy(file, second))
  const names = {
    first: first.identity.certificate,
    second: second.identity.certificate,
    pbx: setting.pbx.certificate,
  }
  t.deepEqual(listed(file, names), ['0 first', '0 second', '2 pbx 192.0.2.10'])
  await allTook(t, setting, file)

  await probeServers(setting)
  const next = await toTheEnd(t, setting, {
    plan: 'asterisk-update',
    wishes: {
      tokens: [],
      edits: [
        { edit: 'address', certificate: sha256(setting.pbx.certificate), address: '192.0.2.20' },
      ],
    },
  })
  t.deepEqual(listed(next, names), ['0 first', '0 second', '2 pbx 192.0.2.20'])
  await allTook(t, setting, next)
  t.deepEqual(setting.resets, [
    { which: 'pilots', outcomes: ['updated'] },
    { which: 'all', outcomes: ['up to date', 'updated'] },
    { which: 'pilots', outcomes: ['updated'] },
    { which: 'all', outcomes: ['up to date', 'updated'] },
  ])
})
