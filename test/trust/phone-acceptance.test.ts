import test from 'ava'
import { decodeCtlFile, encodeCtlFile } from '../../daemon/ctl/ctl-file.js'
import {
  type AcceptanceAnswer,
  type AcceptanceReason,
  acceptanceRules,
} from '../../daemon/trust/phones/acceptance-rules.js'
import {
  type DeviceClass,
  type PhoneSituation,
  phoneAcceptance,
} from '../../daemon/trust/phones/phone-acceptance.js'
import { readTrustList } from '../../daemon/trust/phones/trust-list.js'
import * as files from './acceptance-files.js'
import { byTokens, byTokensAndServers, draftOf, listOf, signedFile, tokenless } from './acceptance-files.js'
import * as tac from './tac-cluster.js'

const capable = 'security-by-default' as const
const plain = 'no-security-by-default' as const

const itl = listOf(files.itl)
const old = listOf(tokenless)
const tokens = listOf(byTokens)

const tampered = Uint8Array.from(signedFile(byTokens))
tampered[tampered.length - 1] = 9

/** A file of more than 64 KiB: many servers. */
const large = listOf({
  ...tokenless,
  extra: Array.from({ length: 60 }, () => files.record(tac.publisher, 2)),
})

type Row = readonly [
  situation: Partial<PhoneSituation>,
  deviceClass: DeviceClass,
  answer: AcceptanceAnswer,
  reason: AcceptanceReason,
]

