import { sign } from 'node:crypto'
import anyTest, { type TestFn } from 'ava'
import {
  asSignature,
  decodeCtlFile,
  encodeCtlFile,
  insertSignature,
  signerIdOf,
  takeToBeSigned,
} from '../../../daemon/ctl/library.js'
import {
  decide,
  knowsCallManager,
  knowsTvs,
  refusals,
  type TrustListFacts,
  type TvsVerdict,
} from '../../../lab/phones/decide.js'
import { defaultRules, TRUST_LIST_CEILING } from '../../../lab/phones/phone-rules.js'
import { realFile } from '../../vectors/real-file.js'
import {
  type Cast,
  type Entry,
  itl,
  makeCast,
  makeFile,
  ROLE,
  tokenCtl,
  tokenlessCtl,
} from './trust-lists.js'

const test = anyTest as TestFn<Cast>
let cast: Promise<Cast> | undefined
test.beforeEach(async (t) => {
  cast ??= makeCast()
  t.context = await cast
})

const file = (bytes: Uint8Array) => ({ kind: 'file', bytes }) as const

/** A phone with Security By Default in a tokenless cluster, to which a token CTL comes. */
function revert(cast: Cast, changes: Partial<TrustListFacts> = {}): TrustListFacts {
  return {
    kind: 'CTL',
    fetched: file(tokenCtl(cast)),
    installedCtl: tokenlessCtl(cast),
    installedItl: itl(cast),
    securityByDefault: true,
    rules: defaultRules,
    ...changes,
  }
}

const answered = (isTrusted: boolean, ...roles: number[]): TvsVerdict => ({
  kind: 'answer',
  isTrusted,
  roles,
})

/** With the byte at this place changed. */
function damaged(bytes: Uint8Array, place: number): Uint8Array {
  const copy = Uint8Array.from(bytes)
  copy[place] = (copy[place] ?? 0) ^ 0xff
  return copy
}

test('an identical file changes nothing, whoever signed it', (t) => {
  const same = tokenCtl(t.context)
  const facts = revert(t.context, { fetched: file(Uint8Array.from(same)), installedCtl: same })
  t.deepEqual(decide(facts), { do: 'keep', why: 'identical' })
  t.is(decide({ ...facts, securityByDefault: false }).do, 'keep')
})

test('without a file on the server, or without a server, the phone keeps what it has', (t) => {
  t.deepEqual(decide(revert(t.context, { fetched: { kind: 'none' } })), { do: 'keep', why: 'no file' })
  const fetched = { kind: 'unreachable', cause: 'no answer' } as const
  t.deepEqual(decide(revert(t.context, { fetched })), { do: 'keep', why: 'unreachable' })
})

test('a phone with no trust list trusts the first one, with and without Security By Default', (t) => {
  for (const securityByDefault of [true, false]) {
    for (const bytes of [tokenCtl(t.context), tokenlessCtl(t.context)]) {
      const facts = revert(t.context, {
        fetched: file(bytes),
        installedCtl: undefined,
        installedItl: undefined,
        securityByDefault,
      })
      t.deepEqual(decide(facts), { do: 'install', why: 'first one', bytes })
    }
  }
})

test('a file of certutils, found in the wild, is taken as the first ITL, and not when a byte of it changed', (t) => {
  const facts = revert(t.context, { kind: 'ITL', installedCtl: undefined, installedItl: undefined })
  const bytes = realFile()
  t.like(decide({ ...facts, fetched: file(bytes) }), { do: 'install', why: 'first one' })
  const last = damaged(bytes, bytes.length - 1)
  t.deepEqual(decide({ ...facts, fetched: file(last) }), { do: 'reject', why: refusals.badSignature })
})

test('even the first file must carry a signature that fits', (t) => {
  const facts = revert(t.context, { installedCtl: undefined, installedItl: undefined })
  const { stranger } = t.context
  t.deepEqual(decide({ ...facts, fetched: file(tokenCtl(t.context, { key: stranger })) }), {
    do: 'reject',
    why: refusals.badSignature,
  })
})

test('a file signed by any SAST of the installed CTL is taken without TVS', (t) => {
  const { token1, token2, callManager } = t.context
  const byToken1 = makeFile([
    { role: ROLE.sast, holder: token1 },
    { role: ROLE.ccmTftp, holder: callManager },
    { role: ROLE.sast, holder: token2 },
  ])
  for (const securityByDefault of [true, false]) {
    const facts = revert(t.context, {
      fetched: file(byToken1),
      installedCtl: tokenCtl(t.context),
      securityByDefault,
    })
    t.deepEqual(decide(facts), { do: 'install', why: 'known signer', bytes: byToken1 })
  }
})

test('a certificate that the installed CTL lists with another role does not make a signer known', (t) => {
  // The CallManager of a token CTL up to 10.5(2) is CCM+TFTP and no SAST (TAC 118893).
  const facts = revert(t.context, {
    fetched: file(tokenlessCtl(t.context)),
    installedCtl: tokenCtl(t.context),
    securityByDefault: false,
  })
  t.deepEqual(decide(facts), { do: 'reject', why: refusals.unknownSigner })
})

