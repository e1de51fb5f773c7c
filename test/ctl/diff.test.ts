import test from 'ava'
import fc from 'fast-check'
import type { CtlField, CtlFile, CtlRecord } from '../../daemon/ctl/ctl-field.js'
import { decodeCtlFile, encodeCtlFile } from '../../daemon/ctl/ctl-file.js'
import { type CtlDiff, diffCtlFiles } from '../../daemon/ctl/diff.js'
import { realFile } from '../vectors/real-file.js'
import { applyDiff } from './apply-diff.js'
import * as raw from './raw-file.js'

const value = (tag: number, ...bytes: number[]): CtlField => ({
  kind: 'value',
  tag,
  value: Uint8Array.from(bytes),
})
const text = (tag: number, content: string): CtlField => value(tag, ...Buffer.from(`${content}\0`))

interface Wish {
  readonly role: number
  readonly host?: string
  readonly subject?: string
  readonly serial?: number
  readonly key?: number
  readonly certificate?: number
}

function record({ role, host, subject, serial, key, certificate }: Wish): CtlRecord {
  return {
    fields: [
      ...(host === undefined ? [] : [text(2, host)]),
      ...(subject === undefined ? [] : [text(3, subject)]),
      value(4, 0, role),
      ...(serial === undefined ? [] : [value(6, serial)]),
      ...(key === undefined ? [] : [value(7, key)]),
      ...(certificate === undefined ? [] : [value(9, certificate)]),
    ],
  }
}

const { header, version } = decodeCtlFile(raw.file(raw.usualHeader()))
const fileOf = (...records: readonly Wish[]): CtlFile => ({ version, header, records: records.map(record) })

const publisher: Wish = { role: 2, host: 'pub', subject: 'CN=pub', serial: 1, key: 1, certificate: 1 }
const publisherSast: Wish = { ...publisher, role: 0 }
const capf: Wish = { role: 4, host: 'pub', subject: 'CN=CAPF-1', serial: 2, key: 2, certificate: 2 }
const token = (number: number): Wish => ({
  role: 0,
  host: '',
  subject: `cn=SAST-${number}`,
  serial: number,
  key: number,
  certificate: number,
})

/** Matches as `old→new`, then `-old` and `+new`. */
function matches({ kept, removed, added }: CtlDiff): string[] {
  return [
    ...kept.map(({ oldNumber, newNumber }) => `${oldNumber}→${newNumber}`),
    ...removed.map(({ oldNumber }) => `-${oldNumber}`),
    ...added.map(({ newNumber }) => `+${newNumber}`),
  ]
}
const between = (old: readonly Wish[], next: readonly Wish[]) => diffCtlFiles(fileOf(...old), fileOf(...next))

const renewed = { serial: 9, key: 9, certificate: 9 }
const situations: Record<string, [Wish[], Wish[], string[]]> = {
  'the certificate of a server is replaced': [
    [publisherSast, publisher, capf],
    [publisherSast, publisher, { ...capf, ...renewed, subject: 'CN=CAPF-2' }],
    ['1→1', '2→2', '3→3'],
  ],
  'the publisher stands there twice and is regenerated': [
    [publisherSast, publisher, capf],
    [{ ...publisherSast, ...renewed }, { ...publisher, ...renewed }, capf],
    ['1→1', '2→2', '3→3'],
  ],
  'tokens take the place of the publisher as SAST': [
    [publisherSast, publisher, capf],
    [token(7), publisher, capf, token(8)],
    ['2→2', '3→3', '-1', '+1', '+4'],
  ],
  'one token is replaced by another': [
    [token(7), token(8)],
    [token(7), token(5)],
    ['1→1', '-2', '+2'],
  ],
  'two certificates have the same serial and nothing else in common': [
    [{ role: 2, host: 'a', subject: 'CN=a', serial: 3, key: 3, certificate: 3 }],
    [{ role: 2, host: 'b', subject: 'CN=b', serial: 3, key: 4, certificate: 4 }],
    ['-1', '+1'],
  ],
  'the address of a server changes': [[capf], [{ ...capf, host: '10.0.0.1' }], ['1→1']],
  'a certificate is renewed with its key at another address': [
    [capf],
    [{ ...capf, host: 'new', subject: 'CN=x', serial: 9, certificate: 9 }],
    ['1→1'],
  ],
  'a record without an address is found by its subject': [
    [{ role: 7, subject: 'CN=app', certificate: 5, key: 5 }],
    [{ role: 7, subject: 'CN=app', certificate: 6, key: 6 }],
    ['1→1'],
  ],
  'a server moved and another one took its address': [
    [{ role: 2, host: 'a', subject: 'CN=a', certificate: 1 }],
    [
      { role: 2, host: 'a', subject: 'CN=b', certificate: 2 },
      { role: 2, host: 'b', subject: 'CN=a', certificate: 1 },
    ],
    ['1→2', '+1'],
  ],
  'a server moved with its key only, and another one took its address': [
    [{ role: 2, host: 'a', subject: 'CN=a', key: 1, certificate: 1 }],
    [
      { role: 2, host: 'a', subject: 'CN=b', key: 2, certificate: 2 },
      { role: 2, host: 'b', subject: 'CN=c', key: 1, certificate: 3 },
    ],
    ['1→2', '+1'],
  ],
  'a stub becomes a server with a certificate': [[{ role: 2, host: 'pub' }], [publisher], ['1→1']],
  'a certificate changes its role': [[publisherSast], [publisher], ['1→1']],
  'servers of one certificate are told apart by their addresses': [
    [publisher, { ...publisher, host: 'sub' }],
    [
      { ...publisher, host: 'sub', serial: 5 },
      { ...publisher, serial: 5 },
    ],
    ['2→1', '1→2'],
  ],
}

