import { randomUUID } from 'node:crypto'
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { say } from './progress.mjs'
import { cacheFolder } from './project.mjs'

/** Held by whoever changes packages, node_modules or dist of this clone. */
export const setupLock = join(cacheFolder, 'setup.lock')

const pollMs = 200

/**
 * Lets one setup at a time work in a clone. The lock is a folder that holds its owner's name. It is made beside,
 * renamed into place and renamed away again, so nobody ever sees it empty, and no removal hits a successor's.
 *
 * @template T
 * @param {string} lock path of the folder
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function withLock(lock, work) {
  const id = randomUUID()
  const own = `${lock}.${id}`
  mkdirSync(own, { recursive: true })
  writeFileSync(join(own, 'owner'), `${processName(process.pid)} ${id}`)
  try {
    await acquire(lock, own)
    try {
      return await work()
    } finally {
      renamed(lock, own)
    }
  } finally {
    rmSync(own, { recursive: true, force: true })
  }
}

/**
 * @param {string} lock
 * @param {string} own
 */
async function acquire(lock, own) {
  let told = false
  while (!renamed(own, lock)) {
    const owner = ownerOf(lock)
    if (owner && !isAlive(owner)) bury(lock, owner)
    else {
      if (!told && owner) say(`waiting for another setup of this clone (process ${owner.split(' ')[0]}) …`)
      told = true
      await sleep(pollMs)
    }
  }
}

/**
 * Puts a dead owner's lock aside under that owner's name, for good: of two that found it dead, the slower one
 * cannot take the quicker one's new lock away, because a folder is not renamed onto one that is not empty.
 *
 * @param {string} lock
 * @param {string} owner
 */
function bury(lock, owner) {
  const graves = `${lock}.dead`
  mkdirSync(graves, { recursive: true })
  renamed(lock, join(graves, owner.replaceAll(' ', '-')))
}

/**
 * @param {string} from
 * @param {string} to
 * @returns {boolean} false when `to` is taken or `from` has just gone
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
function processName(pid) {
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
  return owner.startsWith(`${processName(pid)} `)
}
