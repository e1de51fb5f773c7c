/** A daemon with two modules of one token each: one behaves, the other as the test says. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stringify } from 'smol-toml'
import { type DaemonProcess, startDaemonWith } from '../../demo/daemon-process.js'
import type { ModuleSettings } from '../../drivers/token.js'
import { moduleTable } from '../../softhsm/module-settings.js'
import { makeSastToken, type SastToken, TEST_PIN } from '../../softhsm/sast-token.js'
import { makeSofthsm, softhsmModule } from '../../softhsm/tokens-folder.js'
import { FaultyModule } from '../drivers/faulty-module.js'
import { type Answer, ask } from '../flow/bench.js'

/** Two folders of tokens that several daemons use, one after the other. */
export interface FaultBench {
  readonly good: SastToken
  readonly bad: SastToken
  /** Each daemon has a faulty module of its own, which knows the calls of that daemon's hosts only. */
  start(settings?: DaemonSettings): Promise<FaultyDaemon>
  close(): Promise<void>
}

export interface DaemonSettings {
  /** All in seconds; this one for calls other than a signature, of the faulty module alone. */
  readonly deadline?: number
  readonly signDeadline?: number
  /** Between two looks for tokens that nothing hinted at. */
  readonly rescan?: number
}

/** Seconds: beyond what a busy machine takes for a call that does not hang. */
const PATIENT = 60

export interface FaultyDaemon {
  readonly daemon: DaemonProcess
  readonly module: FaultyModule
  unlock(token: SastToken, pin?: string): Promise<Answer>
  /** A whole CTL composed for this token and signed with it. */
  sign(token: SastToken): Promise<Answer>
  get(path: string): Promise<Answer>
}

export async function setUpFaultBench(): Promise<FaultBench> {
  const folder = await mkdtemp(join(tmpdir(), 'ctl-bridge-faults-'))
  const [calm, wild] = [join(folder, 'calm'), join(folder, 'wild')]
  const [good, bad] = await Promise.all([tokenIn(calm, 'good'), tokenIn(wild, 'bad')])
  let started = 0
  return {
    good,
    bad,
    start: async (settings = {}) => {
      started += 1
      const own = join(folder, `daemon-${started}`)
      await mkdir(own)
      const module = await FaultyModule.inFrontOf(softhsmModule(wild, 'wild'), join(own, 'module'))
      const file = await writeSettings(own, module.settings(), softhsmModule(calm, 'calm'), settings)
      return drive(await startDaemonWith(file), module)
    },
    close: () => rm(folder, { recursive: true, force: true }),
  }
}

async function tokenIn(softhsm: string, label: string): Promise<SastToken> {
  await makeSofthsm(softhsm)
  return await makeSastToken({ folder: softhsm, label, bits: 1024 })
}

async function writeSettings(
  folder: string,
  wild: ModuleSettings,
  calm: ModuleSettings,
  { deadline = PATIENT, signDeadline = PATIENT, rescan = 3 }: DaemonSettings,
): Promise<string> {
  const file = join(folder, 'config.toml')
  const table = {
    http: { socket: join(folder, 'api.sock'), port: 0 },
    state: { folder: join(folder, 'state') },
    tokens: { sign_deadline_seconds: signDeadline },
    log: { level: 'error' },
    modules: [
      { ...moduleTable(wild), deadline_seconds: deadline, rescan_seconds: rescan },
      { ...moduleTable(calm), deadline_seconds: PATIENT, rescan_seconds: rescan },
    ],
  }
  await writeFile(file, stringify(table), { mode: 0o600 })
  return file
}

function drive(daemon: DaemonProcess, module: FaultyModule): FaultyDaemon {
  const { key, url } = daemon
  const post = (path: string, json: unknown) => ask(url, path, { method: 'POST', key, json })
  return {
    daemon,
    module,
    unlock: ({ serial }, pin = TEST_PIN) => post(`/v1/tokens/${serial}/unlock`, { pin }),
    sign: async ({ serial }) => {
      const draft = await post('/v1/ctl/compose', {
        signer: { token: serial },
        records: [{ from: 'token', token: serial }],
      })
      if (draft.status !== 200) return draft
      return await ask(url, `/v1/ctl/sign?token=${serial}`, {
        method: 'POST',
        key,
        headers: { 'Content-Type': 'application/octet-stream' },
        body: draft.bytes,
      })
    },
    get: (path) => ask(url, path, { key }),
  }
}