for (const [what, [old, next, expected]] of Object.entries(situations)) {
  test(`records are matched when ${what}`, (t) => {
    t.deepEqual(matches(between(old, next)), expected)
  })
}

test('a record that moved is told from those that stay in place', (t) => {
  const five = [1, 2, 3, 4, 5].map(token)
  const [a, b, c, d, e] = five as [Wish, Wish, Wish, Wish, Wish]
  const moved = (next: Wish[]) =>
    between(five, next)
      .kept.filter((pair) => pair.moved)
      .map(({ oldNumber, newNumber }) => `${oldNumber}→${newNumber}`)
  t.deepEqual(moved([e, a, b, c, d]), ['5→1'])
  t.deepEqual(moved([b, c, d, e, a]), ['1→5'])
  t.deepEqual(moved([a, b, d, e]), [], 'one that is gone moves nobody')
  t.deepEqual(moved([a, token(9), b, c, d, e]), [], 'one that came moves nobody')
  t.is(moved([e, d, c, b, a]).length, 4)
})

test('a field that came, went or changed is told with both values, and an order with all paths', (t) => {
  const [change] = between([capf], [{ ...capf, host: 'b' }]).kept[0]?.changes ?? []
  t.deepEqual(change, {
    path: [2],
    occurrence: 0,
    old: Uint8Array.from(Buffer.from('pub\0')),
    new: Uint8Array.from(Buffer.from('b\0')),
  })
  const [kept] = between([capf], [{ ...capf, host: undefined } as unknown as Wish]).kept
  t.deepEqual(Object.keys(kept?.changes[0] ?? {}), ['path', 'occurrence', 'old'])
  t.is(kept?.order, undefined, 'what is left stands as before')
  const turned: CtlFile = { ...fileOf(), records: [{ fields: record(capf).fields.toReversed() }] }
  const [reordered] = diffCtlFiles(fileOf(capf), turned).kept
  t.deepEqual([reordered?.changes, reordered?.reordered], [[], true])
  t.deepEqual(reordered?.order, [[9], [7], [6], [4], [3], [2]])
})

test('the extent tells nothing, signature, header and records apart', (t) => {
  const plain = decodeCtlFile(raw.file(raw.usualHeader()))
  const extent = (...parts: (number | readonly number[])[]) =>
    diffCtlFiles(plain, decodeCtlFile(raw.file(raw.bytes(...parts)))).extent
  const start = [raw.signerId(), raw.signatureInfo()]
  const end = [raw.fileName(), raw.timestamp(), 13, 13, 13]
  t.is(extent(...start, raw.signature(), ...end), 'nothing')
  t.is(extent(...start, raw.tlv(12, new Uint8Array(128).fill(9)), ...end), 'signature')
  t.is(extent(...start, raw.signature(), ...end, 13), 'header', 'one more padding byte')
  t.is(extent(...start, raw.signature(), raw.fileName(), raw.timestamp(), 13, 13, 0, 0), 'header', '0D 00 00')
  t.is(extent(raw.tlv(28, [1, 0]), ...start, raw.signature(), ...end), 'header', 'tag 28')
  t.is(extent(...start, raw.signature(), 13, ...end.slice(0, 4)), 'header', 'padding elsewhere')
  const other = decodeCtlFile(raw.file(raw.usualHeader(), raw.record(raw.tlv(4, [0, 2]))))
  t.is(diffCtlFiles(plain, other).extent, 'records')
  t.is(diffCtlFiles(plain, undefined).extent, 'records')
  t.is(diffCtlFiles(undefined, undefined).extent, 'nothing')
})

