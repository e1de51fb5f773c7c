import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { ModuleWatch } from '../../drivers/pkcs11/module-watch.js'
import type { ModuleSettings } from '../../drivers/token.js'
import { eventually, HANG_LIMIT } from './temporary-softhsm.js'

async function watched(t: ExecutionContext, changes: Partial<ModuleSettings> = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'ctl-bridge-watch-'))
  let hints = 0
  const settings = {
    name: 'm',
    path: '',
    environment: {},
    watchFolders: [folder],
    rescanEvery: HANG_LIMIT,
    parallel: 1,
    slotEvents: false,
    remote: false,
  }
  const watch = new ModuleWatch({ ...settings, deadline: 1, ...changes }, () => {
    hints += 1
  })
  t.teardown(() => {
    watch.stop()
    return rm(folder, { recursive: true, force: true })
  })
  return { folder, watch, hints: () => hints }
}

test('A change during a scan is not forgotten when the scan ends', async (t) => {
  const { folder, watch, hints } = await watched(t)
  await writeFile(join(folder, 'token'), '')
  await eventually(() => {
    watch.scanned(true)
    return hints() > 0 ? true : undefined
  })
  t.pass()
})

test('Changes without end do not put the hint off', async (t) => {
  const { folder, hints } = await watched(t)
  await eventually(async () => {
    await writeFile(join(folder, 'token'), '')
    return hints() > 0 ? true : undefined
  })
  t.pass()
})

test('Without any change a scan is due after a while, again and again', async (t) => {
  const { hints } = await watched(t, { watchFolders: [], rescanEvery: 20 })
  await eventually(() => (hints() >= 3 ? true : undefined))
  t.pass()
})

test('A watched folder that does not exist harms nothing', async (t) => {
  const parent = await mkdtemp(join(tmpdir(), 'ctl-bridge-watch-'))
  t.teardown(() => rm(parent, { recursive: true, force: true }))
  await t.notThrowsAsync(watched(t, { watchFolders: [join(parent, 'not yet')] }))
})

test('Nothing is hinted at after the watch was stopped', async (t) => {
  const { watch, hints } = await watched(t, { watchFolders: [], rescanEvery: 5 })
  watch.stop()
  watch.scanned(false)
  const before = hints()
  await new Promise((resolve) => setTimeout(resolve, 400))
  t.is(hints(), before)
})
