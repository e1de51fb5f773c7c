import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { answerOf, lastLines, run } from './child.mjs'
import { SetupFailure } from './failure.mjs'
import { unpackMachineTree } from './machine-tree.mjs'
import { cacheFolder, systemName } from './project.mjs'

/** @typedef {'libsofthsm2' | 'openssl' | 'virtual-card' | 'p11-kit' | 'tftp-servers' | 'tftp-clients' | 'ssh' | 'nginx'} UnpackablePackage what one folder in the cache holds */
/** @typedef {UnpackablePackage | 'usb-machine'} Unpackable packages, or the tree of machine-tree.mjs */

/** @type {Partial<Record<NodeJS.Architecture, string>>} Debian's multiarch folder names */
const tripletOf = {
  x64: 'x86_64-linux-gnu',
  arm64: 'aarch64-linux-gnu',
  arm: 'arm-linux-gnueabihf',
  riscv64: 'riscv64-linux-gnu',
  ppc64: 'powerpc64le-linux-gnu',
  s390x: 's390x-linux-gnu',
}
const triplet = tripletOf[process.arch] ?? 'unknown'

/** p11-kit's program that loads a PKCS#11 library, and the library that talks to it. */
const p11KitRemote = 'usr/libexec/p11-kit/p11-kit-remote'
const p11KitClient = `usr/lib/${triplet}/pkcs11/p11-kit-client.so`
const p11KitPackages = ['p11-kit', 'p11-kit-modules']

/**
 * Where the one file may lie that something is unpacked for; of what is made of several packages, the one without
 * which the others are of no use. Nothing unpacked is ever started by the system: package scripts, which would start
 * servers, do not run.
 *
 * @type {Record<UnpackablePackage, readonly string[]>}
 */
const yields = {
  libsofthsm2: [`usr/lib/${triplet}/softhsm/libsofthsm2.so`, 'usr/lib/softhsm/libsofthsm2.so'],
  openssl: ['usr/bin/openssl'],
  'virtual-card': [`usr/lib/${triplet}/libcacard.so.0`],
  'p11-kit': [p11KitRemote],
  'tftp-servers': ['usr/sbin/in.tftpd'],
  'tftp-clients': ['usr/bin/atftp'],
  ssh: ['usr/sbin/sshd'],
  nginx: ['usr/sbin/nginx'],
}

/** A smart card made of software in a reader made of software, the service and the library in front of it. */
const virtualCardPackages = ['libcacard0', 'libnss3-tools', 'vsmartcard-vpcd', 'pcscd', 'opensc-pkcs11']

/**
 * Packages that come with what they need and this machine lacks, in sets that could be installed together: the two
 * TFTP servers could not, nor could the clients.
 *
 * @type {Partial<Record<Unpackable, readonly (readonly string[])[]>>}
 */
const wholeSets = {
  'virtual-card': [virtualCardPackages],
  'tftp-servers': [['tftpd-hpa'], ['atftpd']],
  'tftp-clients': [['tftp-hpa'], ['atftp']],
  ssh: [['openssh-server', 'openssh-sftp-server', 'openssh-client']],
  nginx: [['nginx-light', 'nginx-common']],
}

/** Where other distributions and `make install` put SoftHSM. */
const otherSoftHsmPlaces = [
  '/usr/lib64/softhsm/libsofthsm2.so',
  '/usr/lib64/pkcs11/libsofthsm2.so',
  '/usr/lib/pkcs11/libsofthsm2.so',
  '/usr/local/lib/softhsm/libsofthsm2.so',
]

/** @returns {string | undefined} path of SoftHSM's PKCS#11 library: named by the person, installed or unpacked */
export function findSoftHsm() {
  const named = process.env.CTL_BRIDGE_SOFTHSM
  if (named) return existsSync(named) ? named : undefined
  const installed = yields.libsofthsm2.map((path) => join('/', path))
  return [...installed, ...otherSoftHsmPlaces].find((path) => existsSync(path)) ?? unpackedFile('libsofthsm2')
}

/** @returns {string | undefined} the folder that stands for / of the virtual card's packages */
export function unpackedVirtualCard() {
  return unpackedFile('virtual-card') && folderOf('virtual-card')
}

/** @returns {string | undefined} the folder that stands for / of p11-kit's packages: installed or unpacked */
export function findP11Kit() {
  const whole = [p11KitRemote, p11KitClient].every((path) => existsSync(join('/', path)))
  return whole ? '/' : unpackedFile('p11-kit') && folderOf('p11-kit')
}

/** @returns {string | undefined} the folder that stands for / of the packages of two TFTP servers */
export function unpackedTftpServers() {
  return unpackedFile('tftp-servers') && folderOf('tftp-servers')
}

/** @returns {string | undefined} the folder that stands for / of the packages of two TFTP clients */
export function unpackedTftpClients() {
  return unpackedFile('tftp-clients') && folderOf('tftp-clients')
}

/** @returns {string | undefined} the folder that stands for / of OpenSSH's server and client */
export function unpackedSsh() {
  return unpackedFile('ssh') && folderOf('ssh')
}

/** @returns {string | undefined} the folder that stands for / of nginx */
export function unpackedNginx() {
  return unpackedFile('nginx') && folderOf('nginx')
}

/**
 * @param {UnpackablePackage} unpackable
 * @returns {string | undefined} the folder of the unpacked command, for PATH
 */