const byte = fc.integer({ min: 0, max: 2 })
const wish = fc.record(
  {
    role: fc.constantFrom(0, 2, 4),
    host: fc.constantFrom('', 'a', 'b'),
    subject: fc.constantFrom('CN=a', 'CN=b'),
    serial: byte,
    key: byte,
    certificate: byte,
  },
  { requiredKeys: ['role'] },
)
const unknownField = fc
  .tuple(fc.constantFrom(13, 200, 201), byte)
  .map(([tag, content]) => value(tag, content))
const anyRecord = fc
  .tuple(wish, fc.array(unknownField, { maxLength: 3 }), fc.nat())
  .map(([wanted, unknown, turn]): CtlRecord => {
    const fields = [...record(wanted).fields, ...unknown]
    const at = turn % fields.length
    return { fields: [...fields.slice(at), ...fields.slice(0, at)] }
  })
const padding = fc.constantFrom<CtlField>(
  { kind: 'padding', form: 'lone' },
  { kind: 'padding', form: 'record' },
)
const anyHeader = fc
  .tuple(
    fc.shuffledSubarray([0, 1, 2, 3, 4], { minLength: 5 }),
    fc.array(fc.tuple(fc.nat(5), padding), { maxLength: 4 }),
    fc.option(unknownField),
    byte,
  )
  .map(([order, paddings, unknown, stamp]): CtlField[] => {
    const fields = order.flatMap((index) => header[index] ?? [])
    for (const [at, pad] of paddings) fields.splice(at, 0, pad)
    const timed = fields.map((field) =>
      field.kind === 'value' && field.tag === 15 ? value(15, 0, 0, 0, stamp) : field,
    )
    return unknown === null || unknown.kind !== 'value' || unknown.tag === 13 ? timed : [...timed, unknown]
  })
const anyFile = fc
  .tuple(anyHeader, fc.array(anyRecord, { maxLength: 7 }))
  .map(([fields, records]): CtlFile => ({ version, header: fields, records }))

test('the difference of a file and itself is nothing', (t) => {
  fc.assert(
    fc.property(anyFile, (file) => {
      const diff = diffCtlFiles(file, file)
      t.is(diff.extent, 'nothing')
      t.is(diff.header.changes.length + diff.added.length + diff.removed.length, 0)
      t.true(diff.kept.every(({ changes, order, moved }) => changes.length === 0 && !order && !moved))
    }),
  )
  const real = decodeCtlFile(realFile())
  t.is(diffCtlFiles(real, real).extent, 'nothing')
})

test('the old file and the difference make the new file, byte for byte', (t) => {
  fc.assert(
    fc.property(anyFile, anyFile, (old, next) => {
      const made = applyDiff(old, diffCtlFiles(old, next))
      t.deepEqual(encodeCtlFile(made), encodeCtlFile(next))
    }),
    { numRuns: 2000 },
  )
})

test('the difference says nothing exactly when the bytes are the same', (t) => {
  fc.assert(
    fc.property(anyFile, anyFile, (old, next) => {
      const same = Buffer.from(encodeCtlFile(old)).equals(encodeCtlFile(next))
      t.is(diffCtlFiles(old, next).extent === 'nothing', same)
    }),
    { numRuns: 1000 },
  )
})

test('records in another order are moved, and none comes or goes', (t) => {
  const distinct = fc.uniqueArray(fc.nat(255), { minLength: 2, maxLength: 8 })
  const shuffled = distinct.chain((numbers) =>
    fc.tuple(
      fc.constant(numbers),
      fc.shuffledSubarray(numbers, { minLength: numbers.length, maxLength: numbers.length }),
    ),
  )
  fc.assert(
    fc.property(shuffled, ([old, next]) => {
      const diff = between(old.map(token), next.map(token))
      t.deepEqual([diff.added, diff.removed], [[], []])
      t.true(diff.kept.every(({ changes }) => changes.length === 0))
      t.is(
        diff.kept.some(({ moved }) => moved),
        old.join() !== next.join(),
      )
    }),
  )
})

test('many records that are all alike are compared in little time', (t) => {
  const stubs = Array.from({ length: 20_000 }, () => record({ role: 2, host: '10.48.47.153' }))
  const start = performance.now()
  const diff = diffCtlFiles({ version, header, records: stubs }, { version, header, records: stubs.slice(1) })
  const alike = performance.now() - start
  t.is(diff.removed.length, 1)
  const distinct = stubs.map((_, index) => record({ role: 2, host: `10.48.${index}` }))
  const again = performance.now()
  diffCtlFiles({ version, header, records: distinct }, { version, header, records: distinct.slice(1) })
  const apart = performance.now() - again
  t.true(alike < 8 * apart + 200, `${alike} against ${apart}`)
})
