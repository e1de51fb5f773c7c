import test from 'ava'
import { Idempotency } from '../../daemon/http/idempotency.js'
import type { Reply } from '../../daemon/http/route.js'

const text = (reply: Reply): string => ('text' in reply ? reply.text : '')

/** Work that counts how often it was done. */
function counter() {
  let done = 0
  return {
    work: async (): Promise<Reply> => {
      done += 1
      return { text: String(done) }
    },
    count: () => done,
  }
}

test('without a key every request is work', async (t) => {
  const { work, count } = counter()
  const idempotency = new Idempotency(() => 0)
  await idempotency.once('k', undefined, ['a'], work)
  await idempotency.once('k', undefined, ['a'], work)
  t.is(count(), 2)
})

test('the same request under one key is done once, also while the first is under way', async (t) => {
  const { work, count } = counter()
  const idempotency = new Idempotency(() => 0)
  const replies = await Promise.all([1, 2, 3].map(() => idempotency.once('k', 'one', ['a'], work)))
  t.deepEqual(replies.map(text), ['1', '1', '1'])
  t.is(count(), 1)
})

test('a key belongs to one caller', async (t) => {
  const { work, count } = counter()
  const idempotency = new Idempotency(() => 0)
  await idempotency.once('k', 'one', ['a'], work)
  await idempotency.once('l', 'one', ['a'], work)
  t.is(count(), 2)
})

test('another request under the same key is refused, however its parts are cut', async (t) => {
  const idempotency = new Idempotency(() => 0)
  await idempotency.once('k', 'one', ['ab', 'c'], counter().work)
  for (const parts of [['ab', 'd'], ['a', 'bc'], ['abc']]) {
    t.throws(() => idempotency.once('k', 'one', parts, counter().work), { code: 'IDEMPOTENCY_KEY_REUSED' })
  }
})

test('a failure is told to all who wait for it and kept for nobody', async (t) => {
  const idempotency = new Idempotency(() => 0)
  const failing = () => Promise.reject(new Error('no'))
  const both = await Promise.allSettled([1, 2].map(() => idempotency.once('k', 'one', ['a'], failing)))
  t.deepEqual(
    both.map(({ status }) => status),
    ['rejected', 'rejected'],
  )
  t.is(text(await idempotency.once('k', 'one', ['a'], counter().work)), '1')
})

test('an answer is forgotten after ten minutes', async (t) => {
  let now = 0
  const { work } = counter()
  const idempotency = new Idempotency(() => now)
  t.is(text(await idempotency.once('k', 'one', ['a'], work)), '1')
  now = 599_999
  t.is(text(await idempotency.once('k', 'one', ['a'], work)), '1')
  now = 600_001
  t.is(text(await idempotency.once('k', 'one', ['a'], work)), '2')
})

test('an answer that was renewed is not the first to make room for others', async (t) => {
  let now = 0
  const { work } = counter()
  const idempotency = new Idempotency(() => now)
  await idempotency.once('k', 'old', ['a'], work)
  now = 300_000
  for (let number = 0; number < 100; number += 1) await idempotency.once('k', `x${number}`, ['a'], work)
  now = 600_001
  const renewed = text(await idempotency.once('k', 'old', ['a'], work))
  for (let number = 0; number < 150; number += 1) await idempotency.once('k', `y${number}`, ['a'], work)
  t.is(text(await idempotency.once('k', 'old', ['a'], work)), renewed)
})

test('a late failure leaves the answer of a later request alone', async (t) => {
  const { work, count } = counter()
  const idempotency = new Idempotency(() => 0)
  let fail = (_: Error): void => undefined
  const late = idempotency.once(
    'k',
    'one',
    ['a'],
    () =>
      new Promise<Reply>((_, reject) => {
        fail = reject
      }),
  )
  for (let number = 0; number < 200; number += 1) await idempotency.once('k', `x${number}`, ['a'], work)
  const before = count()
  await idempotency.once('k', 'one', ['a'], work)
  fail(new Error('late'))
  await t.throwsAsync(late)
  await idempotency.once('k', 'one', ['a'], work)
  t.is(count(), before + 1)
})

test('a key that is empty or very long is refused', (t) => {
  const idempotency = new Idempotency(() => 0)
  for (const key of ['', 'k'.repeat(256)]) {
    t.throws(() => idempotency.once('k', key, ['a'], counter().work), { code: 'BODY_INVALID' })
  }
})
