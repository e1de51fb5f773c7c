import { createHash, X509Certificate } from 'node:crypto'
import { setTimeout as passes } from 'node:timers/promises'
import test from 'ava'
import { verifyCtlFile } from '../../../daemon/trust/verify/verify-ctl-file.js'
import type { KeyAndCertificate, LabCluster, LabNode } from '../../../lab/model/lab-cluster.js'
import { makeCertificate, rsaKey } from '../../trust/make-certificate.js'
import { temporaryLab } from './temporary-lab.js'

const digest = (bytes: Uint8Array | undefined): string =>
  bytes === undefined ? 'no file' : createHash('sha256').update(bytes).digest('hex')

const served = (node: LabNode): string => digest(node.serve('CTLFile.tlv'))

function subscriberOf(lab: LabCluster): LabNode {
  const [, subscriber] = lab.nodes
  if (subscriber === undefined) throw new Error('the lab has no subscriber')
  return subscriber
}

const tokenOf = (lab: LabCluster): KeyAndCertificate => {
  const [token] = lab.tokens
  if (token === undefined) throw new Error('the lab has no token')
  return token
}

const issuerOfTokens = 'cn=Cisco Manufacturing CA;o=Cisco Systems'

const trueSerial = ({ certificate }: KeyAndCertificate): Uint8Array =>
  new Uint8Array(Buffer.from(new X509Certificate(certificate).serialNumber, 'hex'))

test('a node serves the new file only after Cisco Tftp restarted', async (t) => {
  const lab = await temporaryLab(t, { state: 'tokens', nodes: 2 })
  const before = served(lab.publisher)
  await lab.updateCtlFile()
  await lab.replicated()
  t.is(served(lab.publisher), before)
  await lab.publisher.restart('Cisco Tftp')
  t.not(served(lab.publisher), before)
  t.is(served(subscriberOf(lab)), before)
  await subscriberOf(lab).restart('Cisco Tftp')
  t.is(served(subscriberOf(lab)), served(lab.publisher))
})

test('a file put there by a person does not travel; one that the command line built does, after the delay', async (t) => {
  const lab = await temporaryLab(t, { state: 'tokenless', nodes: 2, replicationDelay: 40 })
  const subscriber = subscriberOf(lab)
  await lab.publisher.writeTftp('CTLFile.tlv', Uint8Array.of(1, 2, 3))
  await lab.replicated()
  await subscriber.restart('Cisco Tftp')
  t.is(verifyCtlFile(subscriber.serve('CTLFile.tlv') ?? new Uint8Array()).verdict, 'valid')
  const before = served(subscriber)
  // A second later the file has another TIMESTAMP.
  await passes(1001)
  await lab.updateCtlFile()
  await subscriber.restart('Cisco Tftp')
  t.is(served(subscriber), before)
  await lab.replicated()
  await subscriber.restart('Cisco Tftp')
  t.not(served(subscriber), before)
})

test('regenerating CallManager leaves the CTL naming the old certificate until it is updated', async (t) => {
  const lab = await temporaryLab(t, { release: '10.5.1', nodes: 1 })
  const before = served(lab.publisher)
  const itl = digest(lab.publisher.serve('ITLFile.tlv'))
  const old = lab.publisher.callManager().certificate
  await lab.regenerate('CallManager', lab.publisher)
  t.not(digest(lab.publisher.callManager().certificate), digest(old))
  t.is(digest(lab.publisher.callManagerInUse().certificate), digest(old), 'the service did not restart')
  await lab.publisher.restart('Cisco Tftp')
  await lab.publisher.restart('Cisco CallManager')
  t.is(served(lab.publisher), before)
  t.not(digest(lab.publisher.serve('ITLFile.tlv')), itl, 'the ITL follows at once')
  t.not(digest(lab.publisher.callManagerInUse().certificate), digest(old))
  await lab.updateCtlFile()
  await lab.publisher.restart('Cisco Tftp')
  t.not(served(lab.publisher), before)
})

test('from 12.0 the secondary signer is CallManager: reset localkey lets it sign', async (t) => {
  const lab = await temporaryLab(t, { release: '12.5', nodes: 1 })
  await lab.regenerate('ITLRecovery', lab.publisher)
  await lab.resetLocalKey()
  await lab.publisher.restart('Cisco Tftp')
  const verdict = verifyCtlFile(lab.publisher.serve('CTLFile.tlv') ?? new Uint8Array())
  t.is(verdict.verdict, 'valid')
  t.regex(verdict.signer?.subject ?? '', /lab-pub/)
  t.notRegex(verdict.signer?.subject ?? '', /ITLRECOVERY/)
})

test('the policy decides by which look-up TVS finds a token under the reversed serial of its CTL', async (t) => {
  const lab = await temporaryLab(t, { state: 'tokens', nodes: 1 })
  const node = lab.publisher
  const token = tokenOf(lab)
  const find = () => node.findTrust(token.fields.serial, issuerOfTokens)
  const inCache = { where: 'cache', roles: [0] } as const
  const inDatabase = { where: 'database', roles: [0, 3] } as const
  t.deepEqual(find(), inCache)
  lab.setTvsPolicy('db')
  t.is(find(), undefined, 'nothing was uploaded')
  await node.upload('Phone-SAST-trust', token.certificate)
  t.deepEqual(find(), inDatabase)
  lab.setTvsPolicy('either')
  t.deepEqual(find(), inCache, 'as the log of a revert shows it')
  await lab.updateCtlFile()
  await node.restart('Cisco Trust Verification Service')
  t.deepEqual(find(), inDatabase, 'the file of now does not hold the token')
  lab.setTvsPolicy('cache')
  t.is(find(), undefined)
})

