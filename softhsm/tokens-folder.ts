import { mkdir, readdir, rename, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { findSofthsm } from '../drivers/known-modules.js'
import type { ModuleSettings } from '../drivers/token.js'
import { ensureManufacturingCa } from './manufacturing-ca.js'

/** Where things lie in a folder made by `makeSofthsm`. Absolute paths. */
export interface SofthsmFolder {
  readonly folder: string
  /** For SOFTHSM2_CONF. */
  readonly configuration: string
  /** One folder per token that is plugged in. */
  readonly plugged: string
  readonly unplugged: string
  /** Tokens being made: not to be seen before they are whole. */
  readonly making: string
}

export function softhsmFolder(folder: string): SofthsmFolder {
  const absolute = resolve(folder)
  return {
    folder: absolute,
    configuration: join(absolute, 'softhsm2.conf'),
    plugged: join(absolute, 'tokens'),
    unplugged: join(absolute, 'unplugged'),
    making: join(absolute, 'making'),
  }
}

/** Makes the folder, SoftHSM's configuration and a certificate authority in it. May be repeated; tokens stay. */
export async function makeSofthsm(folder: string): Promise<SofthsmFolder> {
  const paths = softhsmFolder(folder)
  for (const path of [paths.plugged, paths.unplugged, paths.making]) {
    await mkdir(path, { recursive: true, mode: 0o700 })
  }
  await writeSofthsmConfiguration(paths.configuration, paths.plugged)
  await ensureManufacturingCa(paths.folder)
  return paths
}

export async function writeSofthsmConfiguration(file: string, tokens: string): Promise<void> {
  const lines = [`directories.tokendir = ${tokens}`, 'objectstore.backend = file', 'log.level = ERROR', '']
  await writeFile(file, lines.join('\n'), { mode: 0o600 })
}

/** SoftHSM's library: CTL_BRIDGE_SOFTHSM, else where the distributions put it. */
export function softhsmLibrary(): string {
  const path = findSofthsm()
  if (path !== undefined) return path
  throw new Error(
    'SoftHSM is not installed: install the package softhsm2, or set CTL_BRIDGE_SOFTHSM to its library.',
  )
}

/** The tokens of a folder as a module for `openModule`. */
export function softhsmModule(folder: string, name = 'softhsm'): ModuleSettings {
  const { configuration, plugged } = softhsmFolder(folder)
  return {
    name,
    path: softhsmLibrary(),
    environment: { SOFTHSM2_CONF: configuration },
    watchFolders: [plugged],
    rescanEvery: 15_000,
    deadline: 20_000,
    parallel: 1,
    slotEvents: true,
    remote: false,
  }
}

/** Pulls a token out: it is there again, with its keys, after `plug`. */
export async function unplug(folder: string, serial: string): Promise<void> {
  const { plugged, unplugged } = softhsmFolder(folder)
  await move(serial, plugged, unplugged)
}

export async function plug(folder: string, serial: string): Promise<void> {
  const { plugged, unplugged } = softhsmFolder(folder)
  await move(serial, unplugged, plugged)
}

/** Serial numbers of the tokens that are pulled out. */
export async function listUnplugged(folder: string): Promise<string[]> {
  return (await readdir(softhsmFolder(folder).unplugged)).map(serialOf)
}

async function move(serial: string, from: string, to: string): Promise<void> {
  const found = (await readdir(from)).find((name) => serialOf(name) === serial)
  if (found !== undefined) return await rename(join(from, found), join(to, found))
  const already = (await readdir(to)).some((name) => serialOf(name) === serial)
  if (!already) throw new Error(`There is no token ${serial} in ${from}.`)
}

/** SoftHSM names a token's folder by a UUID whose last 16 digits are the serial number. */
export function serialOf(tokenFolder: string): string {
  return tokenFolder.replaceAll('-', '').slice(-16)
}