/** Each line: what a source says of a situation, and the answer that must come of it. */
const table: Record<string, Row> = {
  // TAC 116232 and the Security Guides: without CTL and ITL the first file is trusted.
  'a phone without CTL and ITL trusts the first file': [
    { installed: 'none', itl: 'none', offered: tokens },
    capable,
    'accepts',
    'FIRST_FILE',
  ],
  'a device without Security By Default and without CTL trusts the first file': [
    { installed: 'none', itl: 'not given', offered: tokens },
    plain,
    'accepts',
    'FIRST_FILE',
  ],
  // Workflow 1 of TAC 118893, up to CUCM 11.5: the ITL holds the CallManager certificate that signs.
  'the first tokenless CTL is signed by a certificate of the ITL': [
    { installed: 'none', itl, offered: old },
    capable,
    'accepts',
    'ITL_HOLDS_SIGNER',
  ],
  // Workflow 6: stated nowhere, so not even good answers of TVS make it more than unknown.
  'the first token CTL of a phone with an ITL is unknown': [
    { installed: 'none', itl, offered: tokens, tvs: [tac.firstToken.der] },
    capable,
    'unknown',
    'FIRST_FILE_WITH_ITL',
  ],
  'a phone without CTL whose ITL nobody named is unknown': [
    { installed: 'none', itl: 'not given', offered: tokens },
    capable,
    'unknown',
    'ITL_NOT_GIVEN',
  ],
  // CTL present: the signer must be SAST in it.
  'a token signs again': [
    { installed: tokens, offered: listOf({ ...byTokens, timestamp: 0x55000000 }) },
    plain,
    'accepts',
    'SIGNER_IS_SAST',
  ],
  'the other token signs': [
    { installed: tokens, offered: listOf({ signer: tac.secondToken, sast: [tac.firstToken] }) },
    plain,
    'accepts',
    'SIGNER_IS_SAST',
  ],
  // Workflow 2 on 11.5 and later, and the bridge of workflow 8: the token CTL lists CallManager as SAST.
  'tokens to tokenless where the token CTL lists CallManager as SAST': [
    { installed: listOf(byTokensAndServers), offered: old },
    plain,
    'accepts',
    'SIGNER_IS_SAST',
  ],
  // Workflow 2 on 10.5: CallManager is in the token CTL, but as CCM+TFTP only.
  'tokens to tokenless where CallManager is CCM+TFTP only, through TVS': [
    { installed: tokens, offered: old, itl, tvs: [tac.publisher.der] },
    capable,
    'accepts-through-tvs',
    'TVS_VOUCHES',
  ],
  'tokens to tokenless where CallManager is CCM+TFTP only, without Security By Default': [
    { installed: tokens, offered: old, itl, tvs: [tac.publisher.der] },
    plain,
    'refuses',
    'NO_SECURITY_BY_DEFAULT',
  ],
  // Workflow 3, the revert: the tokenless CTL holds no token.
  'tokenless to tokens with the token uploaded': [
    { installed: old, offered: tokens, itl, tvs: [tac.firstToken.der, tac.secondToken.der] },
    capable,
    'accepts-through-tvs',
    'TVS_VOUCHES',
  ],
  'tokenless to tokens with the other token uploaded': [
    { installed: old, offered: tokens, itl, tvs: [tac.secondToken.der] },
    capable,
    'refuses',
    'TVS_REFUSES',
  ],
  'tokenless to tokens and nobody asked TVS': [
    { installed: old, offered: tokens, itl },
    capable,
    'unknown',
    'TVS_NOT_ASKED',
  ],
  'tokenless to tokens on a 7940': [
    { installed: old, offered: tokens, itl, tvs: [tac.firstToken.der] },
    plain,
    'refuses',
    'NO_SECURITY_BY_DEFAULT',
  ],
  'tokenless to tokens on a model that nobody looked up': [
    { installed: old, offered: tokens, itl, tvs: [tac.firstToken.der] },
    'unknown',
    'unknown',
    'CLASS_NOT_KNOWN',
  ],
  // Workflow 4: a regenerated CallManager certificate, same name, another key.
  'a regenerated CallManager certificate that TVS has': [
    {
      installed: old,
      offered: listOf({ signer: tac.newPublisher, server: tac.newPublisher }),
      itl,
      tvs: [tac.newPublisher.der],
    },
    capable,
    'accepts-through-tvs',
    'TVS_VOUCHES',
  ],
  'a regenerated CallManager certificate when TVS has the former one only': [
    {
      installed: old,
      offered: listOf({ signer: tac.newPublisher, server: tac.newPublisher }),
      itl,
      tvs: [tac.publisher.der],
    },
    capable,
    'refuses',
    'TVS_REFUSES',
  ],
  // From 12.0 on ITLRecovery signs; a CTL of 10.5(2) lists it as SAST already.
  'ITLRecovery signs and was SAST before': [
    {
      installed: old,
      offered: listOf({ signer: files.itlRecovery, sast: [tac.publisher], profile: 'cucm-cli' }),
    },
    plain,
    'accepts',
    'SIGNER_IS_SAST',
  ],
  // “Prepare Cluster for Rollback to pre 8.0” blanks the ITL, not the CTL.
  'a blanked ITL leaves no TVS to ask': [
    { installed: old, offered: tokens, itl: 'none', tvs: [tac.firstToken.der] },
    capable,
    'refuses',
    'ITL_BLANK',
  ],
  'a blanked ITL does not matter when the signer is SAST': [
    { installed: tokens, offered: listOf({ ...byTokens, timestamp: 0x55000000 }), itl: 'none' },
    capable,
    'accepts',
    'SIGNER_IS_SAST',
  ],
  'an ITL without TVS': [
    { installed: old, offered: tokens, itl: listOf({ signer: tac.publisher }), tvs: [tac.firstToken.der] },
    capable,
    'refuses',
    'ITL_WITHOUT_TVS',
  ],
  'an ITL that does not verify': [
    { installed: old, offered: tokens, itl: readTrustList(Uint8Array.of(1, 0)), tvs: [tac.firstToken.der] },
    capable,
    'unknown',
    'ITL_FILE_WRONG',
  ],
  // No source: the serial of a token written in two byte orders.
  'a signer that is SAST with its serial in another byte order': [
    { installed: listOf({ ...byTokens, profile: 'cucm-cli' }), offered: tokens },
    plain,
    'unknown',
    'SIGNER_NAMED_OTHERWISE',
  ],
  // No source: TIMESTAMP, SHA-512.
  'an older file by a trusted signer': [
    { installed: tokens, offered: listOf({ ...byTokens, timestamp: 0x54fa0216 }) },
    plain,
    'unknown',
    'TIMESTAMP_OLDER',
  ],
  'an older file by an unknown signer is refused all the same': [
    { installed: tokens, offered: listOf({ ...tokenless, timestamp: 0x54fa0216 }) },
    plain,
    'refuses',
    'NO_SECURITY_BY_DEFAULT',
  ],
  'the first file with SHA-512': [
    {
      installed: tokens,
      offered: listOf({ signer: tac.newPublisher, server: tac.newPublisher, digest: 'sha512' }),
      itl,
      tvs: [tac.newPublisher.der],
    },
    capable,
    'unknown',
    'DIGEST_UNPROVEN',
  ],
  'SHA-512 where the installed file has it too': [
    {
      installed: listOf({ signer: tac.newPublisher, server: tac.newPublisher, digest: 'sha512' }),
      offered: listOf({ signer: tac.newPublisher, server: tac.publisher, digest: 'sha512' }),
    },
    plain,
    'accepts',
    'SIGNER_IS_SAST',
  ],
  // An ITL of more than 64 KB fails to load; inferred for a CTL.
  'a file over 64 KiB': [{ installed: old, offered: large }, capable, 'refuses', 'FILE_TOO_LARGE'],
  'a file that does not verify': [
    { installed: 'none', itl: 'none', offered: readTrustList(tampered) },
    plain,
    'refuses',
    'NEW_FILE_WRONG',
  ],
  'a file of no bytes': [
    { installed: old, offered: readTrustList(new Uint8Array()) },
    'unknown',
    'refuses',
    'NEW_FILE_WRONG',
  ],
  'an installed file that nobody can hold': [
    { installed: readTrustList(tampered), offered: old },
    capable,
    'unknown',
    'INSTALLED_FILE_WRONG',
  ],
  'an installed file that is a draft': [
    { installed: readTrustList(draftOf(byTokens)), offered: tokens },
    capable,
    'unknown',
    'INSTALLED_FILE_WRONG',
  ],
  'the file that the phone holds': [{ installed: old, offered: old }, plain, 'accepts', 'ALREADY_INSTALLED'],
  // A class that nobody knows matters only where the classes differ.
  'a model that nobody looked up and a trusted signer': [
    { installed: tokens, offered: listOf({ ...byTokens, timestamp: 0x55000000 }) },
    'unknown',
    'accepts',
    'SIGNER_IS_SAST',
  ],
  'a model that nobody looked up, refused either way': [
    { installed: old, offered: tokens, itl: 'none' },
    'unknown',
    'refuses',
    'ITL_BLANK',
  ],
}

