import test from 'ava'
import { answerLength, decodeAnswer, encodeQuery } from '../../../lab/phones/tvs-query.js'

const bytes = (hex: string): Buffer => Buffer.from(hex.replaceAll(' ', ''), 'hex')

test('a query is 57, version 1, type 3, session, length, then device, subject, issuer and serial', (t) => {
  const query = encodeQuery(
    { subject: Buffer.from('S\0'), issuer: Buffer.from('I\0'), serial: Uint8Array.of(0x83, 0xe9) },
    'CP-7965-SEP001122334455',
    0x01020304,
  )
  const device = `01 0018 01 ${Buffer.from('CP-7965-SEP001122334455').toString('hex')}`
  const rest = '03 0002 5300 04 0002 4900 05 0002 83e9'
  t.is(query.toString('hex'), bytes(`57 01 03 00 01020304 002a ${device} ${rest}`).toString('hex'))
})

const answer = (elements: string): Buffer => {
  const body = bytes(elements)
  const header = bytes('57 01 04 00 00000007 0000')
  header.writeUInt16BE(body.length, 8)
  return Buffer.concat([header, body])
}

test('an answer tells status, roles and time to live', (t) => {
  const yes = answer('07 0001 00 08 0002 0003 09 0004 00015180')
  t.deepEqual(decodeAnswer(yes, 7), { isTrusted: true, roles: [0, 3], ttl: 86_400 })
  t.deepEqual(decodeAnswer(answer('07 0001 01'), 7), { isTrusted: false, roles: [], ttl: undefined })
  t.is(answerLength(yes), yes.length)
  t.is(answerLength(yes.subarray(0, 9)), undefined)
})

test('an answer that lies is no answer', (t) => {
  const yes = answer('07 0001 00')
  const wrong: Record<string, Buffer> = {
    'cut off': yes.subarray(0, -1),
    'too long': Buffer.concat([yes, Buffer.of(0)]),
    'an element longer than it': answer('07 0005 00'),
    'half an element': answer('07 0001 00 08 00'),
    'no status': answer('08 0001 00'),
    'a short time to live': answer('07 0001 00 09 0002 0001'),
    'the answer to a verify': Buffer.from(yes).fill(2, 2, 3),
    'another protocol': Buffer.from(yes).fill(0x16, 0, 1),
  }
  for (const [what, message] of Object.entries(wrong))
    t.throws(() => decodeAnswer(message, 7), undefined, what)
  t.throws(() => decodeAnswer(yes, 8), { message: /another session/ })
})
