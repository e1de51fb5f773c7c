import { mkdirSync, readdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { answerOf, lastLines, run } from './child.mjs'
import { SetupFailure } from './failure.mjs'
import { say } from './progress.mjs'
import { cacheFolder, systemName } from './project.mjs'

/**
 * What a virtual machine with a USB token needs and this machine may lack: the emulator, a kernel, and the programs
 * that run inside it. Unpacked into one tree that lies over this machine's own files there; nothing is installed.
 */
const packages = [
  'qemu-system-x86',
  'busybox-static',
  'systemd-sysv',
  'udev',
  'dbus',
  'polkitd',
  'pcscd',
  'libccid',
  'opensc',
  'opensc-pkcs11',
  'openssl',
  'libcacard0',
  'libnss3-tools',
]

const folder = join(cacheFolder, systemName(), 'usb-machine')

/** @returns {string | undefined} the tree, when it is complete */
export function findMachineTree() {
  return readdirSafely(folder).includes('complete') ? join(folder, 'root') : undefined
}

/** @param {string} path */
function readdirSafely(path) {
  try {
    return readdirSync(path)
  } catch {
    return []
  }
}

/** @param {readonly string[]} listOptions apt's, when its own lists cannot be used */
export async function unpackMachineTree(listOptions) {
  if (process.arch !== 'x64') throw new SetupFailure('The virtual machine with a USB token is for x64 only.')
  const part = `${folder}.part`
  rmSync(part, { recursive: true, force: true })
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(join(part, 'packages'), { recursive: true })
  const all = wanted(listOptions)
  say(announcement(all, downloadSize(all, listOptions)))
  await must('apt-get', [...listOptions, 'download', ...all], join(part, 'packages'))
  await unpackAll(part)
  rmSync(join(part, 'packages'), { recursive: true })
  writeFileSync(join(part, 'complete'), '')
  renameSync(part, folder)
}

/**
 * Before anything is fetched: what, how much, and what becomes of it.
 *
 * @param {readonly string[]} all
 * @param {number} bytes
 */
export function announcement(all, bytes) {
  const size = bytes > 0 ? ` (${Math.ceil(bytes / 1e6)} MB)` : ''
  return [
    `A virtual machine will be put together of ${all.length} Debian packages${size}, which are downloaded and unpacked below .cache.`,
    'Nothing is installed or started here; to be rid of it, delete .cache. The packages:',
    ...lines(all),
  ].join('\n')
}

/** @param {readonly string[]} words @returns {string[]} of at most 100 characters */
function lines(words) {
  /** @type {string[]} */
  const done = []
  for (const word of words) {
    const last = done.at(-1)
    if (last !== undefined && last.length + word.length < 100) done[done.length - 1] = `${last} ${word}`
    else done.push(`  ${word}`)
  }
  return done
}

/**
 * @param {readonly string[]} all
 * @param {readonly string[]} listOptions
 * @returns {number} bytes, 0 when apt does not say
 */
function downloadSize(all, listOptions) {
  // 'address' file size checksum
  const plan = answerOf('apt-get', [...listOptions, 'download', '--print-uris', ...all]) ?? ''
  return [...plan.matchAll(/^'[^']+' \S+ (\d+)/gm)].reduce((sum, [, size]) => sum + Number(size), 0)
}

/**
 * The packages and all they depend on that is missing here, in the versions that go together, and the kernel.
 *
 * @param {readonly string[]} listOptions
 */
function wanted(listOptions) {
  const simulation = [...listOptions, '-s', '-o', 'Debug::NoLocking=1', 'install', '--no-install-recommends']
  const plan = answerOf('apt-get', [...simulation, ...packages])
  const kernel = kernelPackages(listOptions)
  if (plan === undefined || kernel.length === 0) {
    throw new SetupFailure(`apt-get does not know all of ${packages.join(' ')} and a kernel.`)
  }
  return [...[...plan.matchAll(/^Inst (\S+)/gm)].map(([, name]) => name ?? ''), ...kernel]
}

/**
 * Debian's and Ubuntu's general kernels. The cloud kernels have no USB. A kernel is asked for by its dependencies,
 * because an installed one would be missing in a simulation.
 *
 * @param {readonly string[]} listOptions
 */
function kernelPackages(listOptions) {
  const kinds = ['recommends', 'suggests', 'conflicts', 'breaks', 'replaces', 'enhances']
  const only = kinds.map((kind) => `--no-${kind}`)
  for (const name of ['linux-image-amd64', 'linux-image-generic']) {
    const tree = answerOf('apt-cache', [...listOptions, 'depends', '--recurse', ...only, name]) ?? ''
    const found = tree.match(/^linux-(image|modules|modules-extra)-\d\S*$/gm) ?? []
    if (found.length > 0) return [...new Set(found)].filter((each) => !each.includes('unsigned'))
  }
  return []
}

/** @param {string} part */
async function unpackAll(part) {
  const root = join(part, 'root')
  for (const top of ['bin', 'sbin', 'lib', 'lib64']) {
    mkdirSync(join(root, 'usr', top), { recursive: true })
    // Older packages still have files in /lib: they must not hide the link of that name in the machine.
    symlinkSync(`usr/${top}`, join(root, top))
  }
  const unpack = 'dpkg-deb --fsys-tarfile "$0" | tar -x --keep-directory-symlink --no-same-owner -C "$1"'
  for (const name of readdirSync(join(part, 'packages'))) {
    await must('sh', ['-c', unpack, join(part, 'packages', name), root], part)
  }
}

/**
 * @param {string} command
 * @param {readonly string[]} args
 * @param {string} cwd
 */
async function must(command, args, cwd) {
  const { code, output } = await run(command, args, { cwd, env: { LC_ALL: 'C' } })
  if (code !== 0) throw new SetupFailure(`${command} failed:\n${lastLines(output)}`)
}
