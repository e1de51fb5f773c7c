import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { answerOf, lastLines, run } from './child.mjs'
import { SetupFailure } from './failure.mjs'
import { step } from './progress.mjs'
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

export const dependenciesReady = () => installedStamp() === wantedStamp()

/** Installs exactly what package-lock.json says. `npm ci` empties node_modules first, the stamp with it. */
export async function installDependencies() {
  await step('installing npm packages and compiling the PKCS#11 addon', async () => {
    const [command, ...npm] = npmCommand()
    // `npm run -s` hands its silence down, and the reason of a failure would be lost.
    const args = [...npm, 'ci', '--include=dev', '--loglevel=warn', '--no-progress', '--color=false']
    const { code, output } = await run(command, args, { cwd: projectFolder, env: headersAtHand() })
    if (code !== 0) throw new SetupFailure(`npm ci failed:\n${lastLines(output)}${networkHint(output)}`)
    requireAddon()
  })
  writeFileSync(join(projectFolder, stampFile), wantedStamp())
}

/** npm reports success when it was told to run no install scripts. */
function requireAddon() {
  const addon = join(projectFolder, 'node_modules/pkcs11js')
  if (answerOf(process.execPath, ['-e', 'require(process.argv[1])', addon]) !== undefined) return
  throw new SetupFailure(
    'The PKCS#11 addon (pkcs11js) was not compiled or does not load.\n' +
      'npm must be allowed to run its install script: see `npm config get ignore-scripts`.',
  )
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
