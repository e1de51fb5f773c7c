import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { type DaemonProcess, startDaemonProcess } from '../../demo/daemon-process.js'
import { makeSastToken, TEST_PIN } from '../../softhsm/sast-token.js'
import { makeSofthsm, unplug } from '../../softhsm/tokens-folder.js'
import { FaultyModule } from '../drivers/faulty-module.js'
import { eventually, hostAppears } from '../drivers/temporary-softhsm.js'
import { type Answer, ask } from './bench.js'

/** A token that counts its logins, and the daemons that serve it one after the other. */
interface Setting {
  readonly serial: string
  readonly faulty: FaultyModule
  readonly softhsm: string
  start(): Promise<DaemonProcess>
}

async function setUp(t: ExecutionContext): Promise<Setting> {
  const folder = await mkdtemp(join(tmpdir(), 'ctl-bridge-pin-'))
  t.teardown(() => rm(folder, { recursive: true, force: true }))
  const softhsm = join(folder, 'softhsm')
  await makeSofthsm(softhsm)
  const faulty = await FaultyModule.inFrontOfSofthsm(softhsm)
  const { serial } = await makeSastToken({ folder: softhsm, label: 'one', bits: 1024 })
  const start = async () => {
    const daemon = await startDaemonProcess(folder, faulty.settings({ watchFolders: [] }), 0)
    t.teardown(() => daemon.stop())
    return daemon
  }
  return { serial, faulty, softhsm, start }
}

async function kill({ pid, ended }: DaemonProcess): Promise<void> {
  process.kill(pid, 'SIGKILL')
  await ended
}

const post = ({ url, key }: DaemonProcess, path: string, json: unknown): Promise<Answer> =>
  ask(url, path, { key, method: 'POST', json })

function unlock(daemon: DaemonProcess, serial: string, body: Record<string, unknown> = {}): Promise<Answer> {
  return post(daemon, `/v1/tokens/${serial}/unlock`, { pin: TEST_PIN, ...body })
}

const view = async ({ url, key }: DaemonProcess, serial: string) =>
  (await ask(url, `/v1/tokens/${serial}`, { key })).json

const logins = async ({ faulty }: Setting): Promise<number> => (await faulty.calls('C_Login')).length

test.serial('A wrong PIN is not sent again by a daemon that was killed and started anew', async (t) => {
  const setting = await setUp(t)
  const { serial } = setting
  const first = await setting.start()
  t.is((await unlock(first, serial, { pin: 'mistyped' })).json.code, 'PIN_WRONG')
  await kill(first)
  const second = await setting.start()
  const again = await unlock(second, serial, { pin: 'mistyped' })
  t.is(again.status, 409)
  t.like(again.json, { code: 'PIN_KNOWN_WRONG', at: { token: serial } })
  t.is(await logins(setting), 1)
  t.is((await view(second, serial)).wrongTries, 1)
  t.is((await unlock(second, serial)).status, 200)
  t.is((await unlock(second, serial, { pin: 'mistyped', repeatPin: true })).json.code, 'PIN_WRONG')
  t.is(await logins(setting), 3)
})

test.serial('A daemon killed during a login holds that PIN back, and no lease survives it', async (t) => {
  const setting = await setUp(t)
  const { serial, faulty } = setting
  const first = await setting.start()
  await faulty.begin('hang:C_Login')
  const cut = unlock(first, serial).catch((error: unknown) => error)
  await eventually(async () => ((await logins(setting)) > 0 ? true : undefined))
  await kill(first)
  await cut
  await faulty.end('hang:C_Login')
  const second = await setting.start()
  t.like(await view(second, serial), { state: 'present', lease: null, wrongTries: 1 })
  t.is((await unlock(second, serial)).json.code, 'PIN_UNKNOWN_OUTCOME')
  t.is(await logins(setting), 1)
  t.is((await unlock(second, serial, { repeatPin: true })).status, 200)
  t.is((await unlock(second, serial)).status, 200)
  await kill(second)
  const third = await setting.start()
  t.like(await view(third, serial), { state: 'present', lease: null })
})

test.serial('A daemon killed before the PIN goes to the host holds nothing against it', async (t) => {
  const setting = await setUp(t)
  const { serial, faulty, softhsm } = setting
  const first = await setting.start()
  await faulty.begin('hang:C_GetSlotList')
  const cut = unlock(first, serial).catch((error: unknown) => error)
  await hostAppears(softhsm, 'sign')
  await kill(first)
  await cut
  await faulty.end('hang:C_GetSlotList')
  const second = await setting.start()
  t.is((await view(second, serial)).wrongTries, 0)
  t.is((await unlock(second, serial)).status, 200)
})

test.serial('A change of the PIN makes failed ones possible, and the audit log has it all', async (t) => {
  const setting = await setUp(t)
  const { serial } = setting
  const daemon = await setting.start()
  t.is((await unlock(daemon, serial, { pin: 'the next' })).json.code, 'PIN_WRONG')
  const changed = await post(daemon, `/v1/tokens/${serial}/pin`, { pin: TEST_PIN, newPin: 'the next' })
  t.is(changed.status, 200)
  t.like(changed.json, { state: 'present', wrongTries: 1 })
  t.is((await unlock(daemon, serial, { pin: 'the next' })).status, 200)
  t.is((await unlock(daemon, serial)).json.code, 'PIN_WRONG')
  const { entries, next } = (await ask(daemon.url, '/v1/audit?after=0', { key: daemon.key })).json
  t.is(next, null)
  t.deepEqual(
    entries.map(({ action, outcome }: { action: string; outcome?: string }) => `${action} ${outcome ?? ''}`),
    [
      'token.unlock ',
      'token.unlock PIN_WRONG',
      'token.pin ',
      'token.pin ok',
      'token.unlock ',
      'token.unlock ok',
      'token.unlock ',
      'token.unlock PIN_WRONG',
    ],
  )
})

test.serial('A token that was pulled out before a restart is absent with its certificate', async (t) => {
  const setting = await setUp(t)
  const { serial, softhsm } = setting
  const first = await setting.start()
  const { certificates } = await view(first, serial)
  await first.stop()
  await unplug(softhsm, serial)
  const second = await setting.start()
  const token = await view(second, serial)
  t.is(token.state, 'absent')
  t.deepEqual(token.certificates, certificates)
})

test.serial('The audit log comes in pages, and what is no number is refused', async (t) => {
  const setting = await setUp(t)
  const daemon = await setting.start()
  const audit = async (query: string) =>
    (await ask(daemon.url, `/v1/audit${query}`, { key: daemon.key })).json
  for (let use = 0; use < 2; use++) await unlock(daemon, setting.serial)
  const numbers = ({ entries }: { entries: { sequence: number }[] }) =>
    entries.map(({ sequence }) => sequence)
  const page = await audit('?after=0&limit=3')
  t.deepEqual(numbers(page), [1, 2, 3])
  t.is(page.next, 3)
  t.deepEqual(numbers(await audit(`?after=${page.next}&limit=3`)), [4])
  t.deepEqual(numbers(await audit('?limit=2')), [3, 4])
  for (const query of ['?after=-1', '?after=x', '?limit=0', '?limit=1001', '?limit=1.5', '?limit=']) {
    t.is((await audit(query)).code, 'BODY_INVALID', query)
  }
})
