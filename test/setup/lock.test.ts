import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'ava'
import { setup, setupFolder } from './setup-modules.js'

const { withLock } = setup.lock

/** The path of a lock in a folder of its own, gone after the test. */
function lockOf(t: { teardown(end: () => void): void }): string {
  const folder = mkdtempSync(join(tmpdir(), 'ctl-bridge-lock-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  return join(folder, 'cache', 'setup.lock')
}

/** Leaves a lock as a process that died would. */
function abandon(lock: string, owner: string): void {
  mkdirSync(lock, { recursive: true })
  writeFileSync(join(lock, 'owner'), owner)
}

function pidOfDeadProcess(): number {
  return spawnSync(process.execPath, ['--version']).pid
}

test('The lock is there while work is done and gone afterwards, also after a failure', async (t) => {
  const lock = lockOf(t)
  const result = await withLock(lock, async () => existsSync(join(lock, 'owner')))
  t.true(result)
  await t.throwsAsync(
    withLock(lock, async () => {
      throw new Error('no space left')
    }),
    { message: 'no space left' },
  )
  t.deepEqual(readdirSync(join(lock, '..')), [])
})

test('A lock whose owner is dead is taken over', async (t) => {
  const lock = lockOf(t)
  abandon(lock, `${pidOfDeadProcess()} 1 left-behind`)
  t.is(
    await withLock(lock, async () => readFileSync(join(lock, 'owner'), 'utf8').split(' ')[0]),
    `${process.pid}`,
  )
  t.false(existsSync(lock))
})

test('A lock whose number now belongs to another process is taken over', async (t) => {
  const lock = lockOf(t)
  abandon(lock, `${process.pid} 1 left-behind`)
  t.true(await withLock(lock, async () => true))
})

// Each process notes when it enters and when it leaves; all start from the same abandoned lock.
const contender = `
  import { appendFileSync } from 'node:fs'
  import { setTimeout as sleep } from 'node:timers/promises'
  setTimeout(() => process.exit(1), 60_000).unref() // nobody is left waiting when the lock is broken
  const { withLock } = await import(process.argv[1])
  await withLock(process.argv[2], async () => {
    appendFileSync(process.argv[3], 'in ' + process.pid + '\\n')
    await sleep(20)
    appendFileSync(process.argv[3], 'out ' + process.pid + '\\n')
  })`

test('Of many setups that find a dead one at the same moment, one works at a time and all have their turn', async (t) => {
  const lock = lockOf(t)
  const log = `${lock}.log`
  abandon(lock, `${pidOfDeadProcess()} 1 left-behind`)
  const address = new URL('lock.mjs', setupFolder).href
  const children = Array.from({ length: 6 }, () =>
    spawn(process.execPath, ['--input-type=module', '-e', contender, address, lock, log], {
      stdio: 'ignore',
    }),
  )
  const codes = await Promise.all(children.map(async (child) => (await once(child, 'exit'))[0]))
  t.deepEqual(codes, [0, 0, 0, 0, 0, 0])

  const lines = readFileSync(log, 'utf8').trim().split('\n')
  t.is(lines.length, 12)
  for (let i = 0; i < lines.length; i += 2) t.is(lines[i + 1], lines[i]?.replace('in', 'out'))
  t.is(new Set(lines).size, 12)
})