test('a bridge CTL that lists CallManager as SAST lets the tokenless one in without TVS', (t) => {
  const { token1, token2, callManager } = t.context
  const bridge = makeFile([
    { role: ROLE.sast, holder: token2 },
    { role: ROLE.sast, holder: callManager },
    { role: ROLE.sast, holder: token1 },
  ])
  const facts = revert(t.context, {
    fetched: file(tokenlessCtl(t.context)),
    installedCtl: bridge,
    securityByDefault: false,
  })
  t.like(decide(facts), { do: 'install', why: 'known signer' })
})

test('an unknown signer is asked of TVS by the very bytes of the new file', (t) => {
  const decision = decide(revert(t.context))
  const { name, issuer, serial } = signerIdOf(decodeCtlFile(tokenCtl(t.context)))
  t.deepEqual(decision, { do: 'ask TVS', question: { subject: name, issuer, serial } })
})

test('with a CTL installed the ITL does not make a signer of CTLs known', (t) => {
  const installedItl = itl({ callManager: t.context.token2, tvs: t.context.tvs })
  t.is(decide(revert(t.context, { installedItl })).do, 'ask TVS')
})

test('TVS lets a file in when it gives the signer the role SAST, and only then', (t) => {
  const bytes = tokenCtl(t.context)
  const by = (tvs: TvsVerdict) => decide(revert(t.context, { fetched: file(bytes), tvs }))
  t.deepEqual(by(answered(true, 0)), { do: 'install', why: 'TVS', bytes })
  t.deepEqual(by(answered(true, 0, 3)), { do: 'install', why: 'TVS', bytes })
  t.deepEqual(by(answered(true, 3)), { do: 'reject', why: refusals.tvsRole })
  t.deepEqual(by(answered(true)), { do: 'reject', why: refusals.tvsRole })
  t.deepEqual(by(answered(false, 0)), { do: 'reject', why: refusals.tvsSaysNo })
})

test('a TVS that cannot be asked, shows a wrong certificate or is not there: the file is rejected', (t) => {
  const by = (tvs: TvsVerdict) => decide(revert(t.context, { tvs }))
  t.deepEqual(by({ kind: 'unreachable' }), { do: 'reject', why: refusals.tvsUnreachable })
  t.deepEqual(by({ kind: 'unknown certificate' }), { do: 'reject', why: refusals.tvsCertificate })
  t.deepEqual(by({ kind: 'nobody to ask' }), { do: 'reject', why: refusals.nobodyToAsk })
})

test('a device without Security By Default never asks, and a yes of TVS does not help it', (t) => {
  const facts = revert(t.context, { securityByDefault: false, installedItl: undefined })
  t.deepEqual(decide(facts), { do: 'reject', why: refusals.unknownSigner })
  t.is(decide({ ...facts, tvs: answered(true, 0) }).do, 'reject')
})

test('a wrong signature is rejected, whoever is named as the signer and whatever TVS says', (t) => {
  const { stranger } = t.context
  const forged = tokenlessCtl(t.context, { key: stranger, timestamp: 1_500_000_000 })
  t.deepEqual(decide(revert(t.context, { fetched: file(forged) })), {
    do: 'reject',
    why: refusals.badSignature,
  })
  const token = tokenCtl(t.context)
  const changed = damaged(token, token.length - 1)
  t.deepEqual(decide(revert(t.context, { fetched: file(changed), tvs: answered(true, 0) })), {
    do: 'reject',
    why: refusals.badSignature,
  })
})

test('a file without its signer’s certificate is taken from a known signer only', (t) => {
  const { token1, token2 } = t.context
  const { records, ...file0 } = decodeCtlFile(tokenCtl(t.context))
  const stripped = encodeCtlFile({ ...file0, records: records.slice(1) })
  const message = takeToBeSigned(stripped)
  const signed = insertSignature(
    stripped as never,
    asSignature(new Uint8Array(sign('sha1', message, token2.privateKey))),
  )
  t.like(decide(revert(t.context, { fetched: file(signed), installedCtl: tokenCtl(t.context) })), {
    do: 'install',
    why: 'known signer',
  })
  const installedCtl = makeFile([{ role: ROLE.sast, holder: token1 }])
  t.deepEqual(decide(revert(t.context, { fetched: file(signed), installedCtl })), {
    do: 'reject',
    why: refusals.signerNotInFile,
  })
})

test('a draft that nobody signed is rejected', (t) => {
  const zeros = new Uint8Array(128)
  const signed = tokenCtl(t.context)
  const draft = insertSignature(signed as never, zeros as never)
  t.deepEqual(decide(revert(t.context, { fetched: file(draft), tvs: answered(true, 0) })), {
    do: 'reject',
    why: refusals.badSignature,
  })
})

test('what does not decode is rejected', (t) => {
  const token = tokenCtl(t.context)
  for (const bytes of [
    new Uint8Array(0),
    token.subarray(0, token.length - 1),
    Buffer.from('<html>404</html>'),
  ]) {
    t.deepEqual(decide(revert(t.context, { fetched: file(bytes) })), {
      do: 'reject',
      why: refusals.unreadable,
    })
  }
})

