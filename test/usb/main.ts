/**
 * `npm run test:usb`: a virtual machine in which a real USB device 0529:0620 is plugged and unplugged under the real
 * udev, pcscd, OpenSC and the daemon as its systemd unit. Prints what was seen; docs/usb-lane.md tells more.
 */
import { type ChildProcess, execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { file, folder, kernelModules, link, makeInitramfs } from './initramfs.js'
import { heading, lineOf, readSight, type Sight } from './table.js'
import { startMachine, treeEnvironment } from './virtual-machine.js'

const PROJECT = fileURLToPath(new URL('../../..', import.meta.url)).replace(/\/$/, '')
const SOURCES = join(PROJECT, 'test/usb')
const LIMIT = 15 * 60_000
const MODULES = ['virtio_pci', '9pnet_virtio', '9p', 'overlay', 'dummy_hcd', 'libcomposite', 'usb_f_fs']
const APPLETS = ['sh', 'mount', 'insmod', 'mkdir', 'echo', 'switch_root']

/** A new NSS database with the three keys and certificates that a CAC card has. */
function makeCard(tree: string, database: string, name: string): void {
  const run = (...args: string[]) =>
    execFileSync(join(tree, 'usr/bin/certutil'), args, { env: treeEnvironment(tree), stdio: 'pipe' })
  mkdirSync(database)
  const pin = join(database, 'pin')
  const noise = join(database, 'noise')
  writeFileSync(pin, '12345678\n')
  const shared = ['-d', `sql:${database}`, '-f', pin]
  run('-N', ...shared)
  for (const [index, use] of ['id-cert', 'sign-cert', 'enc-cert'].entries()) {
    writeFileSync(noise, crypto.getRandomValues(new Uint8Array(64)))
    const subject = `CN=SAST-${name}-${use}, OU=IPCBU, O=Cisco Systems`
    run(
      '-S',
      ...shared,
      '-x',
      '-n',
      use,
      '-s',
      subject,
      '-t',
      'u,u,u',
      '-g',
      '2048',
      '-v',
      '120',
      '-m',
      `${index + 1}`,
      '-z',
      noise,
    )
  }
}

function compileToken(tree: string, program: string): void {
  const library = 'usr/lib/x86_64-linux-gnu'
  const headers = [`${tree}/usr/include/cacard`]
  for (const root of [tree, ''])
    headers.push(`${root}/usr/include/glib-2.0`, `${root}/${library}/glib-2.0/include`)
  const includes = headers.flatMap((path) => ['-I', path])
  const libraries = ['-L', join(tree, library), '-Wl,--allow-shlib-undefined', '-lcacard', '-pthread']
  const source = join(SOURCES, 'virtual-token.c')
  execFileSync('cc', ['-O2', '-Wall', '-Werror', '-o', program, source, ...includes, ...libraries], {
    stdio: 'inherit',
  })
}

const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`

function writeInitramfs(tree: string, work: string, path: string): string {
  const versions = readdirSync(join(tree, 'usr/lib/modules'))
  const version = versions[0] ?? 'none'
  const modules = kernelModules(join(tree, 'usr/lib/modules', version), MODULES)
  const settings = `PROJECT=${quoted(PROJECT)}\nNODE=${quoted(process.execPath)}\nWORK=${quoted(join('/usr/lib/ctl-bridge', relative(PROJECT, work)))}\n`
  const entries = [
    ...['bin', 'modules', 'proc', 'sys', 'dev', 'host', 'tree', 'memory', 'root'].map(folder),
    file('bin/busybox', readFileSync(join(tree, 'usr/bin/busybox')), 0o755),
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
  say(heading())
  return new Promise((resolve, reject) => {
    const qemu = machine((line) => {
      const sight = readSight(line)
      if (sight === undefined) return
      sights.push(sight)
      say(lineOf(sight))
    })
    const tooLong = setTimeout(() => {
      sights.push({ step: 'time', saw: `longer than ${LIMIT / 60_000} minutes`, good: false })
      qemu.kill('SIGKILL')
    }, LIMIT)
    const stop = (): void => void qemu.kill('SIGKILL')
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, stop)
    qemu.once('error', reject)
    qemu.once('exit', () => {
      clearTimeout(tooLong)
      resolve(sights)
    })
  })
}

async function main(tree: string): Promise<number> {
  const work = join(dirname(tree), 'work')
  rmSync(work, { recursive: true, force: true })
  mkdirSync(work)
  for (const name of ['first', 'second']) makeCard(tree, join(work, name), name)
  compileToken(tree, join(work, 'virtual-token'))
  const initramfs = join(work, 'initramfs')
  const kernel = writeInitramfs(tree, work, initramfs)
  const consoleFile = join(work, 'console.log')
  const sights = await runMachine((onLine) => startMachine({ tree, kernel, initramfs, consoleFile }, onLine))
  const wrong = sights.filter((sight) => !sight.good).length
  const ended = sights.some(({ step }) => step === 'end')
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
