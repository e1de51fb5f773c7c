import { X509Certificate } from 'node:crypto'
import test from 'ava'
import { readCertificateParts } from '../../daemon/trust/certificate/certificate-parts.js'
import { composeCtl, type NewRecord } from '../../daemon/trust/compose/compose-ctl.js'
import { verifyCtlFile } from '../../daemon/trust/verify/verify-ctl-file.js'
import { issue } from './openssl-authority.js'
import * as tac from './tac-cluster.js'

/** Chains made by openssl. */
const root = issue({ subject: '/O=Test/CN=Root', authority: true })
const between = issue({ subject: '/O=Test/CN=Between', authority: true }, root)
const leaf = issue({ subject: '/O=Test/CN=leaf' }, root)
const farLeaf = issue({ subject: '/O=Test/CN=far leaf' }, between)
/** Issued by a certificate that is no authority. */
const stolen = issue({ subject: '/O=Test/CN=stolen' }, leaf)
const namesake = issue({ subject: '/O=Test/CN=Root', authority: true })
const forged = issue({ subject: '/O=Test/CN=forged' }, namesake)
const alone = issue({ subject: '/O=Test/CN=alone' })

const record = ({ der }: tac.Holder, role = 7): NewRecord => ({
  certificate: der,
  kind: 'server',
  function: role,
  dnsName: 'host',
})

function chainsOf(holders: readonly tac.Holder[], roots: readonly tac.Holder[]) {
  const records = [record(tac.publisher, 0), ...holders.map((holder) => record(holder, 20))]
  const draft = composeCtl({
    profile: 'cucm-cli',
    digest: 'sha1',
    timestamp: 1,
    signer: tac.publisher.der,
    records,
  })
  const file = tac.signDraft(draft, tac.publisher.key, 'sha1')
  const verdict = verifyCtlFile(file, { roots: roots.map(({ der }) => readCertificateParts(der)) })
  return { ...verdict, states: verdict.chains?.slice(1).map(({ chain }) => chain) }
}

test('without roots nothing is said of chains', (t) => {
  const file = tac.signDraft(
    composeCtl({
      profile: 'cucm-cli',
      digest: 'sha1',
      timestamp: 1,
      signer: tac.publisher.der,
      records: [record(tac.publisher, 0), record(forged)],
    }),
    tac.publisher.key,
    'sha1',
  )
  const { verdict, chains, findings } = verifyCtlFile(file)
  t.is(verdict, 'valid')
  t.is(chains, undefined)
  t.false(findings.some(({ code }) => code.startsWith('CHAIN_')))
})

test('a certificate chains to the root that issued it, and says which', (t) => {
  const { states, chains, verdict } = chainsOf([leaf, alone, farLeaf, root], [root])
  t.deepEqual(states, ['root', 'self-signed', 'issuer-not-given', 'root'])
  const fingerprint = new X509Certificate(root.der).fingerprint256.replaceAll(':', '').toLowerCase()
  t.is(chains?.[1]?.rootSha256, fingerprint)
  t.is(verdict, 'valid')
})

test('an authority of the file may stand between, a certificate that is none may not', (t) => {
  t.deepEqual(chainsOf([farLeaf, between], [root]).states, ['root', 'root'])
  t.deepEqual(chainsOf([stolen, leaf], [root]).states, ['issuer-not-given', 'root'])
})

test('a given certificate is trusted as it is, though somebody issued it', (t) => {
  t.deepEqual(chainsOf([farLeaf], [between]).states, ['root'])
})

test('a certificate that names a root and was not signed by it makes the file invalid', (t) => {
  const { states, verdict, problem } = chainsOf([leaf, forged], [root])
  t.deepEqual(states, ['root', 'broken'])
  t.is(verdict, 'invalid')
  t.is(problem?.code, 'CTL_CHAIN_BROKEN')
  t.is(problem?.at.record, 3)
})

test('of two roots of one name the right one is found', (t) => {
  for (const roots of [
    [root, namesake],
    [namesake, root],
  ]) {
    const { states, verdict } = chainsOf([leaf, forged], roots)
    t.deepEqual(states, ['root', 'root'])
    t.is(verdict, 'valid')
  }
})

test('a self-signed certificate with the name of a root is no forgery, and no chain either', (t) => {
  t.deepEqual(chainsOf([namesake], [root]).states, ['self-signed'])
})

test('a certificate changed by one bit in its body is broken', (t) => {
  const damaged = Uint8Array.from(alone.der)
  const at = Buffer.from(damaged).lastIndexOf('alone')
  damaged[at] = 0x7a
  const { states, findings } = chainsOf([{ ...alone, der: damaged }], [root])
  // Its subject is zlone now and its issuer alone, whom nobody knows.
  t.deepEqual(states, ['issuer-not-given'])
  const both = Uint8Array.from(damaged)
  both[Buffer.from(both).indexOf('alone')] = 0x7a
  const whole = chainsOf([{ ...alone, der: both }], [root])
  t.deepEqual(whole.states, ['broken'])
  t.true(whole.findings.some(({ code, record }) => code === 'CERTIFICATE_SIGNATURE_WRONG' && record === 2))
  t.true(findings.some(({ code }) => code === 'CHAIN_ISSUER_NOT_GIVEN'))
})

test('two authorities that issued each other end in nobody', (t) => {
  const first = issue({ subject: '/CN=first', authority: true })
  const second = issue({ subject: '/CN=second', authority: true }, first)
  const circle = issue({ subject: '/CN=first', authority: true, key: first.key }, second)
  t.deepEqual(chainsOf([circle, second], [root]).states, ['issuer-not-given', 'issuer-not-given'])
})