test('TVS finds an uploaded token by its true serial in the database, whatever the policy', async (t) => {
  const lab = await temporaryLab(t, { nodes: 1 })
  const token = tokenOf(lab)
  const find = () => lab.publisher.findTrust(trueSerial(token), issuerOfTokens)
  t.is(find(), undefined)
  await lab.publisher.upload('Phone-SAST-trust', token.certificate)
  for (const policy of ['db', 'cache', 'either'] as const) {
    lab.setTvsPolicy(policy)
    t.deepEqual(find(), { where: 'database', roles: [0, 3] }, policy)
  }
})

test('TVS finds the regenerated CallManager in its database, with roles 0 and 2', async (t) => {
  const lab = await temporaryLab(t, { nodes: 2 })
  await lab.regenerate('CallManager', lab.publisher)
  const { serial, issuer } = lab.publisher.callManager().fields
  t.deepEqual(subscriberOf(lab).findTrust(serial, issuer), { where: 'database', roles: [0, 2] })
})

test('an upload is on the other nodes only after the delay', async (t) => {
  const lab = await temporaryLab(t, { nodes: 2, replicationDelay: 40 })
  await lab.publisher.upload('Phone-SAST-trust', tokenOf(lab).certificate)
  t.is(subscriberOf(lab).trusted('Phone-SAST-trust').length, 0)
  await lab.replicated()
  t.is(subscriberOf(lab).trusted('Phone-SAST-trust').length, 1)
})

test('TVS reads a changed CTL file again only when it has lain there for a while, or at a restart', async (t) => {
  const lab = await temporaryLab(t, { state: 'tokens', nodes: 1, tvsDelay: 3_600_000, tvsPolicy: 'cache' })
  const token = tokenOf(lab)
  await lab.updateCtlFile()
  t.truthy(lab.publisher.findTrust(token.fields.serial, issuerOfTokens), 'the former file is in the cache')
  await lab.publisher.restart('Cisco Trust Verification Service')
  t.is(lab.publisher.findTrust(token.fields.serial, issuerOfTokens), undefined)
})

test('an expired certificate and a text are refused', async (t) => {
  const lab = await temporaryLab(t, { nodes: 1 })
  const refused = await t.throwsAsync(
    lab.publisher.upload('Phone-SAST-trust', new TextEncoder().encode('hello')),
  )
  t.regex(refused?.message ?? '', /neither PEM nor DER/)
  const expired = makeCertificate({
    subject: [['CN', 'late']],
    key: rsaKey(2048),
    serial: '31',
    notAfter: new Date('2020-01-01Z'),
  })
  const late = await t.throwsAsync(lab.publisher.upload('Phone-SAST-trust', expired))
  t.regex(late?.message ?? '', /expired on 2020-01-01/)
  t.deepEqual(lab.publisher.trusted('Phone-SAST-trust'), [])
})

test('on a full disk nothing changes, the mode neither', async (t) => {
  const lab = await temporaryLab(t, { state: 'nonsecure', nodes: 1 })
  lab.publisher.setFaults({ diskFull: true })
  await t.throwsAsync(lab.setClusterMode(1), { code: 'ENOSPC' })
  t.is(lab.mode(), 0)
  t.deepEqual(lab.publisher.listTftp(), ['ITLFile.tlv', 'ITLRecovery.p12'])
})

test('without the licence mixed mode is refused with CUCM’s words, and so it is on 9.1', async (t) => {
  const unlicensed = await temporaryLab(t, {
    release: '12.5',
    state: 'nonsecure',
    nodes: 1,
    hasEncryptionLicence: false,
  })
  await t.throwsAsync(unlicensed.setClusterMode(1), { message: /^Command cannot be executed because/ })
  const old = await temporaryLab(t, { release: '9.1', state: 'nonsecure', nodes: 1 })
  await t.throwsAsync(old.setClusterMode(1), { message: /No valid command entered/ })
})

test('phones are answered by their own names, with a configuration that names TVS of every node', async (t) => {
  const lab = await temporaryLab(t, { nodes: 2, phones: 3 })
  const [phone] = lab.devices
  const node = lab.publisher
  t.is(digest(node.serve(`CTL${phone?.name}.tlv`)), digest(node.serve('CTLFile.tlv')))
  t.is(digest(node.serve(`ITL${phone?.name}.tlv`)), digest(node.serve('ITLFile.tlv')))
  const text = new TextDecoder().decode(node.serve(`${phone?.name}.cnf.xml`))
  t.regex(text, /<TVS><members>.*127\.8\.8\.1.*127\.8\.8\.2/)
  t.is(node.serve('SEPFFFFFFFFFFFF.cnf.xml'), undefined)
  t.is(node.serve('ITLRecovery.p12'), undefined)
  t.is(node.serve('../keys'), undefined)
})
