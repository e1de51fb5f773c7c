import test from 'ava'
import { TvsAnswers } from '../../../lab/phones/tvs-answers.js'

const question = (serial: number) => ({
  subject: Buffer.from('S\0'),
  issuer: Buffer.from('I\0'),
  serial: Uint8Array.of(serial),
})
const yes = (ttl: number | undefined) => ({ isTrusted: true, roles: [0], ttl })

test('an answer is kept for its time to live, a day where it has none, and for its question alone', (t) => {
  let now = 1_000_000
  const answers = new TvsAnswers(() => now)
  answers.keep(question(1), yes(60))
  answers.keep(question(2), yes(undefined))
  t.is(answers.find(question(3)), undefined)
  now += 59_999
  t.deepEqual(answers.find(question(1)), yes(60))
  now += 1
  t.is(answers.find(question(1)), undefined)
  now += 24 * 60 * 60 * 1000 - 60_001
  t.deepEqual(answers.find(question(2)), yes(undefined))
  now += 1
  t.is(answers.find(question(2)), undefined)
})
