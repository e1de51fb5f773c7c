import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ExecutionContext } from 'ava'
import type { HostRole } from '../../drivers/pkcs11/messages.js'
import type { ModuleSettings } from '../../drivers/token.js'
import { newIssuer, writeManufacturingCa } from '../../softhsm/manufacturing-ca.js'
import type { Issuer } from '../../softhsm/sast-certificate.js'
import { makeSofthsm, softhsmModule } from '../../softhsm/tokens-folder.js'

/** Milliseconds: far beyond what anything here takes, so that reaching it means a hang. */
export const HANG_LIMIT = 60_000

/** One certificate authority for all folders of a test process: its key takes longest to make. */
let issuer: Promise<Issuer> | undefined

/** A folder for SoftHSM tokens that goes away with the test. */
export async function temporarySofthsm(t: ExecutionContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'ctl-bridge-'))
  t.teardown(() => rm(folder, { recursive: true, force: true }))
  issuer ??= newIssuer()
  await writeManufacturingCa(folder, await issuer)
  await makeSofthsm(folder)
  return folder
}

export function settingsOf(folder: string, changes: Partial<ModuleSettings> = {}): ModuleSettings {
  return { ...softhsmModule(folder), deadline: HANG_LIMIT, rescanEvery: HANG_LIMIT, ...changes }
}

/** Process ids of the PKCS#11 hosts that work on this folder. */
export async function hostsOf(folder: string, role: HostRole | 'any' = 'any'): Promise<number[]> {
  const ids = (await readdir('/proc')).map(Number).filter((id) => Number.isInteger(id) && id > 0)
  const hosts = await Promise.all(ids.map((id) => isHost(id, folder, role)))
  return ids.filter((_, index) => hosts[index])
}

async function isHost(id: number, folder: string, role: string): Promise<boolean> {
  try {
    const command = await readFile(`/proc/${id}/cmdline`, 'utf8')
    if (!command.includes('pkcs11-host.js') || !(role === 'any' || command.includes(`\0${role}\0`)))
      return false
    return (await readFile(`/proc/${id}/environ`, 'utf8')).includes(`SOFTHSM2_CONF=${folder}/`)
  } catch {
    return false
  }
}

/** Asks again and again until the answer is something. */
export async function eventually<T>(ask: () => Promise<T | undefined> | T | undefined): Promise<T> {
  const end = Date.now() + HANG_LIMIT
  for (;;) {
    const answer = await ask()
    if (answer !== undefined) return answer
    if (Date.now() > end) throw new Error('It never happened.')
    await new Promise((resolve) => setTimeout(resolve, 2))
  }
}

/** The first host of this role that shows up. */
export function hostAppears(folder: string, role: HostRole): Promise<number> {
  return eventually(async () => (await hostsOf(folder, role))[0])
}
