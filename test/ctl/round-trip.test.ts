import test from 'ava'
import fc from 'fast-check'
import { CtlError } from '../../daemon/ctl/ctl-error.js'
import { type CtlField, type CtlFile, decodeCtlFile, encodeCtlFile } from '../../daemon/ctl/ctl-file.js'
import { encodeText } from '../../daemon/ctl/text.js'
import { takeToBeSigned } from '../../daemon/ctl/to-be-signed.js'
import { realFile } from '../vectors/real-file.js'

const value = (tag: number, bytes: fc.Arbitrary<Uint8Array>): fc.Arbitrary<CtlField> =>
  bytes.map((content) => ({ kind: 'value', tag, value: content }))
const bytesOf = (minLength: number, maxLength = minLength) => fc.uint8Array({ minLength, maxLength })
const text = fc
  .string({ unit: 'grapheme', maxLength: 40 })
  .filter((content) => !content.includes('\0'))
  .map(encodeText)
const unknownHeader = fc
  .tuple(fc.integer({ min: 29, max: 255 }), bytesOf(0, 20))
  .map(([tag, content]): CtlField => ({ kind: 'value', tag, value: content }))
const padding: fc.Arbitrary<CtlField> = fc
  .constantFrom('lone' as const, 'record' as const)
  .map((form) => ({ kind: 'padding', form }))

const shuffled = (fields: CtlField[], extra: CtlField[]): fc.Arbitrary<CtlField[]> => {
  const all = [...fields, ...extra]
  return fc.shuffledSubarray(all, { minLength: all.length })
}

function container(tag: number, parts: fc.Arbitrary<CtlField>[]): fc.Arbitrary<CtlField> {
  return fc
    .tuple(fc.tuple(...parts), fc.array(fc.oneof(unknownHeader, padding), { maxLength: 3 }))
    .chain(([known, extra]) => shuffled(known, extra))
    .map((fields) => ({ kind: 'container', tag, fields }))
}

const modulusLengths = [64, 128, 256, 512]
const header = fc.integer({ min: 0, max: 3 }).chain((modulus) => {
  const required = fc.tuple(
    container(3, [value(4, text), value(5, bytesOf(1, 20)), value(6, text)]),
    container(7, [
      value(
        8,
        fc.constantFrom(1, 2, 3).map((code) => Uint8Array.of(code)),
      ),
      container(9, [
        value(10, fc.constant(Uint8Array.of(0))),
        value(11, fc.constant(Uint8Array.of(modulus))),
      ]),
    ]),
    value(12, bytesOf(modulusLengths[modulus] ?? 0)),
  )
  const optional = fc.tuple(
    fc.array(value(14, text), { maxLength: 1 }),
    fc.array(value(15, bytesOf(4)), { maxLength: 1 }),
    fc.array(value(28, bytesOf(2)), { maxLength: 1 }),
    fc.array(fc.oneof(unknownHeader, padding), { maxLength: 6 }),
  )
  return fc.tuple(required, optional).chain(([known, extra]) => shuffled(known, extra.flat()))
})

const record = fc
  .tuple(
    value(4, bytesOf(2)),
    fc.subarray([2, 3, 5]).chain((tags) => fc.tuple(...tags.map((tag) => value(tag, text)))),
    fc
      .subarray([6, 7, 8, 9, 11, 12])
      .chain((tags) => fc.tuple(...tags.map((tag) => value(tag, bytesOf(1, 99))))),
    fc.array(value(10, bytesOf(4)), { maxLength: 1 }),
    fc.array(
      fc.integer({ min: 13, max: 255 }).chain((tag) => value(tag, bytesOf(0, 20))),
      { maxLength: 3 },
    ),
  )
  .chain(([role, texts, values, address, unknown]) =>
    shuffled([role, ...texts], [...values, ...address, ...unknown]),
  )
  .map((fields) => ({ fields }))

const ctlFile: fc.Arbitrary<CtlFile> = fc
  .tuple(header, fc.array(record, { maxLength: 6 }))
  .map(([fields, records]) => ({ version: { major: 1, minor: 2 }, header: fields, records }))

test('a file that was encoded decodes to itself', (t) => {
  fc.assert(
    fc.property(ctlFile, (file) => {
      t.deepEqual(decodeCtlFile(encodeCtlFile(file)), file)
    }),
    { numRuns: 300 },
  )
})

test('what is to be signed is the file without tag, length and value of the signature', (t) => {
  fc.assert(
    fc.property(ctlFile, (file) => {
      const bytes = encodeCtlFile(file)
      const without = {
        ...file,
        header: file.header.filter((field) => field.kind === 'padding' || field.tag !== 12),
      }
      const expected = encodeCtlFile(without)
      expected.set(bytes.subarray(8, 10), 8)
      t.deepEqual(Uint8Array.from(takeToBeSigned(bytes)), expected)
      t.deepEqual(takeToBeSigned(file), takeToBeSigned(bytes))
    }),
  )
})

/** Decodes, and checks that a refusal is a CtlError and that what is accepted comes back byte for byte. */
function staysInBounds(bytes: Uint8Array): boolean {
  try {
    return Buffer.from(encodeCtlFile(decodeCtlFile(bytes))).equals(bytes)
  } catch (error) {
    return (
      error instanceof CtlError &&
      (error.place.offset ?? -1) >= 0 &&
      (error.place.offset ?? 0) <= bytes.length
    )
  }
}

test('bytes of any kind decode or are refused with a place inside of them', (t) => {
  const start = fc.constantFrom(
    [],
    [1, 0, 2, 1, 2, 2, 0, 2, 0, 40],
    [1, 0, 2, 1, 2, 2, 0, 2, 0, 10, 1, 0, 2, 0],
  )
  fc.assert(
    fc.property(start, fc.uint8Array({ maxLength: 300 }), (head, rest) =>
      staysInBounds(Uint8Array.of(...head, ...rest)),
    ),
    { numRuns: 3000 },
  )
  t.pass()
})

test('changes, cuts and insertions in a real file decode or are refused with a place inside', (t) => {
  const real = realFile()
  const change = fc.record({
    at: fc.oneof(fc.nat(420), fc.nat(real.length)),
    drop: fc.nat(6),
    put: fc.uint8Array({ maxLength: 6 }),
  })
  fc.assert(
    fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), (changes) => {
      const bytes = [...real]
      for (const { at, drop, put } of changes) bytes.splice(at, drop, ...put)
      return staysInBounds(Uint8Array.from(bytes))
    }),
    { numRuns: 1000 },
  )
  t.pass()
})