export function unpackedCommandFolder(unpackable) {
  const file = unpackedFile(unpackable)
  return file && dirname(file)
}

/** @param {UnpackablePackage} unpackable */
function unpackedFile(unpackable) {
  const folder = folderOf(unpackable)
  return yields[unpackable].map((path) => join(folder, path)).find((path) => existsSync(path))
}

/** @param {UnpackablePackage} unpackable */
const folderOf = (unpackable) => join(cacheFolder, systemName(), unpackable)

/**
 * Downloads Debian packages and unpacks them below `.cache/`; needs no rights.
 *
 * @param {readonly Unpackable[]} unpackables
 */
export async function unpackPackages(unpackables) {
  for (const unpackable of unpackables) {
    if (unpackable === 'usb-machine') await unpackMachine()
    else await unpackPackage(unpackable)
  }
}

/** @param {UnpackablePackage} unpackable */
async function unpackPackage(unpackable) {
  const folder = folderOf(unpackable)
  const part = `${folder}.part`
  rmSync(part, { recursive: true, force: true })
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(part, { recursive: true })
  for (const archive of await download(unpackable, part)) {
    await mustSucceed(unpackable, 'dpkg-deb', ['-x', archive, part])
    rmSync(archive)
  }
  renameSync(part, folder)
  requireLoadable(unpackable)
}

/** With apt's lists as they are, else with fresh ones of our own. */
async function unpackMachine() {
  try {
    await unpackMachineTree([])
  } catch (error) {
    if (!(error instanceof SetupFailure)) throw error
    const ownLists = await ownListOptions()
    await mustSucceed('usb-machine', 'apt-get', [...ownLists, 'update'])
    await unpackMachineTree(ownLists)
  }
}

/**
 * @param {UnpackablePackage} unpackable
 * @param {string} folder
 * @returns {Promise<readonly string[]>} paths of the .deb files
 */
async function download(unpackable, folder) {
  const options = { cwd: folder, env: { LC_ALL: 'C' } }
  const fromSystemLists = await run('apt-get', ['download', ...packagesOf(unpackable, [])], options)
  if (fromSystemLists.code !== 0) {
    const ownLists = await ownListOptions()
    await mustSucceed(unpackable, 'apt-get', [...ownLists, 'update'], options)
    const packages = packagesOf(unpackable, ownLists)
    await mustSucceed(unpackable, 'apt-get', [...ownLists, 'download', ...packages], options)
  }
  const archives = readdirSync(folder).filter((name) => name.endsWith('.deb'))
  if (archives.length === 0) throw new SetupFailure(`apt-get download ${unpackable} gave no package.`)
  return archives.map((name) => join(folder, name))
}

/**
 * What a whole set needs and this machine lacks is found out by apt, without any right.
 *
 * @param {Unpackable} unpackable
 * @param {readonly string[]} listOptions for apt
 * @returns {readonly string[]} Debian packages
 */
function packagesOf(unpackable, listOptions) {
  if (unpackable === 'p11-kit') return p11KitPackages
  const sets = wholeSets[unpackable]
  if (sets === undefined) return [unpackable]
  return [...new Set(sets.flatMap((packages) => [...packages, ...lackingFor(packages, listOptions)]))]
}

/**
 * @param {readonly string[]} packages
 * @param {readonly string[]} listOptions for apt
 * @returns {readonly string[]} Debian packages
 */
function lackingFor(packages, listOptions) {
  const simulation = [...listOptions, '--simulate', 'install', '--no-install-recommends', ...packages]
  const lacking = (answerOf('apt-get', simulation) ?? '').matchAll(/^Inst (\S+)/gm)
  return [...lacking].map(([, name]) => name ?? '')
}

/** apt's list of packages may be missing or old, and only root may renew it: keep one of our own. */
async function ownListOptions() {
  const folder = join(cacheFolder, systemName(), 'apt')
  for (const part of ['lists/partial', 'archives/partial']) mkdirSync(join(folder, part), { recursive: true })
  return ['-o', `Dir::State::Lists=${join(folder, 'lists')}`, '-o', `Dir::Cache=${folder}`]
}

/**
 * @param {Unpackable} unpackable
 * @param {string} command
 * @param {readonly string[]} args
 * @param {import('./child.mjs').ChildOptions} [options]
 */
async function mustSucceed(unpackable, command, args, options) {
  const { code, output } = await run(command, args, options)
  if (code === 0) return
  throw new SetupFailure(`${command} failed while fetching ${unpackable}:\n${lastLines(output)}`)
}

/**
 * What the packages depend on was not unpacked, but for the sets that come whole.
 *
 * @param {UnpackablePackage} unpackable
 */
function requireLoadable(unpackable) {
  const file = unpackedFile(unpackable)
  if (!file)
    throw new SetupFailure(`The package ${unpackable} does not hold ${yields[unpackable].join(' or ')}.`)
  const libraries = join(folderOf(unpackable), 'usr/lib', triplet)
  const ldd = answerOf('env', [`LD_LIBRARY_PATH=${libraries}`, 'ldd', file]) ?? ''
  const missing = ldd.split('\n').filter((line) => line.includes('not found'))
  if (missing.length === 0) return
  rmSync(folderOf(unpackable), { recursive: true, force: true })
  throw new SetupFailure(`${unpackable} lacks libraries on this machine:\n${missing.join('\n')}`)
}
