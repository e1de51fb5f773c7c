import { answerOf, lastLines, run } from './child.mjs'
import { SetupFailure } from './failure.mjs'
import { needs } from './needs.mjs'
import { step } from './progress.mjs'
import { unpackPackages } from './unpack.mjs'

/** @typedef {import('./needs.mjs').Need} Need */

/**
 * @typedef {object} Machine
 * @property {boolean} hasApt
 * @property {() => boolean} mayInstall root, or sudo without a password
 * @property {(packages: readonly string[]) => boolean} knowsPackages whether apt's lists name all of them
 */

/**
 * @typedef {object} PackagePlan
 * @property {readonly string[]} install Debian packages
 * @property {readonly import('./unpack.mjs').Unpackable[]} unpack
 * @property {string} [refusal] what the person must do first; then nothing is installed or unpacked
 */

/**
 * Decides how what is missing comes onto the machine.
 *
 * @param {readonly Need[]} missing
 * @param {Machine} machine
 * @returns {PackagePlan}
 */
export function planPackages(missing, machine) {
  if (missing.length === 0) return { install: [], unpack: [] }
  if (!machine.hasApt) return refuse(inWords(missing))
  const toInstall = missing.filter((need) => !need.onlyForTests)
  if (toInstall.length === 0 || machine.mayInstall()) {
    return {
      install: packagesOf(toInstall),
      unpack: unpackablesOf(missing.filter((need) => need.onlyForTests)),
    }
  }
  if (missing.every((need) => need.unpackable)) return { install: [], unpack: unpackablesOf(missing) }
  return refuse(installCommand(packagesOf(toInstall), machine))
}

/** @param {readonly Need[]} missing */
const packagesOf = (missing) => missing.map((need) => need.debianPackage)

/** @param {readonly Need[]} missing */
const unpackablesOf = (missing) => missing.flatMap((need) => need.unpackable ?? [])

/** @param {string} refusal @returns {PackagePlan} */
const refuse = (refusal) => ({ install: [], unpack: [], refusal })

/** @param {readonly Need[]} missing */
function inWords(missing) {
  return `This machine lacks ${missing.map((need) => need.inWords).join(', ')}.\nInstall that, then run the command again.`
}

/**
 * @param {readonly string[]} packages
 * @param {Machine} machine
 */
function installCommand(packages, machine) {
  const update = machine.knowsPackages(packages) ? '' : 'sudo apt-get update && '
  return [
    `These packages are missing and cannot be installed from here: ${packages.join(' ')}`,
    'Run this, then the command again:',
    `  ${update}sudo apt-get install -y ${packages.join(' ')}`,
  ].join('\n')
}

/** @type {Machine} */
export const thisMachine = {
  hasApt: answerOf('apt-get', ['--version']) !== undefined,
  mayInstall: () => isRoot() || answerOf('sudo', ['-n', 'true']) !== undefined,
  knowsPackages: (packages) => {
    const policy = answerOf('apt-cache', ['policy', ...packages]) ?? ''
    return (policy.match(/^ {2}Candidate: [^(]/gm) ?? []).length === packages.length
  },
}

const isRoot = () => process.getuid?.() === 0

/** @param {readonly import('./needs.mjs').NeedName[]} wanted */
export function missingOf(wanted) {
  return wanted.map((name) => needs[name]).filter((need) => !need.present())
}

/**
 * Brings what is missing, or says what the person must do.
 *
 * @param {readonly import('./needs.mjs').NeedName[]} wanted
 */
export async function bringPackages(wanted) {
  const plan = planPackages(missingOf(wanted), thisMachine)
  if (plan.refusal) throw new SetupFailure(plan.refusal)
  if (plan.install.length > 0) {
    await step(`installing ${plan.install.join(', ')} with apt-get`, () => install(plan.install))
  }
  if (plan.unpack.length > 0) {
    await step(`unpacking ${plan.unpack.join(', ')} into .cache`, () => unpackPackages(plan.unpack))
  }
}

/** @param {readonly string[]} packages */
async function install(packages) {
  const args = ['install', '-y', '--no-install-recommends', '-o', 'DPkg::Lock::Timeout=120', ...packages]
  const installs = async () => (await aptGet(args)).code === 0
  if (thisMachine.knowsPackages(packages) && (await installs())) return
  await aptGet(['update'])
  const { code, output } = await aptGet(args)
  if (code === 0) return
  throw new SetupFailure(`${lastLines(output)}\n${installCommand(packages, thisMachine)}`)
}

/** @param {readonly string[]} args */
function aptGet(args) {
  // Ubuntu's needrestart would restart the person's services after an installation.
  const command = [
    'env',
    'DEBIAN_FRONTEND=noninteractive',
    'NEEDRESTART_SUSPEND=1',
    'LC_ALL=C',
    'apt-get',
    ...args,
  ]
  return isRoot() ? run('env', command.slice(1)) : run('sudo', ['-n', ...command])
}
