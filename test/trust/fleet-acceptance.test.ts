import { createHash } from 'node:crypto'
import test from 'ava'
import {
  type Device,
  type FleetQuestion,
  makeFleetJudge,
  readChecksum,
} from '../../daemon/trust/phones/fleet-acceptance.js'
import { knownPhoneModels, makeClassOf } from '../../daemon/trust/phones/phone-models.js'
import { readTrustList } from '../../daemon/trust/phones/trust-list.js'
import { byTokens, draftOf, listOf, signedFile, tokenless } from './acceptance-files.js'
import * as tac from './tac-cluster.js'

const oldBytes = signedFile(tokenless)
const newBytes = signedFile(byTokens)
const md5 = (bytes: Uint8Array) => createHash('md5').update(bytes).digest('hex')
const sha1 = (bytes: Uint8Array) => createHash('sha1').update(bytes).digest('hex')

const question: FleetQuestion = {
  offered: readTrustList(newBytes),
  itl: 'not given',
  tvs: [tac.firstToken.der],
  classOf: makeClassOf(knownPhoneModels),
  holdings: [{ name: 'old.tlv', list: readTrustList(oldBytes) }],
}
const device = (model: string, checksum = ''): Device => ({ name: 'SEP001122334455', model, checksum })
const reasons = (asked: FleetQuestion, ...devices: Device[]) => {
  const judge = makeFleetJudge(asked)
  return devices.map((one) => judge(one).acceptance.reason)
}

test('the models of TAC 118893 have their class, however a call manager writes them; others are unknown', (t) => {
  const classOf = makeClassOf(knownPhoneModels)
  for (const model of ['Cisco 7945', '7945', 'CP-7965G', 'Cisco Unified IP Phone 7965G']) {
    t.is(classOf(model), 'security-by-default', model)
  }
  for (const model of ['Cisco 7940', 'cisco 7960', 'CP-7960G', 'Cisco Jabber for Desktop']) {
    t.is(classOf(model), 'no-security-by-default', model)
  }
  for (const model of ['Cisco TelePresence SX20', 'Cisco 8861', '', 'Cisco 79455', 'Cisco']) {
    t.is(classOf(model), 'unknown', model)
  }
})

test('an exact row of the table goes before a beginning, a longer beginning before a shorter', (t) => {
  const row = (model: string, deviceClass: 'security-by-default' | 'no-security-by-default') => {
    return { model, deviceClass, sure: 'operator', source: 'here' }
  }
  const classOf = makeClassOf([
    row('Cisco 88*', 'security-by-default'),
    row('Cisco 8831*', 'no-security-by-default'),
    row('Cisco 8831NR', 'security-by-default'),
  ])
  t.deepEqual(['Cisco 8861', 'Cisco 8831', 'Cisco 8831NR'].map(classOf), [
    'security-by-default',
    'no-security-by-default',
    'security-by-default',
  ])
})

test('checksums are read as screens and `show ctl` write them', (t) => {
  const hex = 'dbf86422cbab7859f3b850c2375814f7'
  for (const text of [
    hex,
    hex.toUpperCase(),
    `${hex}(MD5)`,
    hex.replace(/../g, '$& '),
    hex.replace(/..(?=.)/g, '$&:'),
  ]) {
    t.deepEqual(readChecksum(text), { kind: 'md5', hex }, text)
  }
  t.is(readChecksum(`${'a'.repeat(40)}(SHA1)`).kind, 'sha1')
  t.is(readChecksum(' None ').kind, 'none')
  t.is(readChecksum('').kind, 'not read')
  t.is(readChecksum('dbf8').kind, 'unreadable')
})

test('what a phone holds is known by MD5 or SHA-1, and may be the new file already', (t) => {
  t.deepEqual(
    reasons(
      question,
      device('Cisco 7945', md5(oldBytes)),
      device('Cisco 7940', sha1(oldBytes)),
      device('Cisco 7940', sha1(newBytes)),
      device('Cisco 7945', 'a'.repeat(32)),
      device('Cisco 7945', 'what?'),
      device('Cisco 7940', 'none'),
      device('Cisco 9999', md5(oldBytes)),
    ),
    [
      'TVS_VOUCHES',
      'NO_SECURITY_BY_DEFAULT',
      'ALREADY_INSTALLED',
      'CHECKSUM_NOT_GIVEN',
      'CHECKSUM_UNREADABLE',
      'FIRST_FILE',
      'CLASS_NOT_KNOWN',
    ],
  )
})

test('a phone without a checksum holds the one file given; of several, any', (t) => {
  const [taken] = [makeFleetJudge(question)(device('Cisco 7945'))]
  t.like(taken, { holds: 'old.tlv', isChecked: false, acceptance: { reason: 'TVS_VOUCHES' } })
  const earlier = { name: 'tokens.tlv', list: listOf({ ...byTokens, timestamp: 0x54000000 }) }
  const two = { ...question, holdings: [...question.holdings, earlier] }
  t.deepEqual(reasons(two, device('Cisco 7945'), device('Cisco 7940', md5(oldBytes))), [
    'HOLDING_NOT_KNOWN',
    'NO_SECURITY_BY_DEFAULT',
  ])
  const alike = {
    ...question,
    holdings: [
      ...question.holdings,
      { name: 'b.tlv', list: listOf({ ...tokenless, timestamp: 0x54000000 }) },
    ],
  }
  t.deepEqual(reasons(alike, device('Cisco 7945')), ['TVS_VOUCHES'])
})

test('no phone holds a draft', (t) => {
  const draft = draftOf(byTokens)
  const asked = { ...question, offered: readTrustList(draft) }
  t.deepEqual(reasons(asked, device('Cisco 7940', md5(draft))), ['CHECKSUM_NOT_GIVEN'])
})

test('a fleet is judged once for each situation, not for each phone', (t) => {
  const judge = makeFleetJudge(question)
  const answers = new Set(Array.from({ length: 1000 }, () => judge(device('Cisco 7945'))))
  t.is(answers.size, 1)
})
