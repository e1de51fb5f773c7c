import { join } from 'node:path'
import { avaReport } from './ava-report.mjs'
import { build, checkSetupTypes } from './build.mjs'
import { run } from './child.mjs'
import { SetupFailure } from './failure.mjs'
import { setupLock, withLock } from './lock.mjs'
import { elapsed } from './progress.mjs'
import { projectFolder } from './project.mjs'

/**
 * @typedef {object} Stage
 * @property {string} name
 * @property {(env: Record<string, string>, args: readonly string[]) => Promise<string | void>} run
 *   gives a line for the end, or throws a SetupFailure
 */

/** @type {Stage} */
const formatAndLint = {
  name: 'format and lint',
  run: async () => {
    const { code, output } = await tool('biome', ['check', '--colors=off', '--error-on-warnings', '.'])
    if (code !== 0) throw new SetupFailure(output.trimEnd())
  },
}

/** @type {Stage} */
const typesOfSetup = { name: 'types of setup', run: checkSetupTypes }

/** @type {Stage} */
const typesAndBuild = { name: 'types and build', run: () => withLock(setupLock, build) }

/** Faults, cards, the contract of the ports and the whole rehearsals take minutes: `npm run test:long` runs them. */
const everyDay = 'dist/test/!(cards|contract|faults|rehearsals)/**'
const longRun = 'dist/test/@(cards|contract|faults|rehearsals)/**'

/** @type {Stage} */
const tests = {
  name: 'tests',
  run: async (env, args) => {
    const report = avaReport()
    /** @param {string} text */
    const show = (text) => {
      process.stdout.write(text)
      report.read(text)
    }
    const { code } = await tool('ava', args.length > 0 ? [...args] : [everyDay], {
      env: { ...colours(), ...env },
      onStdout: show,
      stderr: true,
    })
    if (report.skipped().length > 0) tell(`not tried here:\n${report.skipped().join('\n')}`)
    const { passed, failed } = report.counts(code)
    const count = `${passed} passed, ${failed} failed`
    if (failed > 0) throw new SetupFailure(count)
    return count
  },
}

/** AVA writes into a pipe, but a person may be looking at the other end. */
const colours = () => (process.stdout.isTTY ? { FORCE_COLOR: '1' } : {})

/** Every fault and the plug cycles at their full number, which take minutes. @type {Stage} */
const longTests = {
  name: 'long tests',
  run: (env, args) => tests.run({ ...env, CTL_BRIDGE_LONG: '1' }, args.length > 0 ? args : [longRun]),
}

export const longStages = [typesAndBuild, longTests]
export const checkStages = [formatAndLint, typesOfSetup, typesAndBuild]
export const testStages = [...checkStages, tests]

/**
 * @param {string} name below node_modules/.bin
 * @param {readonly string[]} args
 * @param {import('./child.mjs').ChildOptions} options
 */
const tool = (name, args, options = {}) =>
  run(process.execPath, [join(projectFolder, 'node_modules/.bin', name), ...args], {
    cwd: projectFolder,
    ...options,
  })

/**
 * Runs stages up to the first that fails, and says of each how it went.
 *
 * @param {readonly Stage[]} stages
 * @param {Record<string, string>} env for the tests
 * @param {readonly string[]} args for the tests
 * @returns {Promise<boolean>} whether all went well
 */
export async function runStages(stages, env, args) {
  for (const stage of stages) {
    const start = Date.now()
    tell(`${stage.name} …`)
    try {
      const words = await stage.run(env, args)
      tell(`${stage.name}: ok, ${elapsed(start)}`)
      if (words) tell(words)
    } catch (error) {
      if (!(error instanceof SetupFailure)) throw error
      tell(`${stage.name}: failed, ${elapsed(start)}`)
      tell(error.message)
      return false
    }
  }
  return true
}

/** @param {string} text */
const tell = (text) => process.stdout.write(`${text}\n`)
