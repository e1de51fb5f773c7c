import { spawn } from 'node:child_process'
import { once } from 'node:events'
import test, { type ExecutionContext } from 'ava'
import { SlotEvents } from '../../drivers/pkcs11/slot-events.js'
import type { ModulePort } from '../../drivers/token.js'
import { makeSastToken, TEST_PIN } from '../../softhsm/sast-token.js'
import { plug, unplug } from '../../softhsm/tokens-folder.js'
import { CAUTIOUS, openUntilEnd, signsWell, tokenInReader } from './module-tests.js'
import { eventually, hostAppears, hostsOf, settingsOf, temporarySofthsm } from './temporary-softhsm.js'

/** Counts the hints that a watch gives, without scanning on them. */
function countHints(module: ModulePort): () => number {
  let hints = 0
  module.watch(() => {
    hints += 1
  })
  return () => hints
}

async function waitsInModule(calls: () => Promise<string[]>, times = 1): Promise<void> {
  await eventually(async () => ((await calls()).length >= times ? true : undefined))
}

async function watchedReader(t: ExecutionContext) {
  const { folder, reader, made } = await tokenInReader(t)
  await reader.slotEvent()
  const module = openUntilEnd(t, reader.settings())
  const hints = countHints(module)
  await module.scan()
  await waitsInModule(() => reader.calls('C_WaitForSlotEvent'))
  // The start of the host that waits is a hint itself.
  await eventually(() => (hints() > 0 ? true : undefined))
  return { folder, reader, made, module, hints }
}

test.serial('A slot that changes is a hint, each time, from one host that stays', async (t) => {
  const { folder, reader, hints } = await watchedReader(t)
  const host = await hostAppears(folder, 'wait')
  for (let round = 1; round <= 3; round++) {
    await waitsInModule(() => reader.calls('C_WaitForSlotEvent'), round)
    const before = hints()
    await reader.slotEvent()
    await eventually(() => (hints() > before ? true : undefined))
  }
  t.deepEqual(await hostsOf(folder, 'wait'), [host])
})

test.serial('A host that waits and dies is started again, and its end is a hint', async (t) => {
  const { folder, reader, hints } = await watchedReader(t)
  const first = await hostAppears(folder, 'wait')
  const early = hints()
  await reader.begin('crash:C_WaitForSlotEvent')
  await eventually(() => (hints() > early ? true : undefined))
  await reader.end('crash:C_WaitForSlotEvent')
  const second = await eventually(async () => (await hostsOf(folder, 'wait')).find((host) => host !== first))
  t.not(second, first)
  const waits = (await reader.calls('C_WaitForSlotEvent')).length
  await waitsInModule(() => reader.calls('C_WaitForSlotEvent'), Math.max(waits, 2))
  const before = hints()
  await reader.slotEvent()
  await eventually(() => (hints() > before ? true : undefined))
})

test.serial(
  'Whoever watches after the first scan is told of events as well, and of what came in between',
  async (t) => {
    const { reader } = await tokenInReader(t)
    await reader.slotEvent()
    const module = openUntilEnd(t, reader.settings())
    await module.scan()
    const hints = countHints(module)
    await eventually(() => (hints() > 0 ? true : undefined))
    await waitsInModule(() => reader.calls('C_WaitForSlotEvent'))
    const before = hints()
    await reader.slotEvent()
    await eventually(() => (hints() > before ? true : undefined))
    t.pass()
  },
)

test.serial('A wait host that keeps dying parks nothing: scans go on', async (t) => {
  const { reader, module } = await watchedReader(t)
  await reader.begin('crash:C_WaitForSlotEvent')
  await waitsInModule(() => reader.calls('C_WaitForSlotEvent'), 6)
  t.is((await module.scan()).tokens.length, 1)
})

test('After a wait that failed, scans that work start no other before the pause is over', async (t) => {
  let starts = 0
  const startHost = async () => {
    starts += 1
    // Started again without end, this test would have no end either.
    if (starts > 3) await new Promise(() => undefined)
    throw new Error('no host')
  }
  // As a scan on the hint would do, but at once.
  const events: SlotEvents = new SlotEvents({
    startHost,
    onEvent: () => events.begin(),
    mayStart: () => true,
  })
  t.teardown(() => events.stop())
  events.begin()
  for (let turn = 0; turn < 10; turn++) await new Promise((resolve) => setImmediate(resolve))
  events.begin()
  t.is(starts, 1)
  await eventually(() => (starts === 2 ? true : undefined))
})

