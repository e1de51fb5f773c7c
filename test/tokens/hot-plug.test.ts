/** How soon people hear of tokens that come and go, by each of the ways in which a module may tell. */
import test, { type ExecutionContext } from 'ava'
import type { TokenEvent } from '../../daemon/tokens/token-event.js'
import { Tokens } from '../../daemon/tokens/tokens.js'
import { openModule } from '../../drivers/pkcs11/pkcs11-client.js'
import type { ModuleSettings } from '../../drivers/token.js'
import { makeSastToken, TEST_PIN } from '../../softhsm/sast-token.js'
import { plug, unplug } from '../../softhsm/tokens-folder.js'
import { tokenInReader } from '../drivers/module-tests.js'
import { eventually, HANG_LIMIT, settingsOf, temporarySofthsm } from '../drivers/temporary-softhsm.js'
import { temporaryStore } from '../store/temporary-store.js'
import { AuditDouble, callerNamed, readCertificate } from './token-doubles.js'

const ANNA = callerNamed('Anna')
const ROUNDS = 5
/** Milliseconds: far beyond any test, so that a scan that nobody hinted at never comes. */
const NEVER = HANG_LIMIT * 10

async function started(t: ExecutionContext, settings: ModuleSettings) {
  const events: TokenEvent[] = []
  const { memory, guard } = await temporaryStore(t)
  const tokens = new Tokens({
    modules: [openModule(settings)],
    readCertificate,
    audit: new AuditDouble(),
    memory,
    guard,
    onEvent: (event) => events.push(event),
  })
  t.teardown(() => tokens.close())
  await tokens.start()
  const next = (type: TokenEvent['type']) => eventually(() => events.find((event) => event.type === type))
  /** Milliseconds from the end of `act` until the event. */
  const timed = async (type: TokenEvent['type'], act: () => Promise<void>): Promise<number> => {
    events.length = 0
    await act()
    const start = performance.now()
    await next(type)
    return performance.now() - start
  }
  return { tokens, events, next, timed }
}

test.serial('A token is told of within a second of the moment when a look could show it', async (t) => {
  const folder = await temporarySofthsm(t)
  const { serial } = await makeSastToken({ folder, label: 'moving', bits: 1024 })
  const { tokens, timed } = await started(t, settingsOf(folder, { rescanEvery: NEVER }))
  const [looks, removed, inserted]: [number[], number[], number[]] = [[], [], []]
  for (let round = 0; round < ROUNDS; round += 1) {
    removed.push(await timed('token.removed', () => unplug(folder, serial)))
    inserted.push(await timed('token.inserted', () => plug(folder, serial)))
    const start = performance.now()
    await tokens.rescan()
    looks.push(performance.now() - start)
  }
  // A busy machine makes the looks slow: what is promised comes on top of them.
  const promised = 1_000 + 2 * median(looks)
  t.log(`a look ${ms(looks)}, told of a removal after ${ms(removed)}, of a token after ${ms(inserted)}`)
  t.true(median(removed) <= promised, ms(removed))
  t.true(median(inserted) <= promised, ms(inserted))
})

test.serial('Slot events alone tell of a token that comes and goes', async (t) => {
  const { folder, reader, made } = await tokenInReader(t)
  await reader.slotEvent()
  const { tokens, timed } = await started(t, reader.settings({ rescanEvery: NEVER }))
  // This library knows of events from its first wait on.
  await eventually(async () => ((await reader.calls('C_WaitForSlotEvent')).length > 0 ? true : undefined))
  for (let round = 1; round <= 2; round += 1) {
    await timed('token.removed', async () => {
      await unplug(folder, made.serial)
      await reader.slotEvent()
    })
    t.is(tokens.get(made.serial).state, 'absent')
    await timed('token.inserted', async () => {
      await plug(folder, made.serial)
      await reader.slotEvent()
    })
    t.is(tokens.get(made.serial).state, 'present')
  }
})

test.serial('Where nothing hints, a look now and then finds what came and went', async (t) => {
  const folder = await temporarySofthsm(t)
  const { serial } = await makeSastToken({ folder, label: 'unhinted', bits: 1024 })
  const silent = { watchFolders: [], slotEvents: false, rescanEvery: 200 }
  const { tokens, timed } = await started(t, settingsOf(folder, silent))
  await timed('token.removed', () => unplug(folder, serial))
  await timed('token.inserted', () => plug(folder, serial))
  t.is(tokens.get(serial).state, 'present')
})

test.serial('A token that comes back in another slot is the same token, with its wrong tries', async (t) => {
  const { folder, reader, made } = await tokenInReader(t)
  const { tokens, next, timed } = await started(t, reader.settings({ rescanEvery: NEVER, slotEvents: false }))
  await t.throwsAsync(tokens.unlock(ANNA, made.serial, { pin: 'wrong PIN' }), { code: 'PIN_WRONG' })
  const before = tokens.get(made.serial)
  t.is(before.wrongTries, 1)
  await timed('token.removed', async () => {
    await unplug(folder, made.serial)
    await tokens.rescan()
  })
  await reader.begin('slot-offset:1000')
  await timed('token.inserted', async () => {
    await plug(folder, made.serial)
    await tokens.rescan()
  })
  t.like(await next('token.inserted'), { data: { serial: made.serial, first: false } })
  const { certificates, wrongTries } = tokens.get(made.serial)
  t.deepEqual(certificates, before.certificates)
  t.is(wrongTries, 1)
  t.is(tokens.list().length, 1)
  await t.throwsAsync(tokens.unlock(ANNA, made.serial, { pin: 'wrong PIN' }), { code: 'PIN_KNOWN_WRONG' })
  t.is((await tokens.unlock(ANNA, made.serial, { pin: TEST_PIN })).state, 'ready')
  t.is((await reader.calls('C_Login')).length, 2)
})

test.serial(
  'A library whose wait for events always fails is asked ever more rarely, and scanned no more',
  async (t) => {
    const { reader } = await tokenInReader(t)
    // CKR_GENERAL_ERROR
    await reader.begin('answer:C_WaitForSlotEvent:5')
    const waits = async () => (await reader.calls('C_WaitForSlotEvent')).length
    await started(t, reader.settings({ rescanEvery: NEVER }))
    await eventually(async () => ((await waits()) >= 1 ? true : undefined))
    const start = performance.now()
    await eventually(async () => ((await waits()) >= 5 ? true : undefined))
    // A quarter, half, one and two seconds: less means that each failure had it scanned and asked anew.
    t.true(performance.now() - start >= 3_500)
  },
)

function median(times: readonly number[]): number {
  return times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)] ?? Number.NaN
}

const ms = (times: readonly number[]): string => `${Math.round(median(times))} ms`