const situationOf = ([given, deviceClass]: Row): PhoneSituation => ({
  installed: old,
  offered: tokens,
  itl: 'not given',
  tvs: 'not asked',
  ...given,
  deviceClass,
})

for (const [what, row] of Object.entries(table)) {
  test(what, (t) => {
    const { answer, reason, detail } = phoneAcceptance(situationOf(row))
    t.deepEqual([answer, reason], [row[2], row[3]], detail)
    t.regex(detail, /^[A-Z].*[.)]$/)
  })
}

test('a rule that a source states names it, and one that nobody knows names no answer', (t) => {
  for (const [reason, rule] of Object.entries(acceptanceRules)) {
    if (rule.sure === 'stated') t.true(rule.sources.length > 0, reason)
    if (rule.sure === 'unknown') t.is(rule.answer, 'unknown', reason)
    t.regex(rule.remedy, /^[A-Z].*\.$/, reason)
  }
})

test('every rule is met by the table, but for those of a list of devices', (t) => {
  const ofLists = ['CHECKSUM_NOT_GIVEN', 'CHECKSUM_UNREADABLE', 'HOLDING_NOT_KNOWN']
  const met = new Set(Object.values(table).map(([, , , reason]) => reason as string))
  t.deepEqual(
    Object.keys(acceptanceRules).filter((reason) => !met.has(reason)),
    ofLists,
  )
})

test('a draft is judged as if it were signed, and says so', (t) => {
  const offered = readTrustList(draftOf({ ...byTokens, timestamp: 0x55000000 }))
  t.true(offered.isDraft)
  const found = phoneAcceptance({ installed: tokens, offered, itl, tvs: 'not asked', deviceClass: capable })
  t.is(found.reason, 'SIGNER_IS_SAST')
  t.regex(found.notes[0] ?? '', /draft/)
})

test('a token’s reversed serial is told where TVS is asked', (t) => {
  const ask = (offered = tokens) =>
    phoneAcceptance({
      installed: old,
      offered,
      itl,
      tvs: [tac.firstToken.der],
      deviceClass: capable,
    }).notes.join(' ')
  t.regex(ask(), /another byte order/)
  t.notRegex(ask(listOf({ ...byTokens, profile: 'cucm-cli' })), /another byte order/)
})

test('serial and issuer must both be as the installed CTL writes them', (t) => {
  const offered = listOf({ ...byTokens, timestamp: 0x55000000 })
  const { signer } = offered
  if (signer === undefined) return t.fail()
  const ask = (change: Partial<typeof signer>) =>
    phoneAcceptance({
      installed: tokens,
      offered: { ...offered, signer: { ...signer, ...change } },
      itl,
      tvs: 'not asked',
      deviceClass: plain,
    }).reason
  t.is(ask({}), 'SIGNER_IS_SAST')
  t.is(ask({ serial: signer.serial?.toReversed() }), 'SIGNER_NAMED_OTHERWISE')
  t.is(ask({ issuer: Uint8Array.of(65, 0) }), 'SIGNER_NAMED_OTHERWISE')
})

test('a signer whose serial and issuer belong to another key is not trusted', (t) => {
  const impostor = tac.sastToken('SAST-ADN0000000', '31af455500000008e983')
  const installed = listOf({ signer: tac.firstToken, sast: [tac.secondToken], profile: 'cucm-cli' })
  const offered = listOf({ signer: impostor, profile: 'cucm-cli' })
  t.is(offered.problem, undefined)
  t.deepEqual(offered.signer?.serial, installed.signer?.serial)
  t.deepEqual(offered.signer?.issuer, installed.signer?.issuer)
  const found = phoneAcceptance({ installed, offered, itl, tvs: 'not asked', deviceClass: plain })
  t.is(found.reason, 'NO_SECURITY_BY_DEFAULT')
})

test('what is read from a file is the file’s, byte for byte', (t) => {
  const bytes = signedFile(byTokens)
  t.deepEqual(encodeCtlFile(decodeCtlFile(bytes)), bytes)
  const list = readTrustList(bytes)
  t.is(list.size, bytes.length)
  t.deepEqual(
    list.certificates.map(({ record, role }) => [record, role]),
    [
      [1, 0],
      [2, 0],
      [3, 2],
    ],
  )
})
