import test from 'ava'
import { makeFailureLimit } from '../../daemon/http/failure-limit.js'

test('a subject is refused after its failures, told how long, and let in again when the window has passed', (t) => {
  let now = 1_000_000
  const limit = makeFailureLimit(3, 60, () => now)
  for (let failure = 0; failure < 3; failure += 1) {
    limit.refuse('a')
    limit.count('a')
    now += 1000
  }
  const { place } = t.throws(() => limit.refuse('a'), { code: 'RATE_LIMITED' }) as unknown as {
    place: { retryAfter: number }
  }
  t.is(place.retryAfter, 57)
  now += 57_000
  t.notThrows(() => limit.refuse('a'))
  limit.count('a')
  t.throws(() => limit.refuse('a'), { code: 'RATE_LIMITED' })
})

test('the failures of one subject are not another’s', (t) => {
  const limit = makeFailureLimit(1, 60, () => 0)
  limit.count('a')
  t.throws(() => limit.refuse('a'), { code: 'RATE_LIMITED' })
  t.notThrows(() => limit.refuse('b'))
})

test('asking is no failure', (t) => {
  const limit = makeFailureLimit(1, 60, () => 0)
  for (let time = 0; time < 5; time += 1) limit.refuse('a')
  t.pass()
})
