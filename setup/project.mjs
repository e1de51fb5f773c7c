import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The clone's root, absolute. */
export const projectFolder = fileURLToPath(new URL('..', import.meta.url))

/** Outside node_modules, because `npm ci` empties that. */
export const cacheFolder = join(projectFolder, '.cache')

/**
 * A name for what compiled files depend on, for example `debian-12-x64`: a clone may be shared by a machine
 * and its containers.
 */
export function systemName() {
  return `${osRelease('ID')}-${osRelease('VERSION_ID')}-${process.arch}`
}

/**
 * @param {string} field
 * @returns {string} its value in os-release(5), letters, digits and dots only; `unknown` without one
 */
function osRelease(field) {
  try {
    const line = new RegExp(`^${field}=(.*)$`, 'm').exec(readFileSync('/etc/os-release', 'utf8'))
    return line?.[1]?.replace(/[^A-Za-z0-9.]/g, '') || 'unknown'
  } catch {
    return 'unknown'
  }
}
