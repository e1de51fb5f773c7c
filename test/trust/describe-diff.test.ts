import { createHash } from 'node:crypto'
import test from 'ava'
import type { CtlErrorCode } from '../../daemon/ctl/ctl-error.js'
import { composeCtl, type NewRecord } from '../../daemon/trust/compose/compose-ctl.js'
import { describeDiff } from '../../daemon/trust/diff/describe-diff.js'
import { realFile } from '../vectors/real-file.js'
import * as tac from './tac-cluster.js'

const server = (holder: tac.Holder, role: number, host = 'cucm-1051-a-pub'): NewRecord => ({
  certificate: holder.der,
  kind: 'server',
  function: role,
  dnsName: host,
  ipAddress: Uint8Array.of(10, 48, 47, 153),
})
const token = (holder: tac.Holder): NewRecord => ({ certificate: holder.der, kind: 'token', function: 0 })
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

function tokenlessOf(publisher: tac.Holder, timestamp: number, digest: 'sha1' | 'sha512' = 'sha1') {
  const records = [server(publisher, 0), server(publisher, 2), server(tac.capf, 4)]
  const draft = composeCtl({ profile: 'cucm-cli', digest, timestamp, signer: publisher.der, records })
  return { draft, signed: tac.signDraft(draft, publisher.key, digest) }
}
const tokenless = tokenlessOf(tac.publisher, 2)
const tokens = tac.signDraft(
  composeCtl({
    base: tokenless.signed,
    profile: 'ctl-client',
    digest: 'sha1',
    timestamp: 3,
    signer: tac.secondToken.der,
    records: [token(tac.firstToken), { base: 2 }, { base: 3 }, token(tac.secondToken)],
  }),
  tac.secondToken.key,
  'sha1',
)

test('a file and itself, and no file twice, do not differ', (t) => {
  t.deepEqual(describeDiff(realFile(), realFile()).summary, ['The files are the same, byte for byte.'])
  t.is(describeDiff(realFile(), realFile()).extent, 'nothing')
  t.deepEqual(describeDiff(new Uint8Array(), new Uint8Array()).summary, ['There is no file, old or new.'])
})

test('from tokenless to tokens: the signer first, then who may sign, with fingerprints', (t) => {
  const { summary, records, old, new: next } = describeDiff(tokenless.signed, tokens)
  const [publisher, first, second] = [
    'CN=cucm-1051-a-pub;OU=TAC;O=Cisco;L=Krakow;ST=Malopolska;C=PL',
    'cn="SAST-ADN008580ef        ";ou=IPCBU;o="Cisco Systems',
    'cn="SAST-ADN0054f509        ";ou=IPCBU;o="Cisco Systems',
  ]
  t.deepEqual(summary.slice(0, 4), [
    `The signer changes from “${publisher}” to “${second}”.`,
    `SAST “${first}” is added.`,
    `SAST “${second}” is added.`,
    `SAST “${publisher}” is removed.`,
  ])
  t.is(summary.at(-1), 'The new file is later: 1970-01-01T00:00:02Z → 1970-01-01T00:00:03Z.')
  t.deepEqual(
    records.map(({ change, oldNumber, newNumber }) => [change, oldNumber, newNumber]),
    [
      ['added', undefined, 1],
      ['changed', 2, 2],
      ['changed', 3, 3],
      ['added', undefined, 4],
      ['removed', 1, undefined],
    ],
  )
  t.is(records[0]?.newCertificateSha256, sha256(tac.firstToken.der))
  t.is(records[4]?.oldCertificateSha256, sha256(tac.publisher.der))
  t.is(old?.signer.certificateSha256, sha256(tac.publisher.der))
  t.is(next?.signer.record, 4)
})

test('a regenerated certificate is replaced, of one and the same name', (t) => {
  const { summary, records } = describeDiff(
    tokenless.signed,
    tokenlessOf(tac.newPublisher, 1, 'sha512').signed,
  )
  const name = '“CN=cucm-1051-a-pub;OU=TAC;O=Cisco;L=Krakow;ST=Malopolska;C=PL”'
  t.deepEqual(summary, [
    `The signer changes: another certificate of the name ${name}.`,
    `SAST ${name}: the certificate is replaced.`,
    `CCM+TFTP ${name}: the certificate is replaced.`,
    'The digest changes from sha1 to sha512.',
    'The new file is EARLIER: 1970-01-01T00:00:02Z → 1970-01-01T00:00:01Z.',
  ])
  t.is(records[0]?.oldCertificateSha256, sha256(tac.publisher.der))
  t.is(records[0]?.newCertificateSha256, sha256(tac.newPublisher.der))
})

test('a draft and its signed file differ in the signature only', (t) => {
  const there = describeDiff(tokenless.draft, tokenless.signed)
  t.is(there.extent, 'signature')
  t.regex(there.summary[0] ?? '', /what is signed is the same.*old file is a draft/)
  t.deepEqual(
    there.header.map(({ name }) => name),
    ['SIGNATURE'],
  )
  t.regex(describeDiff(tokenless.signed, tokenless.draft).summary[0] ?? '', /new file is a draft/)
  const damaged = Uint8Array.from(tokenless.signed)
  const at = Buffer.from(damaged).indexOf(Buffer.from([12, 0, 128])) + 3
  damaged[at] = (damaged[at] ?? 0) ^ 1
  t.regex(describeDiff(tokenless.signed, damaged).summary[0] ?? '', /verify both files/)
})

test('no file before, and none after', (t) => {
  const first = describeDiff(new Uint8Array(), tokens)
  t.is(first.old, null)
  t.deepEqual(
    first.records.map(({ change }) => change),
    ['added', 'added', 'added', 'added'],
  )
  t.regex(first.summary[0] ?? '', /^There was no file\./)
  t.false(first.headerReordered)
  const last = describeDiff(tokens, new Uint8Array())
  t.deepEqual(last.summary, ['The file is gone.'])
  t.is(last.new, null)
})

test('a file that cannot be read is named', (t) => {
  const cut = tokens.subarray(0, 700)
  const code: CtlErrorCode = 'CTL_TRUNCATED'
  t.like(
    t.throws(() => describeDiff(cut, tokens)),
    { code },
  )
  t.regex(t.throws(() => describeDiff(cut, tokens))?.message ?? '', /^The old file: /)
  t.regex(t.throws(() => describeDiff(tokens, cut))?.message ?? '', /^The new file: /)
})

test('the real ITL and a CTL are compared too, and the answer is plain data', (t) => {
  const described = describeDiff(realFile(), tokens)
  t.is(described.extent, 'records')
  t.deepEqual(JSON.parse(JSON.stringify(described)), described)
  t.true(described.summary.includes('FILENAME changes from “ITLFile.tlv” to “CTLFile.tlv”.'))
})
