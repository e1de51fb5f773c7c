/** Gathers the facts for the doctor. Logs in nowhere; every library is loaded in a process of its own. */
import { accessSync, constants, existsSync, readdirSync, readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { type ModulePort, type ModuleSettings, TokenError } from '../../drivers/token.js'
import type { MachineFacts, ModuleTrial, PcscState, UsbDevice } from './machine-facts.js'

export interface MachinePlaces {
  /** Normally /sys/bus/usb/devices. */
  readonly usbDevices: string
  /** Normally /dev/bus/usb. */
  readonly usbFiles: string
  /** Normally /run/pcscd/pcscd.comm. */
  readonly pcscSocket: string
  /** Where the program may be. */
  readonly pcscPrograms: readonly string[]
  /** Where pcscd looks for drivers: normally /usr/lib/pcsc/drivers. */
  readonly pcscDrivers: string
}

export const machinePlaces: MachinePlaces = {
  usbDevices: '/sys/bus/usb/devices',
  usbFiles: '/dev/bus/usb',
  pcscSocket: '/run/pcscd/pcscd.comm',
  pcscPrograms: ['/usr/sbin/pcscd', '/usr/bin/pcscd'],
  pcscDrivers: '/usr/lib/pcsc/drivers',
}

export interface Look {
  readonly settings: string | undefined
  readonly configured: boolean
  readonly clusters: MachineFacts['clusters']
  readonly modules: readonly ModuleSettings[]
  readonly open: (settings: ModuleSettings) => ModulePort
  readonly nameOf: (vendorId: string, productId: string) => string | undefined
  /** Told before each library is loaded: that may take its deadline. */
  readonly onProgress: (what: string) => void
  readonly places?: MachinePlaces
}

export async function lookAtMachine(look: Look): Promise<MachineFacts> {
  const places = look.places ?? machinePlaces
  const modules: ModuleTrial[] = []
  for (const settings of look.modules) {
    look.onProgress(`loading ${settings.name} (${settings.path})`)
    modules.push(await tryModule(settings, look.open))
  }
  return {
    user: userInfo().username,
    settings: look.settings,
    configured: look.configured,
    clusters: look.clusters,
    modules,
    pcsc: await knockAtPcsc(places),
    usb: readUsb(places, look.nameOf),
    hasAladdinDriver: namesOf(places.pcscDrivers).some((name) => /aks|etoken|aladdin/i.test(name)),
  }
}

async function tryModule(settings: ModuleSettings, open: Look['open']): Promise<ModuleTrial> {
  const { name, path } = settings
  const port = open(settings)
  try {
    return { name, path, exists: existsSync(path), result: { snapshot: await port.scan() } }
  } catch (error) {
    const code = error instanceof TokenError ? error.code : 'INTERNAL'
    return {
      name,
      path,
      exists: existsSync(path),
      result: { error: { code, detail: (error as Error).message } },
    }
  } finally {
    await port.close()
  }
}

/** Milliseconds until a connection that is still open counts as welcome. */
const WELCOME = 500

/**
 * pcscd asks polkit when a client connects, and closes the connection of one that may not
 * (pcsc-lite, `access_pcsc`); a welcome client hears nothing until it says something.
 */
function knockAtPcsc({ pcscSocket, pcscPrograms }: MachinePlaces): Promise<PcscState> {
  return new Promise((resolve) => {
    const client = connect(pcscSocket)
    const answer = (state: PcscState): void => {
      resolve(state)
      client.destroy()
    }
    client.once('connect', () => setTimeout(() => answer({ state: 'answers' }), WELCOME))
    client.once('end', () => answer({ state: 'refuses', detail: 'it closes the connection at once' }))
    client.once('error', (error: NodeJS.ErrnoException) => {
      const refused = error.code === 'EACCES' || error.code === 'EPERM'
      const installed = pcscPrograms.some((program) => existsSync(program))
      answer(refused ? { state: 'refuses', detail: error.code ?? '' } : { state: 'not running', installed })
    })
    client.resume()
  })
}

function readUsb({ usbDevices, usbFiles }: MachinePlaces, nameOf: Look['nameOf']): UsbDevice[] | undefined {
  if (!existsSync(usbDevices)) return undefined
  return namesOf(usbDevices).flatMap((folder) => {
    const read = (file: string): string => readQuietly(join(usbDevices, folder, file))
    const vendorId = read('idVendor')
    const productId = read('idProduct')
    if (vendorId === '' || productId === '') return []
    const file = join(usbFiles, read('busnum').padStart(3, '0'), read('devnum').padStart(3, '0'))
    return [{ vendorId, productId, name: nameOf(vendorId, productId), accessible: mayOpen(file) }]
  })
}

function namesOf(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

function readQuietly(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim()
  } catch {
    return ''
  }
}

function mayOpen(file: string): boolean {
  try {
    accessSync(file, constants.R_OK | constants.W_OK)
    return true
  } catch {
    return false
  }
}
