import { readFile, rm, stat, writeFile } from 'node:fs/promises'
import test from 'ava'
import { openPinFingerprints, pinGuardKeyFile } from '../../daemon/store/pin-fingerprint.js'
import { temporaryFolder } from './temporary-store.js'

test('A PIN has the same fingerprint on the same token after a restart, and no other has it', async (t) => {
  const folder = await temporaryFolder(t)
  const first = await (await openPinFingerprints(folder))('T1', 'a PIN')
  const fingerprint = await openPinFingerprints(folder)
  t.deepEqual(await fingerprint('T1', 'a PIN'), first)
  t.is(first.length, 32)
  t.notDeepEqual(await fingerprint('T1', 'a pin'), first)
  t.notDeepEqual(await fingerprint('T2', 'a PIN'), first)
})

test('The key is a file for its owner alone, and another key gives other fingerprints', async (t) => {
  const folder = await temporaryFolder(t)
  const first = await (await openPinFingerprints(folder))('T1', 'a PIN')
  const path = pinGuardKeyFile(folder)
  const { mode, size } = await stat(path)
  t.is(mode & 0o777, 0o600)
  t.is(size, 32)
  await rm(path)
  t.notDeepEqual(await (await openPinFingerprints(folder))('T1', 'a PIN'), first)
})

test('A damaged key is refused and kept', async (t) => {
  const folder = await temporaryFolder(t)
  const path = pinGuardKeyFile(folder)
  await writeFile(path, 'short')
  await t.throwsAsync(openPinFingerprints(folder), { code: 'STATE_UNUSABLE', message: /damaged/ })
  t.is(await readFile(path, 'utf8'), 'short')
})

test('The event loop goes on while a fingerprint is made', async (t) => {
  const fingerprint = await openPinFingerprints(await temporaryFolder(t))
  let turns = 0
  let done = false
  const turn = (): void => {
    turns += 1
    if (!done) setImmediate(turn)
  }
  const made = fingerprint('T1', 'a PIN').finally(() => {
    done = true
  })
  setImmediate(turn)
  await made
  t.true(turns > 10, `${turns} turns`)
})
