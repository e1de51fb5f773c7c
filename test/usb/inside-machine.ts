/** What systemd, the kernel and polkit say in the virtual machine. */
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'

export const SERVICE = 'ctl-bridge.service'

export const read = (path: string): string => readFileSync(path, 'utf8').trim()

export const output = (command: string, ...args: string[]): string =>
  execFileSync(command, args, { encoding: 'utf8' }).trim()
export const property = (name: string, unit = SERVICE): string =>
  output('systemctl', 'show', '-P', name, unit)

// Not every machine has ps and its like (Debian's procps is no must).
export const userOf = (pid: string): string =>
  output('getent', 'passwd', String(statSync(`/proc/${pid}`).uid)).split(':')[0] ?? ''

export function processesOf(user: string): number {
  const uid = Number(output('id', '-u', user))
  const running = readdirSync('/proc').filter((name) => /^\d+$/.test(name))
  return running.filter((pid) => statSync(`/proc/${pid}`, { throwIfNoEntry: false })?.uid === uid).length
}

/** The USB device's node, undefined when nothing is plugged in. */
export function usbNode(): string | undefined {
  const devices = '/sys/bus/usb/devices'
  const device = readdirSync(devices).find(
    (name) => existsSync(`${devices}/${name}/idProduct`) && read(`${devices}/${name}/idVendor`) === '0529',
  )
  if (device === undefined) return undefined
  const number = (name: string): string => read(`${devices}/${device}/${name}`).padStart(3, '0')
  return `/dev/bus/usb/${number('busnum')}/${number('devnum')}`
}

export function polkitAllows(pid: string): string {
  const question = ['--action-id', 'org.debian.pcsc-lite.access_card', '--process', pid]
  const { status, stderr } = spawnSync('pkcheck', question, { encoding: 'utf8' })
  if (status === 0) return 'allowed'
  // pkcheck(1): 1 is "no", 2 "only with a password", the rest are failures.
  return status === 1 || status === 2 ? 'refused' : stderr.trim()
}

/** Asks again and again; `limit` is in milliseconds. */
export async function until(
  holds: () => boolean | Promise<boolean>,
  what: string,
  limit = 180_000,
): Promise<void> {
  const end = performance.now() + limit
  while (!(await holds())) {
    if (performance.now() > end) throw new Error(`${what}: not within ${limit / 1000} s`)
    await new Promise((resolve) => setTimeout(resolve, 300))
  }
}