test('more than 64 KiB is not loaded, 64 KiB are', (t) => {
  const { token2, callManager } = t.context
  const entries: Entry[] = [{ role: ROLE.sast, holder: token2 }]
  while (makeFile(entries).length < TRUST_LIST_CEILING)
    entries.push({ role: ROLE.ccmTftp, holder: callManager })
  const over = makeFile(entries)
  t.true(over.length > TRUST_LIST_CEILING)
  const below = makeFile(entries.slice(0, -1))
  const facts = revert(t.context, { installedCtl: tokenCtl(t.context) })
  t.deepEqual(decide({ ...facts, fetched: file(over) }), { do: 'reject', why: refusals.tooLarge })
  t.is(decide({ ...facts, fetched: file(below) }).do, 'install')
  t.deepEqual(decide({ ...facts, fetched: { kind: 'too large' } }), {
    do: 'reject',
    why: refusals.tooLarge,
  })
})

test('an older file is taken or rejected by the rule, because no document says', (t) => {
  const facts = revert(t.context, {
    installedCtl: tokenCtl(t.context, { timestamp: 1_500_000_000 }),
    fetched: file(tokenCtl(t.context, { timestamp: 1_400_000_000 })),
  })
  t.like(decide({ ...facts, rules: { ...defaultRules, olderFile: 'accepts' } }), {
    do: 'install',
    why: 'known signer',
  })
  const rules = { ...defaultRules, olderFile: 'rejects' } as const
  t.deepEqual(decide({ ...facts, rules }), { do: 'reject', why: refusals.older })
  const younger = file(tokenCtl(t.context, { timestamp: 1_500_000_001 }))
  t.is(decide({ ...facts, rules, fetched: younger }).do, 'install')
})

test('with an ITL alone a first CTL is taken when the ITL holds its signer', (t) => {
  const facts = revert(t.context, { installedCtl: undefined })
  const tokenless = tokenlessCtl(t.context)
  t.deepEqual(decide({ ...facts, fetched: file(tokenless) }), {
    do: 'install',
    why: 'known signer',
    bytes: tokenless,
  })
})

test('with an ITL alone a first token CTL goes by the rule, because no document says', (t) => {
  const facts = revert(t.context, { installedCtl: undefined })
  t.is(decide(facts).do, 'ask TVS')
  t.like(decide({ ...facts, tvs: answered(true, 0) }), { do: 'install', why: 'TVS' })
  t.deepEqual(decide({ ...facts, tvs: answered(false) }), { do: 'reject', why: refusals.tvsSaysNo })
  const rules = { ...defaultRules, firstCtlBesideItl: 'trusts' } as const
  t.like(decide({ ...facts, rules }), { do: 'install', why: 'first one' })
})

test('an ITL is taken when ITL or CTL holds its signer', (t) => {
  const { newCallManager, tvs } = t.context
  const next = itl(t.context, { timestamp: 1_500_000_000 })
  const facts = revert(t.context, { kind: 'ITL', fetched: file(next) })
  t.like(decide({ ...facts, installedCtl: undefined }), { do: 'install', why: 'known signer' })
  t.like(decide({ ...facts, installedItl: undefined }), { do: 'install', why: 'known signer' })
  const byNew = itl({ callManager: newCallManager, tvs })
  t.is(decide({ ...facts, fetched: file(byNew) }).do, 'ask TVS')
})

test('an ITL of an unknown signer comes in through TVS by a role that signs files, and by no other', (t) => {
  const { newCallManager, tvs } = t.context
  const byNew = itl({ callManager: newCallManager, tvs })
  const by = (verdict: TvsVerdict) =>
    decide(revert(t.context, { kind: 'ITL', fetched: file(byNew), tvs: verdict }))
  // TAC 118893: TVS found the regenerated CallManager certificate with the roles 0 and 2.
  t.like(by(answered(true, 0, 2)), { do: 'install', why: 'TVS' })
  t.like(by(answered(true, 2)), { do: 'install', why: 'TVS' })
  t.deepEqual(by(answered(true, 21)), { do: 'reject', why: refusals.tvsRole })
  t.deepEqual(by(answered(false)), { do: 'reject', why: refusals.tvsSaysNo })
})

test('TVS is known by the ITL alone, CallManager by the CTL alone', (t) => {
  const { tvs, callManager, stranger, newCallManager } = t.context
  t.true(knowsTvs(itl(t.context), tvs.der))
  t.false(knowsTvs(itl(t.context), stranger.der))
  t.false(knowsTvs(itl(t.context), callManager.der))
  t.false(knowsTvs(undefined, tvs.der))
  t.true(knowsCallManager(tokenCtl(t.context), callManager.der))
  t.false(knowsCallManager(tokenCtl(t.context), newCallManager.der))
  t.false(knowsCallManager(tokenCtl(t.context), t.context.token1.der))
  t.false(knowsCallManager(undefined, callManager.der))
})
