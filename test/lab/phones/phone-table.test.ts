import test from 'ava'
import { type Refusal, refusals } from '../../../lab/phones/decide.js'
import { type FleetReport, figuresOf } from '../../../lab/phones/fleet-report.js'
import type { PhoneRecord } from '../../../lab/phones/phone-record.js'
import { phoneTable, phoneText } from '../../../lab/phones/phone-table.js'
import { showPhones } from '../../../lab/phones/show-phones.js'

const md5 = 'd41d8cd98f00b204e9800998ecf8427e'
const sha1 = 'da39a3ee5e6b4b0d3255bfef95601890afd80709'

function phone(number: number, changes: Partial<PhoneRecord> = {}): PhoneRecord {
  return {
    device: `SEP02CB${number.toString(16).toUpperCase().padStart(8, '0')}`,
    model: 'Cisco 7965',
    securityByDefault: true,
    shows: 'sha1',
    ctl: { checksum: sha1, outcome: { kind: 'updated through TVS' } },
    itl: { checksum: sha1, outcome: { kind: 'up to date' } },
    registration: 'registered',
    statusMessages: ['Trust List Updated'],
    resets: 1,
    took: number,
    bytes: 1000,
    ...changes,
  }
}

const rejected: Partial<PhoneRecord> = {
  model: 'Cisco TelePresence SX20',
  securityByDefault: false,
  shows: 'md5',
  ctl: { checksum: md5, outcome: { kind: 'rejected', why: refusals.unknownSigner } },
  itl: { checksum: undefined, outcome: { kind: 'not asked' } },
  registration: 'locked out',
  statusMessages: ['Trust List Update Failed'],
}

function report(phones: readonly PhoneRecord[], changes: Partial<FleetReport> = {}): FleetReport {
  return { phones, progress: undefined, figures: figuresOf(phones, 2), ...changes }
}

const fleet = [
  ...Array.from({ length: 90 }, (_, number) => phone(number)),
  ...Array.from({ length: 10 }, (_, number) => phone(90 + number, rejected)),
]

test('the table counts by model and outcome, names the stranded, and fits 80 columns', (t) => {
  const text = phoneTable(report(fleet))
  t.is(
    text,
    `Model               SBD  Phones Current  Updated   TVS  Rejected  Other  Locked
7965                yes      90       0        0    90         0      0       0
TelePresence SX20    no      10       0        0     0        10      0      10
All                         100       0        0    90        10      0      10

CTL on the screen
      90  SHA1 ${sha1}
      10  MD5  ${md5}

Refused the file, or locked out: 10 of 100.
      10  unknown signer, and this device cannot ask TVS; locked out
          SEP02CB0000005A  SEP02CB0000005B  SEP02CB0000005C  SEP02CB0000005D
          SEP02CB0000005E  SEP02CB0000005F  SEP02CB00000060  SEP02CB00000061
          and 2 more
Stranded: 10. They take no file of this signer until their CTL is deleted there
or until the change is undone.

Last reset: 100 phones in 2.0 s, 50 a second; 100 kB.
A phone is ready within 0.05 s (half of them), 0.09 s (95 of 100).
`,
  )
})

test('every reason to be stranded fits 80 columns, and a long model is cut', (t) => {
  const phones = Object.values(refusals).map((why, number) =>
    phone(number, {
      model: 'Cisco Something With A Very Long Name 9999',
      ctl: { checksum: undefined, outcome: { kind: 'rejected', why } },
      registration: 'locked out',
    }),
  )
  const figures = { ...figuresOf(phones, 59.9), phones: 100_000, bytes: 9e9, p50: 59_999, p95: 59_999 }
  const lines = phoneTable(report(phones, { figures })).split('\n')
  for (const line of lines) t.true(line.length <= 80, `${line.length}: ${line}`)
})

test('only a signer that a phone can never get to know strands it', (t) => {
  const because = (why: Refusal) =>
    phoneTable(report([phone(1, { ctl: { checksum: sha1, outcome: { kind: 'rejected', why } } })]))
  for (const why of Object.values(refusals)) {
    const isForGood = why === refusals.unknownSigner || why === refusals.nobodyToAsk
    t.is(/^Stranded: 1\./m.test(because(why)), isForGood, why)
  }
})

test('nothing in trouble, no phones, a reset that runs', (t) => {
  t.regex(phoneTable(report([phone(1)])), /\nNo phone refused the file, and none is locked out\.\n/)
  t.is(phoneTable(report([])), 'The lab has no phones.\n')
  t.regex(
    phoneTable(report(fleet, { progress: { done: 40, total: 100 } })),
    /\nBeing reset: 40 of 100 are ready\.\n$/,
  )
})

test('percentiles are times that phones took', (t) => {
  const figures = figuresOf(
    Array.from({ length: 100 }, (_, number) => phone(number + 1)),
    4,
  )
  t.like(figures, { phones: 100, phonesPerSecond: 25, p50: 50, p95: 95, bytes: 100_000 })
  t.like(figuresOf([], 0), { phones: 0, p50: 0, phonesPerSecond: 0 })
})

test('one phone is shown whole, and its name cannot steer the terminal', (t) => {
  const text = phoneText(phone(90, { ...rejected, device: 'SEP\x1b[2J' }), ['0001: NOT \x1b[2J'])
  t.true(text.startsWith('SEP\\x1b[2J  Cisco TelePresence SX20\n'))
  t.regex(text, /rejected: unknown signer, and this device cannot ask TVS/)
  t.regex(text, /Status messages {2}Trust List Update Failed/)
  t.true(text.endsWith('\n\n0001: NOT \\x1b[2J\n'))
})

async function shown(output: { isTTY?: boolean; rows?: number }, form: 'table' | 'json' = 'table') {
  const end = new AbortController()
  const writes: string[] = []
  let reads = 0
  await showPhones({
    read: async () => {
      reads += 1
      if (reads === 3) end.abort()
      return report(fleet)
    },
    output: { ...output, write: (text) => writes.push(text) },
    form,
    live: true,
    signal: end.signal,
    every: 1,
  })
  return writes
}

test('a terminal sees the table drawn over itself, a pipe sees it once, a program gets JSON', async (t) => {
  const table = phoneTable(report(fleet))
  const lines = table.split('\n').length - 1
  t.deepEqual(await shown({ isTTY: true, rows: 50 }), [
    `\x1b[J${table}`,
    `\x1b[${lines}A\x1b[J${table}`,
    `\x1b[${lines}A\x1b[J${table}`,
  ])
  t.deepEqual(await shown({}), [table])
  const [json = ''] = await shown({}, 'json')
  t.deepEqual(JSON.parse(json).phones.length, 100)
})

test('on a small terminal the table is cut before it scrolls', async (t) => {
  const [first = ''] = await shown({ isTTY: true, rows: 8 })
  t.is(first.split('\n').length - 1, 7)
  t.regex(first, /more lines; the terminal is too small\n$/)
})
