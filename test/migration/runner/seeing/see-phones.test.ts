import { createHash } from 'node:crypto'
import test from 'ava'
import type { PhoneReading } from '../../../../daemon/migration/runner/eyes.js'
import {
  type AwaitedPhones,
  readingKey,
  seeFleet,
  seePilots,
} from '../../../../daemon/migration/runner/seeing/see-phones.js'

const file = new TextEncoder().encode('the new file')
const other = new TextEncoder().encode('the file from before')
const sum = (hash: 'md5' | 'sha1', bytes = file) => createHash(hash).update(bytes).digest('hex')

const modelOf: Readonly<Record<string, string>> = {
  SEP1: 'Cisco 7945',
  SEP2: 'Cisco 8861',
  SEP3: 'Cisco 7940',
}

function phones(readings: readonly PhoneReading[], changes: Partial<AwaitedPhones> = {}): AwaitedPhones {
  return {
    readings: readings.map((reading) => {
      const model = reading.model ?? modelOf[reading.device]
      return { ...reading, ...(model !== undefined && { model }) }
    }),
    models: [
      { model: 'Cisco 7945', devices: 2, securityByDefault: true },
      { model: 'Cisco 8861', devices: 1, securityByDefault: true },
      { model: 'Cisco 7940', devices: 1, securityByDefault: false },
      { model: 'Cisco 7961', devices: 0, securityByDefault: true },
    ],
    awaited: [file],
    isExpected: (model) => model === 'Cisco 7940',
    ...changes,
  }
}

const took = (device: string, checksum?: string): PhoneReading => ({
  device,
  took: 'accepted',
  ...(checksum !== undefined && { checksum }),
})
const refused = (device: string): PhoneReading => ({ device, took: 'refused' })

const allPilots = [took('SEP1', sum('md5')), took('SEP2', sum('sha1')), refused('SEP3')]

test('pilots: one of each model that has devices; MD5 or SHA-1 as the model shows it', (t) => {
  t.true(seePilots(phones(allPilots)).holds)
  for (const index of allPilots.keys()) {
    const seen = seePilots(phones(allPilots.filter((_, place) => place !== index)))
    t.false(seen.holds)
    t.is(seen.never, undefined)
    const missing = modelOf[allPilots[index]?.device ?? ''] ?? ''
    t.true(seen.evidence.some(({ text }) => text === `No phone of model ${missing} was read yet.`))
  }
})

test('pilots: a checksum as people copy it from a screen is the same checksum', (t) => {
  const shown = sum('sha1')
    .toUpperCase()
    .replaceAll(/(..)(?=.)/g, '$1:')
  t.true(seePilots(phones([took('SEP1', shown), ...allPilots.slice(1)])).holds)
})

test('pilots: what the screen shows counts more than what is said', (t) => {
  const seen = seePilots(phones([took('SEP1', sum('md5', other)), ...allPilots.slice(1)]))
  t.false(seen.holds)
  // It may still be fetching.
  t.is(seen.never, undefined)
  t.true(seen.evidence.some(({ text }) => text.includes('not the checksum of the file awaited')))
})

test('pilots: without a checksum the word of a person does', (t) => {
  t.true(seePilots(phones([took('SEP1'), took('SEP2'), refused('SEP3')])).holds)
})

test('pilots: a refusal that preflight did not name ends it, a named one does not', (t) => {
  t.regex(seePilots(phones([refused('SEP1'), ...allPilots.slice(1)])).never ?? '', /SEP1.*Cisco 7945/)
  t.regex(seePilots(phones(allPilots, { isExpected: () => false })).never ?? '', /SEP3.*Cisco 7940/)
  const stranger = { device: 'SEP9', took: 'refused' } as const
  t.regex(seePilots(phones([...allPilots, stranger])).never ?? '', /its model is not known/)
})

test('pilots: a model that the person names does where the cluster names none', (t) => {
  const named = { ...took('SEP9', sum('md5')), model: 'Cisco 7945' }
  t.true(seePilots(phones([named, ...allPilots.slice(1)])).holds)
})

test('pilots: any of the files of before will do where nodes had several', (t) => {
  const readings = [took('SEP1', sum('md5', other)), ...allPilots.slice(1)]
  t.true(seePilots(phones(readings, { awaited: [file, other] })).holds)
})

test('pilots: without the list of models one phone has to do, and that is told', (t) => {
  const seen = seePilots(phones([took('SEP1')], { models: undefined }))
  t.true(seen.holds)
  t.true(seen.evidence.some(({ text }) => text.includes('Which models there are was not seen')))
  t.false(seePilots(phones([refused('SEP3')], { models: undefined })).holds)
})

test('pilots: where every device was named as refusing, a phone that refuses is an answer', (t) => {
  const each = { models: undefined, isExpected: () => true }
  for (const readings of [[refused('SEP1')], [refused('SEP9')], [refused('SEP1'), took('SEP2')]]) {
    const seen = seePilots(phones(readings, each))
    t.true(seen.holds)
    t.is(seen.never, undefined)
  }
  t.false(seePilots(phones([took('SEP1', sum('md5', other))], each)).holds)
})

test('pilots: a model of which no phone can be read is answered by a word, but for one phone at least', (t) => {
  const unread = (model: string): PhoneReading => ({ device: '*', took: 'unread', model, note: 'ports' })
  const seen = seePilots(phones([...allPilots.slice(0, 2), unread('Cisco 7940')]))
  t.true(seen.holds)
  t.true(seen.evidence.some(({ text }) => text.includes('No phone of model Cisco 7940 can be read')))
  const words = ['Cisco 7945', 'Cisco 8861', 'Cisco 7940'].map(unread)
  const none = seePilots(phones(words))
  t.false(none.holds)
  t.true(none.evidence.some(({ text }) => text.startsWith('One phone at least')))
  t.true(seePilots(phones([...words.slice(0, 2), refused('SEP3')])).holds, 'one that was to refuse')
  t.false(seePilots(phones(words.slice(0, 1), { models: undefined })).holds)
})

test('the fleet: a model that cannot be read is no word on the others', (t) => {
  const unread: PhoneReading = { device: '*', took: 'unread', model: 'Cisco 7945' }
  t.false(seeFleet(phones([unread])).holds)
  t.false(seeFleet(phones([unread, took('SEP2')])).holds)
  t.true(seeFleet(phones([unread, took('SEP2'), refused('SEP3')])).holds)
})

test('the latest reading of a device counts, and the latest word of each model', (t) => {
  const word = (model: string): PhoneReading => ({ device: '*', took: 'unread', model })
  const keys = [took('SEP1'), refused('SEP1'), word('A'), word('B'), word('A'), took('*')].map(readingKey)
  t.is(new Set(keys).size, 4)
})

test('no phone takes a file that is not there yet', (t) => {
  t.false(seePilots(phones(allPilots, { awaited: [] })).holds)
  t.false(seeFleet(phones(allPilots, { awaited: [] })).holds)
})

test('the fleet: every device read, or the word of a person on the others', (t) => {
  t.false(seeFleet(phones(allPilots)).holds)
  t.true(seeFleet(phones([...allPilots, took('SEP4', sum('md5'))])).holds)
  t.false(seeFleet(phones([...allPilots, took('SEP4', sum('md5', other))])).holds)
  const word = { device: '*', took: 'accepted', note: 'looked in the building' } as const
  const seen = seeFleet(phones([word]))
  t.true(seen.holds)
  t.true(seen.evidence.some(({ text }) => text.includes('looked in the building')))
})
