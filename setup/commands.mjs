import { delimiter, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { build, buildReady } from './build.mjs'
import { dependenciesReady, installDependencies } from './dependencies.mjs'
import { SetupFailure } from './failure.mjs'
import { setupLock, withLock } from './lock.mjs'
import { findMachineTree } from './machine-tree.mjs'
import { bringPackages, missingOf } from './packages.mjs'
import { say, step } from './progress.mjs'
import { projectFolder } from './project.mjs'
import { checkStages, longStages, runStages, testStages } from './stages.mjs'
import { findSoftHsm, unpackedCommandFolder } from './unpack.mjs'

/** @typedef {import('./needs.mjs').NeedName} NeedName */

/**
 * @typedef {object} Command
 * @property {readonly NeedName[]} needs beyond what npm needs to compile the addon
 * @property {string} [program] compiled file to start, with `args` before the person's own
 * @property {readonly string[]} [args]
 * @property {readonly import('./stages.mjs').Stage[]} [stages] to run instead of a program
 */

/** @type {Record<string, Command>} */
const commands = {
  demo: { needs: ['softhsm'], program: 'dist/demo/main.js' },
  start: { needs: [], program: 'dist/daemon/cli/main.js', args: ['serve'] },
  'ctl-bridge': { needs: [], program: 'dist/daemon/cli/main.js' },
  lab: { needs: ['softhsm'], program: 'dist/daemon/cli/main.js', args: ['lab', 'up'] },
  softhsm: { needs: ['softhsm'], program: 'dist/softhsm/main.js' },
  build: { needs: [] },
  check: { needs: [], stages: checkStages },
  // Tests compile small C modules that stand in for tokens.
  test: {
    needs: ['compiler', 'softhsm', 'openssl', 'p11Kit', 'tftpServers', 'tftpClients', 'ssh', 'nginx'],
    stages: testStages,
  },
  'test:long': { needs: ['compiler', 'softhsm', 'openssl', 'virtualCard', 'p11Kit'], stages: longStages },
  bench: { needs: [], program: 'dist/bench/main.js' },
  'test:usb': { needs: ['compiler', 'usbMachine'], program: 'dist/test/usb/main.js' },
  fuzz: { needs: [], program: 'dist/test/fuzz/main.js' },
}

/**
 * @param {string | undefined} name of an npm script
 * @param {readonly string[]} args the person's
 */
export async function runCommand(name, args) {
  const command = Object.entries(commands).find(([key]) => key === name)?.[1]
  try {
    if (!command) throw new SetupFailure(`Say what to run, one of: ${Object.keys(commands).join(', ')}.`)
    await prepare(command)
    const env = environment()
    if (command.program) await start(command.program, [...(command.args ?? []), ...args], env)
    if (command.stages && !(await runStages(command.stages, env, args))) process.exitCode = 1
  } catch (error) {
    if (!(error instanceof SetupFailure)) throw error
    say(error.message)
    process.exitCode = error.exitCode
  }
}

/**
 * Brings what the command needs; silent and without the lock when everything is there.
 *
 * @param {Command} command
 */
async function prepare(command) {
  if (isReady(command)) return
  await withLock(setupLock, async () => {
    await bringPackages(packagesFor(command))
    if (!dependenciesReady()) await installDependencies()
    if (!command.stages && !buildReady()) await step('building', build)
  })
}

/** @param {Command} command */
function isReady(command) {
  // Stages build by themselves and show it.
  return dependenciesReady() && missingOf(command.needs).length === 0 && (command.stages || buildReady())
}

/**
 * @param {Command} command
 * @returns {NeedName[]}
 */
function packagesFor(command) {
  return [...new Set([...(dependenciesReady() ? [] : compiling), ...command.needs])]
}

/** @type {readonly NeedName[]} what npm needs to compile the PKCS#11 addon */
const compiling = ['compiler', 'python']

/** @returns {Record<string, string>} what programs and tests must know of what was brought */
function environment() {
  const softHsm = findSoftHsm()
  const openssl = unpackedCommandFolder('openssl')
  const machine = findMachineTree()
  return {
    ...(machine ? { CTL_BRIDGE_USB_MACHINE: machine } : {}),
    ...(softHsm ? { CTL_BRIDGE_SOFTHSM: softHsm } : {}),
    ...(openssl ? { PATH: `${process.env.PATH ?? ''}${delimiter}${openssl}` } : {}),
  }
}

/**
 * Becomes the program: in this very process, so that signals, terminal and exit code are the program's own, and in
 * the folder where the person is, so that typed paths mean what they say.
 *
 * @param {string} program
 * @param {readonly string[]} args
 * @param {Record<string, string>} env
 */
async function start(program, args, env) {
  const file = join(projectFolder, program)
  Object.assign(process.env, env)
  process.chdir(process.env.INIT_CWD ?? process.cwd())
  process.argv.splice(1, Number.POSITIVE_INFINITY, file, ...args)
  await import(pathToFileURL(file).href)
}
