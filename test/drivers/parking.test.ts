import test from 'ava'
import { Parking } from '../../drivers/pkcs11/parking.js'
import { makeSastToken, TEST_PIN } from '../../softhsm/sast-token.js'
import { CAUTIOUS, openUntilEnd, refusal, signsWell, tokenInReader } from './module-tests.js'
import { eventually, hostsOf, settingsOf } from './temporary-softhsm.js'

const SECOND = 1000
const MINUTE = 60 * SECOND

/** A parking whose clock stands still until it is told otherwise. */
function parkingAt(start: number) {
  let now = start
  const parking = new Parking(() => now)
  return {
    parking,
    pass: (milliseconds: number) => {
      now += milliseconds
    },
    die: (times: number) => {
      for (let death = 0; death < times; death++) parking.died()
    },
  }
}

test('Four deaths are bad luck, the fifth within two minutes parks', (t) => {
  const { parking, die, pass } = parkingAt(0)
  die(4)
  t.false(parking.isParked)
  pass(2 * MINUTE - 1)
  die(1)
  t.true(parking.isParked)
})

test('Deaths that lie further apart do not add up', (t) => {
  const { parking, die, pass } = parkingAt(0)
  for (let round = 0; round < 20; round++) {
    die(1)
    pass(MINUTE)
  }
  t.false(parking.isParked)
})

test('A parked module is tried every ten minutes, or when somebody asks', (t) => {
  const { parking, die, pass } = parkingAt(5)
  die(5)
  t.false(parking.mayTry(false))
  pass(10 * MINUTE - 1)
  t.false(parking.mayTry(false))
  pass(1)
  t.true(parking.mayTry(false))
  t.false(parking.mayTry(false), 'the next try is ten minutes away')
  t.true(parking.mayTry(true))
})

test('A module that works again has a clean slate', (t) => {
  const { parking, die } = parkingAt(0)
  die(5)
  t.true(parking.mayTry(true))
  parking.worked()
  t.false(parking.isParked)
  die(4)
  t.false(parking.isParked)
})

test('A look that works between two deaths does not make them undone', (t) => {
  const { parking, die } = parkingAt(0)
  for (let round = 0; round < 5; round++) {
    die(1)
    if (round < 4) parking.worked()
  }
  t.true(parking.isParked)
})

test.serial(
  'A module that crashes five times is parked, starts nothing, and comes back when asked',
  async (t) => {
    const { folder, reader, made } = await tokenInReader(t)
    const module = openUntilEnd(t, reader.settings())
    await reader.begin('crash:C_GetSlotList')
    for (let crash = 1; crash <= 4; crash++) await refusal(t, module.scan(), 'MODULE_HOST_DIED')
    await refusal(t, module.scan(), 'MODULE_PARKED')

    const parked = module.scan()
    t.deepEqual(await hostsOf(folder), [])
    t.is((await refusal(t, parked, 'MODULE_PARKED')).place.reached, 'no')
    t.is((await refusal(t, module.open(made.serial), 'MODULE_PARKED')).place.token, made.serial)
    await refusal(t, module.scan({ evenParked: true }), 'MODULE_PARKED')

    await reader.end('crash:C_GetSlotList')
    t.is((await module.scan({ evenParked: true })).tokens.length, 1)
    t.is((await module.scan()).tokens.length, 1)
  },
)

test.serial(
  'A token unlocked before its module was parked goes on signing, and other modules work',
  async (t) => {
    const { folder, reader, made } = await tokenInReader(t)
    const module = openUntilEnd(t, reader.settings())
    const token = await module.open(made.serial)
    await token.login(TEST_PIN, CAUTIOUS)
    await reader.begin('crash:C_GetSlotList')
    for (let crash = 1; crash <= 5; crash++) await t.throwsAsync(module.scan())
    await refusal(t, module.scan(), 'MODULE_PARKED')
    await signsWell(t, token, made)
    t.is((await openUntilEnd(t, settingsOf(folder)).scan()).tokens.length, 1)
  },
)

test.serial('Hosts that die while they sign park their module, too', async (t) => {
  const { folder, reader } = await tokenInReader(t)
  const other = await makeSastToken({ folder, label: 'crashes', bits: 1024 })
  const module = openUntilEnd(t, reader.settings())
  await reader.begin('crash:C_Sign')
  for (let crash = 1; crash <= 5; crash++) {
    const token = await module.open(other.serial)
    await token.login(TEST_PIN, CAUTIOUS)
    await refusal(
      t,
      token.sign(other.keyId, 'rsa-sha1', Buffer.from('x'), { deadline: 60_000 }),
      'MODULE_HOST_DIED',
    )
  }
  await refusal(t, module.open(other.serial), 'MODULE_PARKED')
})

test.serial('A parked module has no host that waits for its events, until a look works again', async (t) => {
  const { folder, reader } = await tokenInReader(t)
  await reader.slotEvent()
  const module = openUntilEnd(t, reader.settings())
  module.watch(() => undefined)
  await module.scan()
  const waits = async () => (await reader.calls('C_WaitForSlotEvent')).length
  await eventually(async () => ((await waits()) === 1 ? true : undefined))
  await reader.begin('crash:C_GetSlotList')
  for (let crash = 1; crash <= 5; crash++) await t.throwsAsync(module.scan())
  await reader.begin('crash:C_WaitForSlotEvent')
  await eventually(async () => ((await hostsOf(folder)).length === 0 ? true : undefined))
  // Four times the pause after which it would be started again.
  await new Promise((resolve) => setTimeout(resolve, 1_000))
  t.deepEqual(await hostsOf(folder), [])
  t.is(await waits(), 1)

  await reader.end('crash:C_GetSlotList')
  await reader.end('crash:C_WaitForSlotEvent')
  await module.scan({ evenParked: true })
  await eventually(async () => ((await waits()) === 2 ? true : undefined))
})
