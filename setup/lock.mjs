import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { say } from './progress.mjs'
import { cacheFolder } from './project.mjs'

/** Held by whoever changes packages, node_modules or dist of this clone. */
export const setupLock = join(cacheFolder, 'setup.lock')

const pollMs = 200

/**
 * Lets one setup at a time work in a clone. The lock is a folder that holds its owner's name; it is made beside
 * and renamed into place, so nobody ever sees it without an owner.
 *
 * @template T
 * @param {string} lock path of the folder
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function withLock(lock, work) {
  await acquire(lock)
  try {
    return await work()
  } finally {
    rmSync(lock, { recursive: true, force: true })
    rmSync(graves(lock), { recursive: true, force: true })
  }
}

/** @param {string} lock */
async function acquire(lock) {
  let told = false
  while (!take(lock)) {
    const owner = ownerOf(lock)
    if (owner && !isAlive(owner)) bury(lock, owner)
    else {
      if (!told)
        say(`waiting for another setup of this clone (process ${owner?.split(' ')[0] ?? 'unknown'}) …`)
      told = true
      await sleep(pollMs)
    }
  }
}

/**
 * @param {string} lock
 * @returns {boolean} false when somebody else has it
 */
function take(lock) {
  const own = `${lock}.${process.pid}`
  mkdirSync(own, { recursive: true })
  writeFileSync(join(own, 'owner'), ownerName(process.pid))
  const taken = renamed(own, lock)
  if (!taken) rmSync(own, { recursive: true, force: true })
  return taken
}

/**
 * Puts a dead owner's lock aside under that owner's name. Of two that found it dead the slower one cannot take the
 * quicker one's new lock away: a folder is not renamed onto one that is not empty.
 *
 * @param {string} lock
 * @param {string} owner
 */
function bury(lock, owner) {
  mkdirSync(graves(lock), { recursive: true })
  renamed(lock, join(graves(lock), owner.replace(' ', '-')))
}

/** @param {string} lock */
const graves = (lock) => `${lock}.dead`

/**
 * @param {string} from
 * @param {string} to
 * @returns {boolean} false when `to` is taken, or `from` or its target's folder has just gone
 */
function renamed(from, to) {
  try {
    renameSync(from, to)
    return true
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : ''
    if (code === 'ENOTEMPTY' || code === 'EEXIST' || code === 'ENOENT') return false
    throw error
  }
}

/** @param {string} lock */
function ownerOf(lock) {
  try {
    return readFileSync(join(lock, 'owner'), 'utf8')
  } catch {
    return undefined
  }
}

/**
 * A process, not to be mixed up with a later one of the same number.
 *
 * @param {number} pid
 * @returns {string} pid and start time, in clock ticks since boot
 */
function ownerName(pid) {
  return `${pid} ${startTime(pid)}`
}

/** @param {number} pid */
function startTime(pid) {
  try {
    // proc(5): field 22; the name in field 2 is in parentheses and may hold spaces.
    return (
      readFileSync(`/proc/${pid}/stat`, 'utf8')
        .replace(/^.*\) /, '')
        .split(' ')[19] ?? '0'
    )
  } catch {
    return '0'
  }
}

/** @param {string} owner */
function isAlive(owner) {
  const pid = Number(owner.split(' ')[0])
  try {
    process.kill(pid, 0)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ESRCH') return false
  }
  return ownerName(pid) === owner
}
