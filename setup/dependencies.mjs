import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { answerOf, lastLines, run } from './child.mjs'
import { SetupFailure } from './failure.mjs'
import { say, step } from './progress.mjs'
import { projectFolder } from './project.mjs'

/** @typedef {{ abi: string, platform: string, arch: string }} Runtime what compiled addons depend on */

/** @type {Runtime} */
const thisRuntime = { abi: process.versions.modules, platform: process.platform, arch: process.arch }

const stampFile = 'node_modules/.ctl-bridge-stamp'

/**
 * @param {string} lock text of package-lock.json
 * @param {Runtime} runtime
 * @returns {string} differs when node_modules has to be made anew
 */
export function dependencyStamp(lock, runtime) {
  const digest = createHash('sha256').update(lock).digest('hex')
  return `${digest} ${runtime.platform}-${runtime.arch} abi${runtime.abi}\n`
}

const wantedStamp = () =>
  dependencyStamp(readFileSync(join(projectFolder, 'package-lock.json'), 'utf8'), thisRuntime)

/** @returns {string} the stamp of what is installed, empty without one */
export function installedStamp(folder = projectFolder) {
  const file = join(folder, stampFile)
  return existsSync(file) ? readFileSync(file, 'utf8') : ''
}

export const dependenciesReady = () => installedStamp() === wantedStamp() && addonComplaint() === undefined

/** Installs exactly what package-lock.json says. `npm ci` empties node_modules first, the stamp with it. */
export async function installDependencies() {
  const complaint = installedStamp() === wantedStamp() ? addonComplaint() : undefined
  if (complaint) say(`${complaint}\nThe npm packages are installed anew.`)
  await step('installing npm packages and compiling the addons for PKCS#11 and SQLite', async () => {
    const [command, ...npm] = npmCommand()
    // `npm run -s` hands its silence down, and the reason of a failure would be lost.
    const args = [...npm, 'ci', '--include=dev', '--loglevel=warn', '--no-progress', '--color=false']
    const { code, output } = await run(command, args, { cwd: projectFolder, env: headersAtHand() })
    if (code !== 0) throw new SetupFailure(`npm ci failed:\n${lastLines(output)}${networkHint(output)}`)
    requireAddons()
    complaintSoFar = undefined
  })
  writeFileSync(join(projectFolder, stampFile), wantedStamp())
}

/** npm reports success when it was told to run no install scripts. */
function requireAddons() {
  const complaint = lookAtAddons(projectFolder)
  if (complaint === undefined) return
  throw new SetupFailure(
    `${complaint}\n` +
      'npm must be allowed to run its install script: see `npm config get ignore-scripts`.\n' +
      'It is compiled, or fetched as compiled, for the Node that runs npm: use one Node for both.',
  )
}

/** What each addon is loaded with. better-sqlite3 looks for its compiled part when a database is opened. */
const addons = {
  pkcs11js: "load('pkcs11js')",
  'better-sqlite3': "new (load('better-sqlite3'))(':memory:').close()",
}

/** @type {string | undefined} */
let complaintSoFar
let looked = false

/** Once per run: an `npm rebuild` with another Node leaves the stamp as it was. */
function addonComplaint() {
  if (!looked) complaintSoFar = lookAtAddons(projectFolder)
  looked = true
  return complaintSoFar
}

/**
 * Loads the compiled addons in a process of their own, because setup becomes the program, which must not have them.
 *
 * @param {string} folder with node_modules
 * @returns {string | undefined} one sentence about the first that does not load
 */
export function lookAtAddons(folder) {
  const tries = Object.entries(addons).map(([name, use]) => `attempt('${name}', () => ${use})`)
  const script = `
    const load = require('node:module').createRequire(process.argv[1])
    const attempt = (name, use) => {
      try { use() } catch (error) { console.log(name + ' does not load: ' + String(error.message).replace(/\\s+/g, ' ')) }
    }
    ${tries.join('\n')}`
  const answer = answerOf(process.execPath, ['-e', script, join(folder, 'package.json')])
  if (answer === undefined) return `${Object.keys(addons).join(' or ')} ends Node when it is loaded.`
  return answer.split('\n')[0] || undefined
}

/** @returns {[string, ...string[]]} the npm that started us, else the one on PATH */
function npmCommand() {
  const path = process.env.npm_execpath
  return path && basename(path) === 'npm-cli.js' ? [process.execPath, path] : ['npm']
}

/** @param {string} output */
function networkHint(output) {
  if (!/ENOTFOUND|EAI_AGAIN|ETIMEDOUT|ECONNREFUSED|ECONNRESET|ENETUNREACH/.test(output)) return ''
  return '\nThe npm registry cannot be reached: see to the network, or to the proxy in `npm config`, and run the command again.'
}

/** node-gyp downloads Node's headers unless it is told where they are. */
function headersAtHand() {
  const prefix = dirname(dirname(process.execPath))
  const header = join(prefix, 'include/node/node_version.h')
  if (!existsSync(header) || headerVersion(readFileSync(header, 'utf8')) !== process.versions.node) return {}
  return { npm_package_config_node_gyp_nodedir: prefix }
}

/**
 * @param {string} header text of node_version.h
 * @returns {string} for example `20.19.1`
 */
export function headerVersion(header) {
  const part = (/** @type {string} */ name) =>
    new RegExp(`#define NODE_${name}_VERSION (\\d+)`).exec(header)?.[1]
  return [part('MAJOR'), part('MINOR'), part('PATCH')].join('.')
}
