import test from 'ava'
import type { TokenAnswer } from '../../daemon/cli/answers.js'
import { checkSign, refuseOther } from '../../daemon/cli/compose/check-sign.js'
import { planSign, type SignWishes } from '../../daemon/cli/compose/plan-sign.js'
import type { CtlDescription } from '../../daemon/trust/show/describe-ctl-file.js'
import type { CtlVerdict } from '../../daemon/trust/verify/verdict.js'
import { realFile } from '../vectors/real-file.js'

const token = (serial: string, certificates: object[], more: object = {}): TokenAnswer =>
  ({ serial, certificates, state: 'present', lease: null, ...more }) as unknown as TokenAnswer
const may = (sha256: string) => ({ sha256, maySign: true, label: 'l' })
const mayNot = (sha256: string) => ({ sha256, maySign: false, label: 'l', whyNot: 'an EC key' })

const file = (more: object = {}): CtlDescription =>
  ({
    records: [
      { number: 1, function: 0, certificate: { sha256: 'publisher' } },
      { number: 2, function: 0, certificate: { sha256: 'aa' } },
      { number: 3, function: 2, certificate: { sha256: 'publisher' } },
      { number: 4, function: 4 },
    ],
    ...more,
  }) as unknown as CtlDescription

const wishes: SignWishes = {
  token: 'a',
  withTokens: [],
  certificate: undefined,
  dropSast: false,
  servers: [],
  profile: undefined,
  digest: 'sha1',
}
const tokens = [token('a', [may('aa')]), token('b', [may('bb'), mayNot('cc')])]
const short = (plan: ReturnType<typeof planSign>) =>
  plan.records.map((record) => (record.from === 'token' ? record.token : record.record))

test('the signer comes first, then the other tokens, then the file without what they replace', (t) => {
  t.deepEqual(short(planSign(file(), tokens, wishes)), ['a', 1, 3, 4])
  t.deepEqual(short(planSign(file(), tokens, { ...wishes, withTokens: ['b', 'a', 'b'] })), [
    'a',
    'b',
    1,
    3,
    4,
  ])
  t.deepEqual(short(planSign(file(), tokens, { ...wishes, dropSast: true })), ['a', 3, 4])
})

test('layout and name are those of the file, unless the person says otherwise', (t) => {
  t.like(planSign(file(), tokens, wishes), { profile: 'ctl-client', fileName: 'CTLFile.tlv' })
  const certutils = file({ signerVersion: '1', fileName: 'ITLFile.tlv' })
  t.like(planSign(certutils, tokens, wishes), { profile: 'certutils', fileName: 'ITLFile.tlv' })
  t.is(planSign(certutils, tokens, { ...wishes, profile: 'cucm-cli' }).profile, 'cucm-cli')
})

test('addresses go to the records of their numbers', (t) => {
  const plan = planSign(file(), tokens, { ...wishes, servers: ['3=10.0.0.1'] })
  t.deepEqual(
    plan.records.flatMap((record) => ('ipAddress' in record ? [[record.record, record.ipAddress]] : [])),
    [[3, '10.0.0.1']],
  )
  for (const server of ['5=10.0.0.1', '0=10.0.0.1', '3=10.0.0.256', '3=10.0.0', '3', '=10.0.0.1', '3=::1']) {
    t.throws(() => planSign(file(), tokens, { ...wishes, servers: [server] }), { code: 'USAGE' }, server)
  }
})

test('an unknown token and an unclear certificate are refused', (t) => {
  t.throws(() => planSign(file(), tokens, { ...wishes, token: 'none' }), { code: 'TOKEN_UNKNOWN' })
  t.throws(() => planSign(file(), tokens, { ...wishes, withTokens: ['none'] }), { code: 'TOKEN_UNKNOWN' })
  const several = [token('a', [may('aa'), may('ab')])]
  t.throws(() => planSign(file(), several, wishes), { code: 'CERTIFICATE_UNKNOWN', message: /--certificate/ })
  t.is(planSign(file(), several, { ...wishes, certificate: 'AB' }).signer.certificate, 'ab')
  const twice = [token('a', [may('aa'), may('aa')])]
  t.is(
    planSign(file(), twice, wishes).signer.certificate,
    'aa',
    'one certificate that is there twice is clear',
  )
  t.throws(() => planSign(file(), [token('a', [mayNot('aa')])], wishes), { code: 'CERTIFICATE_UNKNOWN' })
})

const verdict = (certificateSha256: string) => ({ signer: { certificateSha256 } }) as unknown as CtlVerdict
const key = { keyId: 'k', name: 'n', scopes: ['read', 'sign'] }

test('what the daemon would refuse is refused before a PIN is asked for', (t) => {
  const check =
    (asked: TokenAnswer, signer = 'aa', holder = key) =>
    () =>
      checkSign(verdict(signer), 'a', [asked], holder)
  t.notThrows(check(token('a', [may('aa')])))
  t.notThrows(check(token('a', [may('aa')], { lease: { keyId: 'k', holder: 'n' } })))
  t.throws(check(token('a', [may('aa')], { lease: { keyId: 'x', holder: 'y' } })), { code: 'TOKEN_IN_USE' })
  t.throws(check(token('a', [may('aa')], { state: 'absent' })), { code: 'TOKEN_REMOVED' })
  t.throws(check(token('b', [])), { code: 'TOKEN_UNKNOWN' })
  t.throws(check(token('a', [may('aa')]), 'bb'), { code: 'SIGNER_NOT_ON_TOKEN' })
  t.throws(check(token('a', [mayNot('aa')])), { code: 'KEY_UNUSABLE', message: /an EC key/ })
  t.throws(check(token('a', [may('aa')]), 'aa', { ...key, scopes: ['read'] }), { code: 'SCOPE_MISSING' })
})

test('an answer that is another file than the draft is not written', (t) => {
  const draft = realFile()
  t.notThrows(() => refuseOther(draft, draft))
  const other = Uint8Array.from(draft)
  const last = other.length - 1
  other[last] = (other[last] ?? 0) ^ 1
  t.throws(() => refuseOther(draft, other), { code: 'DAEMON_UNREACHABLE' })
})
