/**
 * `npm run test:usb`: a virtual machine in which a real USB device 0529:0620 is plugged and unplugged under the real
 * udev, pcscd, OpenSC and the daemon as its systemd unit. Prints what was seen; docs/usb-lane.md tells more.
 */
import type { ChildProcess } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { buildCardProgram, type CardParts, makeCacCard } from '../cards/cac-card.js'
import { file, folder, kernelModules, link, makeInitramfs } from './initramfs.js'
import { heading, lineOf, readSight, type Sight } from './table.js'
import { FIRST, SECOND } from './two-tokens.js'
import { libraryPath, partOf, startMachine } from './virtual-machine.js'

const PROJECT = fileURLToPath(new URL('../../..', import.meta.url)).replace(/\/$/, '')
const SOURCES = join(PROJECT, 'test/usb')
/** A busy machine may take long, but not for one step. */
const LONGEST_SILENCE = 10 * 60_000
const MODULES = ['virtio_pci', '9pnet_virtio', '9p', 'overlay', 'dummy_hcd', 'libcomposite', 'usb_f_fs']
const APPLETS = ['sh', 'mount', 'insmod', 'mkdir', 'echo', 'switch_root']

function cardParts(tree: string): CardParts {
  return {
    certutil: partOf(tree, 'usr/bin/certutil'),
    libcacard: partOf(tree, 'usr/lib/x86_64-linux-gnu/libcacard.so.0'),
    environment: { LD_LIBRARY_PATH: libraryPath(tree) },
  }
}

/** The tokens' cards and the program around them, for the machine. */
async function makeTokens(tree: string, work: string): Promise<void> {
  const parts = cardParts(tree)
  await buildCardProgram(parts, 'usb/virtual-token.c')
  for (const { label, serial } of [FIRST, SECOND]) await makeCacCard(parts, work, label, serial)
}

const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`

function writeInitramfs(tree: string, work: string, path: string): string {
  const versions = readdirSync(join(tree, 'usr/lib/modules'))
  const version = versions[0] ?? 'none'
  const modules = kernelModules(join(tree, 'usr/lib/modules', version), MODULES)
  const settings = `PROJECT=${quoted(PROJECT)}\nNODE=${quoted(process.execPath)}\nWORK=${quoted(join('/usr/lib/ctl-bridge', relative(PROJECT, work)))}\n`
  const entries = [
    ...['bin', 'modules', 'proc', 'sys', 'dev', 'host', 'tree', 'memory', 'root'].map(folder),
    file('bin/busybox', readFileSync(partOf(tree, 'usr/bin/busybox')), 0o755),
    ...APPLETS.map((applet) => link(`bin/${applet}`, 'busybox')),
    ...modules.map(({ name, object }) => file(`modules/${name}.ko`, object)),
    file('modules/order', modules.map(({ name }) => `${name}\n`).join('')),
    file('settings', settings),
    file('init', readFileSync(join(SOURCES, 'guest/init.sh')), 0o755),
  ]
  writeFileSync(path, makeInitramfs(entries))
  return join(tree, 'boot', `vmlinuz-${version}`)
}

/** Resolves with all sights when the machine is off. */
function runMachine(machine: (onLine: (line: string) => void) => ChildProcess): Promise<Sight[]> {
  const sights: Sight[] = []
  const say = (text: string): void => void process.stdout.write(`${text}\n`)
  say(
    'Starting a virtual machine in which two USB tokens are plugged in and out. Nothing outside it is changed.\n',
  )
  say(heading())
  return new Promise((resolve, reject) => {
    const qemu = machine((line) => {
      const sight = readSight(line)
      if (sight === undefined) return
      silence.refresh()
      sights.push(sight)
      say(lineOf(sight))
    })
    const silence = setTimeout(() => {
      say(`Nothing more was seen for ${LONGEST_SILENCE / 60_000} minutes.`)
      qemu.kill('SIGKILL')
    }, LONGEST_SILENCE)
    const stop = (): void => void qemu.kill('SIGKILL')
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, stop)
    qemu.once('error', reject)
    qemu.once('exit', () => {
      clearTimeout(silence)
      resolve(sights)
    })
  })
}

const seconds = (milliseconds: number): string => (milliseconds / 1000).toFixed(0)

/** Of this process and all that it waited for, the emulator above all. Field numbers are those of proc(5). */
function processorSeconds(): string {
  const fields = readFileSync('/proc/self/stat', 'utf8')
    .replace(/^.*\) /, '')
    .split(' ')
  const [utime, stime, cutime, cstime] = fields.slice(14 - 3, 18 - 3).map(Number)
  const ticks = (utime ?? 0) + (stime ?? 0) + (cutime ?? 0) + (cstime ?? 0)
  return (ticks / 100).toFixed(0)
}

async function main(tree: string): Promise<number> {
  const work = join(dirname(tree), 'work')
  rmSync(work, { recursive: true, force: true })
  mkdirSync(work)
  await makeTokens(tree, work)
  const initramfs = join(work, 'initramfs')
  const kernel = writeInitramfs(tree, work, initramfs)
  const consoleFile = join(work, 'console.log')
  const start = performance.now()
  const sights = await runMachine((onLine) => startMachine({ tree, kernel, initramfs, consoleFile }, onLine))
  const wrong = sights.filter((sight) => !sight.good).length
  const ended = sights.some(({ step }) => step === 'end')
  process.stdout.write(
    `${seconds(performance.now())} s since the start, of which the machine ${seconds(performance.now() - start)} s; ${processorSeconds()} s of processor time\n`,
  )
  process.stdout.write(
    `${sights.length - wrong} as it must be, ${wrong} wrong${ended ? '' : ', not all seen'}\n`,
  )
  if (wrong > 0 || !ended) process.stdout.write(`What kernel and services said: ${consoleFile}\n`)
  return wrong === 0 && ended ? 0 : 1
}

const tree = process.env.CTL_BRIDGE_USB_MACHINE
if (tree === undefined) {
  process.stderr.write('Start this with: npm run test:usb\n')
  process.exitCode = 1
} else {
  process.exitCode = await main(tree)
}
