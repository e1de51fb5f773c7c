import { createHash } from 'node:crypto'
import test from 'ava'
import { compare, type Told } from '../../demo/predicted-and-found.js'
import type { PhoneRecord } from '../../lab/phones/phone-record.js'

const files = { before: Buffer.from('before'), after: Buffer.from('after') }
type Named = keyof typeof files | 'other'

function phone(device: string, model: string, shows: 'md5' | 'sha1', holds: Named): PhoneRecord {
  const bytes = holds === 'other' ? Buffer.from(holds) : files[holds]
  const checksum = createHash(shows).update(bytes).digest('hex')
  return { device, model, shows, ctl: { checksum } } as PhoneRecord
}

const told = {
  findings: [{ code: 'DEVICES_WITHOUT_SBD', at: 'Cisco 7960', devices: 1 }],
  prediction: [
    { model: 'Cisco 7960', acceptance: { answer: 'refuses' } },
    { model: 'Cisco 8861', acceptance: { answer: 'accepts-through-tvs' } },
  ],
} as unknown as Told

const asSaid = [
  phone('SEP1', 'Cisco 7960', 'md5', 'before'),
  phone('SEP2', 'Cisco 8861', 'sha1', 'after'),
  phone('SEP3', 'Cisco 8861', 'sha1', 'after'),
]

test('phones that hold what was said are as predicted', (t) => {
  const { isRight, predictedBehind, foundBehind, models } = compare(asSaid, told, files)
  t.true(isRight)
  t.deepEqual(predictedBehind, ['SEP1'])
  t.deepEqual(foundBehind, ['SEP1'])
  t.deepEqual(
    models.map(({ model, phones, holdNew, holdOld }) => [model, phones, holdNew, holdOld]),
    [
      ['Cisco 7960', 1, 0, 1],
      ['Cisco 8861', 2, 2, 0],
    ],
  )
})

const contradictions = [
  ['a phone that was to take the file keeps the old one', phone('SEP3', 'Cisco 8861', 'sha1', 'before')],
  ['a phone that was to keep the old one took the file', phone('SEP1', 'Cisco 7960', 'md5', 'after')],
  ['a phone holds neither', phone('SEP3', 'Cisco 8861', 'sha1', 'other')],
] as const

for (const [what, other] of contradictions) {
  test(`${what}: not as predicted`, (t) => {
    const phones = asSaid.map((one) => (one.device === other.device ? other : one))
    t.false(compare(phones, told, files).isRight)
  })
}

test('a model of which preflight says one thing and the prediction another is not as predicted', (t) => {
  const { prediction } = told
  t.false(compare(asSaid, { findings: [], prediction }, files).isRight)
})
