import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ExecutionContext } from 'ava'
import { verifyCtlFile } from '../../daemon/trust/verify/verify-ctl-file.js'
import { eventually } from '../drivers/temporary-softhsm.js'
import { opensslSays } from '../trust/openssl-says.js'
import { type CardBench, type ShownToken, setUpCardBench, signerOf } from './card-bench.js'
import { makeCard } from './card-room.js'
import { cardTest } from './card-test.js'

async function unlocks(t: ExecutionContext, bench: CardBench, { serial }: ShownToken): Promise<void> {
  const answer = await bench.unlock(serial, bench.card.pin)
  t.is(answer.status, 200, answer.bytes.toString())
}

async function signs(t: ExecutionContext, bench: CardBench, token: ShownToken): Promise<void> {
  const { status, bytes } = await bench.sign(token)
  t.is(status, 200, bytes.toString())
  t.is(verifyCtlFile(bytes).verdict, 'valid')
  t.is(opensslSays(bytes, await signerOf(bench, token), 'sha1'), 'Verified OK')
}

cardTest('A card that is inserted signs, is gone when pulled, and is the same in another slot', async (t) => {
  const bench = await setUpCardBench(t)
  const pull = bench.room.insert(bench.card)
  const first = await bench.token('present')
  t.is(first.certificates.length, 3)
  await unlocks(t, bench, first)
  await signs(t, bench, first)

  await pull()
  const gone = await bench.token('absent')
  t.is(gone.serial, first.serial)
  t.is(gone.lease, null)
  t.is((await bench.sign(first)).json.code, 'TOKEN_REMOVED')

  bench.room.insert(bench.card, 1)
  const again = await bench.token('present')
  t.is(again.serial, first.serial)
  t.not(again.slot, first.slot)
  t.deepEqual(again.certificates, first.certificates)
  t.is((await bench.sign(again)).json.code, 'TOKEN_LOCKED')
  await unlocks(t, bench, again)
  await signs(t, bench, again)
})

cardTest(
  'Wrong PINs are sent to the card three times at most, the last only when it is asked for',
  async (t) => {
    const bench = await setUpCardBench(t)
    bench.room.insert(bench.card)
    const { serial } = await bench.token('present')
    const wrong = async (pin: string, finalTry: boolean) =>
      (await bench.unlock(serial, pin, { finalTry })).json.code
    t.is(await wrong('123', false), 'PIN_LENGTH')
    t.is(await bench.pinsSent(), 0)
    t.is(await wrong('11111111', false), 'PIN_WRONG')
    t.is(await wrong('22222222', false), 'PIN_WRONG')
    t.is(await bench.pinsSent(), 2)
    t.is(await wrong('33333333', false), 'PIN_FINAL_TRY')
    t.is(await wrong(bench.card.pin, false), 'PIN_FINAL_TRY')
    t.is(await bench.pinsSent(), 2)
    t.regex(await wrong('33333333', true), /^PIN_(WRONG|LOCKED)$/)
    t.is(await bench.pinsSent(), 3)
    t.true((await bench.token('locked-out')).pin.locked)
    t.is(await wrong(bench.card.pin, true), 'PIN_LOCKED')
    t.is(await bench.pinsSent(), 3)
  },
)

cardTest('The right PIN sets the counter of the card back', async (t) => {
  const bench = await setUpCardBench(t)
  bench.room.insert(bench.card)
  const token = await bench.token('present')
  for (const pin of ['11111111', '22222222']) t.is((await bench.unlock(token.serial, pin)).status, 403)
  const last = await bench.unlock(token.serial, bench.card.pin, { finalTry: true })
  t.is(last.status, 200, last.bytes.toString())
  await signs(t, bench, token)
  // The flags are those of the last look, and one follows every unlock.
  t.true(await eventually(async () => !(await bench.token('ready')).pin.finalTry || undefined))
})

cardTest('When pcscd is started anew, the card is there again and signs after an unlock', async (t) => {
  const bench = await setUpCardBench(t)
  bench.room.insert(bench.card)
  await unlocks(t, bench, await bench.token('present'))
  await bench.room.stopPcscd()
  await bench.token('absent')
  await bench.room.startPcscd()
  const again = await bench.token('present')
  await unlocks(t, bench, again)
  await signs(t, bench, again)
})

cardTest('A card that is pulled in mid-sign gives no file, and signs when it is back', async (t) => {
  const bench = await setUpCardBench(t)
  bench.room.insert(bench.card)
  const token = await bench.token('present')
  await unlocks(t, bench, token)
  const leave = join(bench.card.memory, 'leave')
  await writeFile(leave, '')
  const answer = await bench.sign(token)
  t.deepEqual([answer.status, answer.json?.code], [409, 'TOKEN_REMOVED'])
  await rm(leave)
  await bench.token('absent')
  bench.room.insert(bench.card)
  await bench.token('present')
  await unlocks(t, bench, token)
  await signs(t, bench, token)
})

cardTest('A second card in the other slot leaves the first one unlocked and signing', async (t) => {
  const bench = await setUpCardBench(t)
  bench.room.insert(bench.card)
  const first = await bench.token('present')
  await unlocks(t, bench, first)
  const pull = bench.room.insert(await makeCard(bench.folder, 'second', 2), 1)
  const second = await bench.token('present')
  t.not(second.serial, first.serial)
  await signs(t, bench, await bench.token('ready'))
  await unlocks(t, bench, second)
  await signs(t, bench, second)
  await pull()
  t.is((await bench.token('absent')).serial, second.serial)
  await signs(t, bench, await bench.token('ready'))
})