test.serial('A library that gives events without end is asked a few times a second at most', async (t) => {
  const { reader, made } = await tokenInReader(t)
  await reader.begin('endless-events')
  const module = openUntilEnd(t, reader.settings())
  const hints = countHints(module)
  await module.scan()
  await waitsInModule(() => reader.calls('C_WaitForSlotEvent'), 6)
  const waits = async () => (await reader.calls('C_WaitForSlotEvent')).length
  const before = await waits()
  await signsWellMeanwhile(t, module, made)
  t.true((await waits()) - before < 50, `${(await waits()) - before} waits`)
  t.true(hints() > 0)
})

async function signsWellMeanwhile(
  t: ExecutionContext,
  module: ModulePort,
  made: Awaited<ReturnType<typeof makeSastToken>>,
): Promise<void> {
  const token = await module.open(made.serial)
  await token.login(TEST_PIN, CAUTIOUS)
  await signsWell(t, token, made)
}

test.serial('A library without slot events is asked once', async (t) => {
  const { folder, reader } = await tokenInReader(t)
  const module = openUntilEnd(t, reader.settings())
  countHints(module)
  await module.scan()
  await waitsInModule(() => reader.calls('C_WaitForSlotEvent'))
  await eventually(async () => ((await hostsOf(folder, 'wait')).length === 0 ? true : undefined))
  for (let round = 0; round < 3; round++) await module.scan()
  t.is((await reader.calls('C_WaitForSlotEvent')).length, 1)
})

test.serial('Nobody waits in a library whose settings say no, nor for a module nobody watches', async (t) => {
  const { folder, reader } = await tokenInReader(t)
  await reader.slotEvent()
  const told = openUntilEnd(t, reader.settings({ slotEvents: false }))
  countHints(told)
  await told.scan()
  await openUntilEnd(t, reader.settings()).scan()
  t.deepEqual(await hostsOf(folder, 'wait'), [])
})

test.serial('Closing a module ends the host that waits', async (t) => {
  const { folder, module } = await watchedReader(t)
  await hostAppears(folder, 'wait')
  await module.close()
  t.deepEqual(await hostsOf(folder), [])
})

test.serial('A host that waits in the library ends when the daemon is killed', async (t) => {
  const { folder, reader } = await tokenInReader(t)
  await reader.slotEvent()
  const client = new URL('../../drivers/pkcs11/pkcs11-client.js', import.meta.url)
  const script = `
    import { openModule } from ${JSON.stringify(client.href)}
    const module = openModule(${JSON.stringify(reader.settings())})
    module.watch(() => undefined)
    await module.scan()`
  const daemon = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: 'inherit' })
  await waitsInModule(() => reader.calls('C_WaitForSlotEvent'))
  daemon.kill('SIGKILL')
  await once(daemon, 'exit')
  await eventually(async () => ((await hostsOf(folder)).length === 0 ? true : undefined))
  t.pass()
})

test.serial('A token in another slot is the same token', async (t) => {
  const { reader, made } = await tokenInReader(t)
  const module = openUntilEnd(t, reader.settings())
  const before = (await module.scan()).tokens
  await reader.begin('slot-offset:1000')
  t.deepEqual((await module.scan()).tokens, before)
  const token = await module.open(made.serial)
  await token.login(TEST_PIN, CAUTIOUS)
  await signsWell(t, token, made)
})

test.serial(
  'A second token that comes and goes twenty times disturbs no signature of the first',
  async (t) => {
    const folder = await temporarySofthsm(t)
    const first = await makeSastToken({ folder, label: 'first', bits: 1024 })
    const second = await makeSastToken({ folder, label: 'second', bits: 1024 })
    const module = openUntilEnd(t, settingsOf(folder))
    const token = await module.open(first.serial)
    token.onGone(() => t.fail('the first token is gone'))
    await token.login(TEST_PIN, CAUTIOUS)
    let done = false
    let signatures = 0
    const signing = (async () => {
      for (; !done; signatures++) await signsWell(t, token, first)
    })()
    for (let round = 0; round < 20; round++) {
      await unplug(folder, second.serial)
      t.deepEqual(serials(await module.scan()), [first.serial])
      await plug(folder, second.serial)
      t.deepEqual(serials(await module.scan()), [first.serial, second.serial].sort())
    }
    done = true
    await signing
    t.true(signatures > 20, `${signatures} signatures`)
  },
)

function serials({ tokens }: { readonly tokens: readonly { readonly serial: string }[] }): string[] {
  return tokens.map(({ serial }) => serial).sort()
}
