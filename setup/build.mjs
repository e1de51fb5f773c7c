import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { run } from './child.mjs'
import { installedStamp } from './dependencies.mjs'
import { SetupFailure } from './failure.mjs'
import { projectFolder } from './project.mjs'

const stampFile = 'dist/.build-stamp'
const notSources = new Set(['node_modules', 'dist', '.cache', '.git'])

/**
 * Names, times and sizes of all that tsc reads, so that a file that was deleted or checked out with an older time
 * counts as a change.
 *
 * @param {string} folder
 * @returns {string} a digest
 */
export function sourcesFingerprint(folder) {
  const hash = createHash('sha256').update(installedStamp(folder))
  for (const path of filesBelow(folder).filter(isSource).sort()) {
    const { mtimeMs, size } = statSync(path)
    hash.update(`${relative(folder, path)} ${mtimeMs} ${size}\n`)
  }
  return hash.digest('hex')
}

/** @param {string} path */
const isSource = (path) => /\.tsx?$|tsconfig[^/]*\.json$/.test(path)

/**
 * @param {string} folder
 * @returns {string[]} paths
 */
function filesBelow(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) return notSources.has(entry.name) ? [] : filesBelow(path)
    return entry.isFile() ? [path] : []
  })
}

export function buildReady() {
  const stamp = join(projectFolder, stampFile)
  return existsSync(stamp) && readFileSync(stamp, 'utf8') === sourcesFingerprint(projectFolder)
}

/** Compiles what changed. tsc's complaints are the message of the failure. */
export async function build() {
  const fingerprint = sourcesFingerprint(projectFolder)
  const { code, output } = await typescript(['-b'])
  if (code !== 0) throw new SetupFailure(`The build failed:\n${output.trimEnd()}`)
  removeOrphans(projectFolder)
  writeFileSync(join(projectFolder, stampFile), fingerprint)
}

/** Checks the types of setup itself, which is JavaScript with JSDoc and is not compiled. */
export async function checkSetupTypes() {
  const { code, output } = await typescript(['-p', 'setup'])
  if (code !== 0) throw new SetupFailure(`The types of setup/ are wrong:\n${output.trimEnd()}`)
}

/** @param {readonly string[]} args */
const typescript = (args) =>
  run(process.execPath, [join(projectFolder, 'node_modules/.bin/tsc'), ...args], { cwd: projectFolder })

/**
 * tsc leaves the output of deleted sources behind; a deleted test would go on running. An output is known by its
 * declaration file, so that other things in dist stay.
 *
 * @param {string} folder the project's
 */
export function removeOrphans(folder) {
  const dist = join(folder, 'dist')
  const declared = filesBelow(dist).filter((path) => path.endsWith('.d.ts'))
  for (const stem of declared.map((path) => path.slice(0, -'.d.ts'.length))) {
    const source = join(folder, relative(dist, stem))
    if (existsSync(`${source}.ts`) || existsSync(`${source}.tsx`)) continue
    for (const ending of ['.d.ts', '.d.ts.map', '.js', '.js.map']) rmSync(stem + ending, { force: true })
  }
}
