import test from 'ava'
import fc from 'fast-check'
import {
  decodeTvsElements,
  decodeVerifyResponse,
  encodeVerifyRequest,
  TvsRefusal,
} from '../../../daemon/cluster/tvs/tvs-message.js'

const bytes = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex.replaceAll(' ', ''), 'hex'))
const SESSION = 0xa1b2c3d4

/** Element 7 valid, 8 roles 0 and 3, 9 a day. */
const good = '57 01 02 00 a1b2c3d4 0010 07 0001 00 08 0002 00 03 09 0004 00015180'

test('a request has the bytes that the format prescribes', (t) => {
  const request = encodeVerifyRequest(SESSION, 'SEP1', bytes('3003020105'))
  t.deepEqual(request, bytes('57 01 01 00 a1b2c3d4 0010 01 0005 01 53455031 02 0005 3003020105'))
})

test('a session whose first bit is set and a certificate of two length bytes are written whole', (t) => {
  const request = encodeVerifyRequest(0xffffffff, '', new Uint8Array(300))
  t.deepEqual(request.subarray(0, 17), bytes('57 01 01 00 ffffffff 0133 01 0001 01 02 012c'))
  t.is(request.length, 17 + 300)
})

test('what the length cannot say is not written', (t) => {
  t.throws(() => encodeVerifyRequest(1, 'x', new Uint8Array(65_536)), { instanceOf: RangeError })
  t.throws(() => encodeVerifyRequest(1, 'x', new Uint8Array(65_530)), { instanceOf: RangeError })
})

test('answers are read: valid with roles and time, invalid with nothing else', (t) => {
  t.deepEqual(decodeVerifyResponse(bytes(good), SESSION), { isTrusted: true, roles: [0, 3], ttl: 86_400 })
  const invalid = bytes('57 01 02 00 a1b2c3d4 0004 07 0001 01')
  t.deepEqual(decodeVerifyResponse(invalid, SESSION), { isTrusted: false, roles: [], ttl: undefined })
})

test('elements that nobody documents are passed over, in any order', (t) => {
  const answer = bytes('57 01 02 00 a1b2c3d4 000c 2a 0002 0000 08 0000 07 0001 00')
  t.deepEqual(decodeVerifyResponse(answer, SESSION), { isTrusted: true, roles: [], ttl: undefined })
})

const wrong: ReadonlyArray<readonly [string, string, number, RegExp]> = [
  ['nothing', '', 0, /header ends early/],
  ['half a header', '57 01 02 00 a1', 5, /header ends early/],
  ['another protocol', `16 ${good.slice(3)}`, 0, /does not begin/],
  ['another version', good.replace('57 01', '57 02'), 1, /another version/],
  ['a byte that must be zero', good.replace('02 00 a1', '02 01 a1'), 3, /always zero/],
  ['a request for an answer', good.replace('01 02 00', '01 01 00'), 2, /type 1/],
  ['an answer to query', good.replace('01 02 00', '01 04 00'), 2, /type 4/],
  ['another session', good.replace('a1b2c3d4', 'a1b2c3d5'), 4, /another session/],
  ['a length that says more', good.replace('0010', '0011'), 8, /says 27 bytes and it has 26/],
  ['a length that says less', good.replace('0010', '000f'), 8, /says 25 bytes/],
  ['an element that sticks out', good.replace('09 0004', '09 0005'), 19, /sticks out/],
  ['an element cut in its header', '57 01 02 00 a1b2c3d4 0002 07 00', 10, /own header/],
  ['no status', '57 01 02 00 a1b2c3d4 0000', 10, /no status/],
  ['two status elements', '57 01 02 00 a1b2c3d4 0008 07 0001 00 07 0001 01', 14, /twice/],
  ['a status of two bytes', '57 01 02 00 a1b2c3d4 0005 07 0002 0000', 10, /2 bytes instead of 1/],
  ['an empty status', '57 01 02 00 a1b2c3d4 0003 07 0000', 10, /0 bytes instead of 1/],
  ['a third status', good.replace('07 0001 00', '07 0001 02'), 10, /status 2 is unknown/],
  [
    'a time of three bytes',
    '57 01 02 00 a1b2c3d4 000a 07 0001 00 09 0003 015180',
    14,
    /3 bytes instead of 4/,
  ],
]

for (const [what, hex, offset, message] of wrong) {
  test(`${what} is refused at its byte`, (t) => {
    const error = t.throws(() => decodeVerifyResponse(bytes(hex), SESSION), {
      instanceOf: TvsRefusal,
      message,
    })
    t.is(error.offset, offset)
  })
}

test('an answer that lies in a larger buffer is read where it lies', (t) => {
  const whole = bytes(`ffffff ${good} ffff`)
  t.is(decodeVerifyResponse(whole.subarray(3, -2), SESSION).ttl, 86_400)
})

test('a written request is read back, whatever certificate and name', (t) => {
  const certificate = fc.uint8Array({ maxLength: 2000 })
  fc.assert(
    fc.property(fc.nat(0xffffffff), fc.string({ maxLength: 40 }), certificate, (session, name, der) => {
      const [device, sent, more] = decodeTvsElements(encodeVerifyRequest(session, name, der))
      t.is(device?.tag, 1)
      t.is(Buffer.from(device?.value.subarray(1) ?? []).toString(), name)
      t.true(Buffer.from(sent?.value ?? []).equals(der))
      t.is(more, undefined)
    }),
    { numRuns: 200 },
  )
})

test('whatever bytes come, they are read or refused with an offset inside them', (t) => {
  const start = bytes('57 01 02 00 a1b2c3d4')
  const inputs = fc.oneof(
    fc.uint8Array({ maxLength: 60 }),
    fc.uint8Array({ maxLength: 60 }).map((rest) => Uint8Array.from([...start, 0, rest.length, ...rest])),
    fc.tuple(fc.nat(25), fc.nat(255)).map(([at, value]) => bytes(good).with(at, value)),
  )
  fc.assert(
    fc.property(inputs, (message) => {
      try {
        decodeVerifyResponse(message, SESSION)
      } catch (error) {
        if (!(error instanceof TvsRefusal) || error.offset > message.length) throw error
      }
    }),
    { numRuns: 3000 },
  )
  t.pass()
})
