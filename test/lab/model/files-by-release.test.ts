import { createHash, X509Certificate } from 'node:crypto'
import test from 'ava'
import { describeCtlFile } from '../../../daemon/trust/show/describe-ctl-file.js'
import { verifyCtlFile } from '../../../daemon/trust/verify/verify-ctl-file.js'
import type { LabCluster, LabRelease } from '../../../lab/model/lab-cluster.js'
import { readTlv } from './read-tlv.js'
import { temporaryLab } from './temporary-lab.js'

/** Who stands as SAST and who signs, read off the certificates: `domain facts: Who signs, by release`. */
const tokenless: readonly [LabRelease, readonly string[]][] = [
  ['10.5.1', ['CallManager']],
  ['10.5.2', ['CallManager', 'ITLRecovery']],
  ['11.5', ['CallManager', 'ITLRecovery']],
  ['12.5', ['ITLRecovery', 'CallManager']],
  ['14', ['ITLRecovery', 'CallManager']],
]
const tokens: readonly [LabRelease, readonly string[]][] = [
  ['9.1', ['token 2', 'token 1']],
  ['10.5.2', ['token 2', 'token 1']],
  ['11.5', ['token 2', 'token 1', 'ITLRecovery', 'CallManager']],
  ['12.5', ['token 2', 'token 1', 'ITLRecovery', 'CallManager']],
]

/** The signer first. */
function sastOf(lab: LabCluster, file: Uint8Array): string[] {
  const { records } = describeCtlFile(file)
  return records
    .filter((record) => record.function === 0)
    .sort((one, other) => Number(other.signedTheFile) - Number(one.signedTheFile))
    .map((record) => ownerOf(lab, record.certificate?.sha256 ?? ''))
}

function ownerOf(lab: LabCluster, sha256: string): string {
  const owners: [string, Uint8Array | undefined][] = [
    ['CallManager', lab.publisher.callManager().certificate],
    ['ITLRecovery', lab.itlRecovery()?.certificate],
    ['CAPF', lab.capf().certificate],
    ...lab.tokens.map(({ certificate }, index): [string, Uint8Array] => [`token ${index + 1}`, certificate]),
  ]
  const isIt = ([, der]: [string, Uint8Array | undefined]) =>
    der !== undefined && createHash('sha256').update(der).digest('hex') === sha256
  return owners.find(isIt)?.[0] ?? 'nobody'
}

for (const [release, expected] of tokenless) {
  test(`${release}: the tokenless CTL names ${expected.join(', ')} as SAST, and the first signs`, async (t) => {
    const lab = await temporaryLab(t, { release, state: 'tokenless', nodes: 2 })
    const file = lab.publisher.serve('CTLFile.tlv') ?? new Uint8Array()
    t.is(verifyCtlFile(file).verdict, 'valid')
    t.deepEqual(sastOf(lab, file), expected)
    t.deepEqual(
      describeCtlFile(file).records.map(({ function: role }) => role),
      [0, 2, 4, 2, ...expected.slice(1).map(() => 0)],
    )
    t.is(lab.mode(), 1)
  })
}

for (const [release, expected] of tokens) {
  test(`${release}: the token CTL names ${expected.join(', ')} as SAST, and the token inserted last signs`, async (t) => {
    const lab = await temporaryLab(t, { release, state: 'tokens', nodes: 2 })
    const file = lab.publisher.serve('CTLFile.tlv') ?? new Uint8Array()
    t.is(verifyCtlFile(file).verdict, 'valid')
    t.deepEqual(sastOf(lab, file), expected)
    const [token] = describeCtlFile(file).records
    t.is(token?.serialOrder, 'reversed')
    t.regex(token?.subject ?? '', /^cn="SAST-ADN[0-9a-f]{8} {8}";ou=IPCBU;o="Cisco Systems$/)
  })
}

test('a reader of a few lines, which shares nothing with the product, finds CallManager’s signature good', async (t) => {
  const lab = await temporaryLab(t, { release: '10.5.1', nodes: 2 })
  const file = lab.publisher.serve('CTLFile.tlv') ?? new Uint8Array()
  const { publicKey } = new X509Certificate(lab.publisher.callManager().certificate)
  t.true(readTlv(file).isSignedBy(publicKey))
  t.false(readTlv(file).isSignedBy(new X509Certificate(lab.capf().certificate).publicKey))
  // TAC 118893: SIGNATURE of 128 bytes, records of a certificate with a key of 140 bytes.
  t.is(readTlv(file).signature.length, 128)
})

test('the ITL is signed by CallManager of its node up to 11.5, by ITLRecovery from 12.0', async (t) => {
  for (const release of ['9.1', '11.5', '12.5'] as const) {
    const lab = await temporaryLab(t, { release, nodes: 2 })
    const [publisher, subscriber] = lab.nodes
    const [one, other] = [publisher, subscriber].map((node) => node?.serve('ITLFile.tlv') ?? new Uint8Array())
    t.is(verifyCtlFile(one ?? new Uint8Array()).verdict, 'valid')
    const signer = describeCtlFile(other ?? new Uint8Array()).signer.name
    t.regex(signer, release === '12.5' ? /^CN=ITLRECOVERY_lab-pub;/ : /^CN=lab-sub1;/)
    const roles = describeCtlFile(other ?? new Uint8Array()).records.map(({ function: role }) => role)
    t.deepEqual(roles, release === '11.5' ? [0, 2, 4, 21, 21, 0] : [0, 2, 4, 21, 21])
  }
})

test('what no release had is refused with a sentence', async (t) => {
  const wrong = (options: Parameters<typeof temporaryLab>[1]) => t.throwsAsync(temporaryLab(t, options))
  t.regex((await wrong({ release: '9.1', state: 'tokenless' }))?.message ?? '', /no utils ctl/)
  t.regex((await wrong({ release: '14', state: 'tokens' }))?.message ?? '', /takes no tokens/)
  t.regex((await wrong({ release: '10.5.2', hasEncryptionLicence: false }))?.message ?? '', /no licence/)
  t.regex((await wrong({ nodes: 0 }))?.message ?? '', /1 to 20 nodes/)
})
