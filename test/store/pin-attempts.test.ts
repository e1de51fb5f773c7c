import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import test, { type ExecutionContext } from 'ava'
import type { PinAttempts } from '../../daemon/store/pin-attempts.js'
import { fingerprint, openStore, temporaryFolder, temporaryStore } from './temporary-store.js'

const VICTIM = fileURLToPath(new URL('./interrupted-attempt.js', import.meta.url))

/** The store after a process with an attempt under way was killed at `point`. */
async function killedAt(t: ExecutionContext, point: string) {
  const folder = await temporaryFolder(t)
  const child = spawn(process.execPath, [VICTIM, folder, point], { stdio: 'inherit' })
  const [, signal] = await once(child, 'exit')
  t.is(signal, 'SIGKILL')
  const open = await openStore(folder)
  t.teardown(() => open.store.close())
  const held = await open.attempts.heldAgainst('T1', await fingerprint('T1', 'a PIN'))
  return { held, interrupted: open.interrupted, tries: (await open.attempts.wrongTries()).get('T1') }
}

test('Killed before the attempt is written: the PIN never left, nothing is held against it', async (t) => {
  t.deepEqual(await killedAt(t, 'before'), { held: undefined, interrupted: 0, tries: undefined })
})

for (const point of ['during', 'after']) {
  test(`Killed ${point} the login: the attempt is unknown, counts as a try and blocks the PIN`, async (t) => {
    t.deepEqual(await killedAt(t, point), { held: 'unknown', interrupted: 1, tries: 1 })
  })
}

async function attempted(
  attempts: PinAttempts,
  pin: string,
  ...[state, amnesty = 'none']: [Parameters<PinAttempts['settle']>[1], Parameters<PinAttempts['settle']>[2]?]
): Promise<void> {
  const id = await attempts.begin({
    serial: 'T1',
    fingerprint: await fingerprint('T1', pin),
    principal: { keyId: 'k', name: 'n' },
    requestId: 'r',
  })
  await attempts.settle(id, state, amnesty)
}

const held = async (attempts: PinAttempts, pin: string, serial = 'T1') =>
  attempts.heldAgainst(serial, await fingerprint('T1', pin))

test('Wrong and unknown PINs are held, on their token alone; others are not', async (t) => {
  const { attempts } = await temporaryStore(t)
  for (const state of ['ok', 'wrong', 'locked', 'not-sent', 'unknown'] as const) {
    await attempted(attempts, state, state)
  }
  t.is(await held(attempts, 'wrong'), 'wrong')
  t.is(await held(attempts, 'unknown'), 'unknown')
  t.is(await held(attempts, 'wrong', 'T2'), undefined)
  for (const pin of ['ok', 'locked', 'not-sent']) t.is(await held(attempts, pin), undefined, pin)
  t.deepEqual([...(await attempts.wrongTries())], [['T1', 2]])
})

test('A PIN that was wrong and then interrupted is wrong', async (t) => {
  const { attempts } = await temporaryStore(t)
  await attempted(attempts, 'a PIN', 'wrong')
  await attempted(attempts, 'a PIN', 'unknown')
  t.is(await held(attempts, 'a PIN'), 'wrong')
})

test('A success with a PIN clears that PIN; a change clears them all; the count stays', async (t) => {
  const { attempts } = await temporaryStore(t)
  for (const pin of ['one', 'two', 'three']) await attempted(attempts, pin, 'wrong')
  await attempted(attempts, 'one', 'ok', 'this-pin')
  t.is(await held(attempts, 'one'), undefined)
  t.is(await held(attempts, 'two'), 'wrong')
  await attempted(attempts, 'four', 'ok', 'every-pin')
  for (const pin of ['one', 'two', 'three', 'four']) t.is(await held(attempts, pin), undefined, pin)
  t.deepEqual([...(await attempts.wrongTries())], [['T1', 3]])
})

test('No fingerprint of a right PIN is left in any file of a store that was closed', async (t) => {
  const folder = await temporaryFolder(t)
  const { store, attempts } = await openStore(folder)
  const numbers = Array.from({ length: 40 }, (_, index) => index)
  for (const number of numbers) await attempted(attempts, `wrong ${number}`, 'wrong')
  for (const number of numbers) await attempted(attempts, `wrong ${number}`, 'ok', 'this-pin')
  await attempted(attempts, 'wrong', 'wrong')
  await store.close()
  const names = (await readdir(folder)).filter((name) => name.startsWith('store.db'))
  const bytes = Buffer.concat(await Promise.all(names.map((name) => readFile(join(folder, name)))))
  const isThere = async (pin: string) => bytes.includes(Buffer.from(await fingerprint('T1', pin)))
  t.true(await isThere('wrong'))
  for (const number of numbers) t.false(await isThere(`wrong ${number}`), `${number}`)
})
