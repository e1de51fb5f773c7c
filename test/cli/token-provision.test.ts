import { execFileSync } from 'node:child_process'
import { createPublicKey, generateKeyPairSync, sign, X509Certificate } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'ava'
import { draftCertificate } from '../../daemon/trust/certificate/issue-certificate.js'
import { describeCtlFile } from '../../daemon/trust/show/describe-ctl-file.js'
import { verifyCtlFile } from '../../daemon/trust/verify/verify-ctl-file.js'
import { makeSastToken, type SastToken, TEST_PIN } from '../../softhsm/sast-token.js'
import { ask, type Bench, setUpBench } from '../flow/bench.js'
import { realFile } from '../vectors/real-file.js'
import { runCommand } from './run-command.js'
import { runOnTerminal } from './run-on-terminal.js'

let bench: Bench
let blank: SastToken
test.before(async () => {
  bench = await setUpBench()
  blank = await makeSastToken({ folder: bench.softhsm, label: 'blank', fault: 'empty' })
  await writeFile(at('pin'), TEST_PIN, { mode: 0o600 })
  await shown(blank.serial)
})
test.after.always(() => bench?.close())

const at = (name: string): string => join(bench.folder, name)
const common = (): string[] => ['--config', bench.daemon.settings]
const withPin = (): string[] => ['--pin-file', at('pin'), ...common()]
const token = async (serial: string) =>
  (await ask(bench.daemon.url, `/v1/tokens/${serial}`, { key: bench.daemon.key })).json

async function shown(serial: string): Promise<void> {
  for (let attempt = 0; attempt < 300; attempt += 1) {
    if ((await token(serial)).state === 'present') return
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

test.serial('a token of Cisco’s is not written to', async (t) => {
  const args = ['token', 'provision', bench.tokens[0].serial, '--name', 'x', '--yes', ...withPin()]
  const { code, stderr } = await runCommand(args)
  t.is(code, 3)
  t.regex(stderr, /TOKEN_NOT_OURS/)
  t.is((await token(bench.tokens[0].serial)).certificates.length, 1)
})

test.serial('a wrong PIN makes no key', async (t) => {
  const args = ['token', 'provision', blank.serial, '--name', 'x', '--yes', '--pin-fd', '3', ...common()]
  const { code, stderr } = await runCommand(args, { descriptor3: 'Wrong-0815' })
  t.is(code, 3)
  t.regex(stderr, /PIN_WRONG/)
  t.false(stderr.includes('0815'))
  t.is((await token(blank.serial)).certificates.length, 0)
})

test.serial('without a terminal and without --yes nothing is done', async (t) => {
  const { code, stderr } = await runCommand(['token', 'provision', blank.serial, '--name', 'x', ...withPin()])
  t.is(code, 2)
  t.regex(stderr, /--yes/)
})

test.serial('on a terminal the serial must be typed', async (t) => {
  const args = ['token', 'provision', blank.serial, '--name', 'x', ...withPin()]
  t.regex(await runOnTerminal(args, 'Type the serial', 'no\r'), /nothing was done/)
  t.is((await token(blank.serial)).certificates.length, 0)
})

test.serial('a self-signed SAST is made on the token and signs a CTL for Asterisk', async (t) => {
  const name = ['--name', 'PBX SAST 1', '--organization', 'Example', '--bits', '2048', '--json']
  const made = await runCommand(['token', 'provision', blank.serial, ...name, '--yes', ...withPin()])
  t.is(made.code, 0, made.stderr)
  t.regex(made.stderr, /cannot be copied/)
  const certificate = new X509Certificate(Buffer.from(JSON.parse(made.stdout).der, 'base64'))
  t.is(certificate.subject, 'O=Example\nCN=PBX SAST 1')
  t.true(certificate.verify(certificate.publicKey))

  const exported = await runCommand(['token', 'export', blank.serial, ...common()])
  t.is(new X509Certificate(exported.stdout).fingerprint256, certificate.fingerprint256)

  await writeFile(at('base.tlv'), realFile())
  const args = ['sign', at('base.tlv'), '--token', blank.serial, '--out', at('signed.tlv'), ...withPin()]
  t.is((await runCommand(args)).code, 0)
  const signed = await readFile(at('signed.tlv'))
  t.is(verifyCtlFile(signed).verdict, 'valid')
  t.regex(describeCtlFile(signed).signer.name, /PBX SAST 1/)
})

test.serial('a request goes to an authority, and what it issues goes beside its key', async (t) => {
  const args = ['token', 'provision', blank.serial, '--name', 'PBX SAST 2', '--request', at('request.pem')]
  t.is((await runCommand([...args, '--yes', ...withPin()])).code, 0)
  const openssl = ['req', '-in', at('request.pem'), '-verify', '-noout', '-pubkey']
  const requested = createPublicKey(execFileSync('openssl', openssl, { stdio: 'pipe' }))

  const authority = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const draft = draftCertificate({
    publicKey: requested,
    subject: [['CN', 'PBX SAST 2']],
    issuer: [['CN', 'Our CA']],
    serial: Uint8Array.of(7),
    notBefore: new Date(),
    notAfter: new Date(Date.now() + 1e10),
    digest: 'sha256',
    use: 'signer',
  })
  const issued = draft.finish(sign('sha256', draft.toBeSigned, authority.privateKey))
  await writeFile(at('issued.der'), issued)
  const written = await runCommand(['token', 'certificate', blank.serial, at('issued.der'), ...withPin()])
  t.is(written.code, 0, written.stderr)
  t.regex(written.stdout, /PBX SAST 2/)
  const { certificates } = await token(blank.serial)
  t.true(
    certificates.some(
      (held: { issuer: string; maySign: boolean }) => held.issuer === 'CN=Our CA' && held.maySign,
    ),
  )
})

test.serial(
  'a certificate that the token holds already is not written again, and spends no try',
  async (t) => {
    const args = ['token', 'certificate', blank.serial, at('issued.der'), '--pin-fd', '3', ...common()]
    const { code, stderr } = await runCommand(args, { descriptor3: 'Wrong-4711' })
    t.is(code, 3)
    t.regex(stderr, /CERTIFICATE_EXISTS/)
    const { certificates, wrongTries } = await token(blank.serial)
    t.is(certificates.length, 2)
    t.is(wrongTries, 1)
  },
)

test.serial('a certificate for a key that is elsewhere is refused', async (t) => {
  const stranger = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const draft = draftCertificate({
    publicKey: stranger.publicKey,
    subject: [['CN', 'Elsewhere']],
    issuer: [['CN', 'Elsewhere']],
    serial: Uint8Array.of(7),
    notBefore: new Date(),
    notAfter: new Date(Date.now() + 1e10),
    digest: 'sha256',
    use: 'signer',
  })
  await writeFile(at('stranger.der'), draft.finish(sign('sha256', draft.toBeSigned, stranger.privateKey)))
  const { code, stderr } = await runCommand([
    'token',
    'certificate',
    blank.serial,
    at('stranger.der'),
    ...withPin(),
  ])
  t.is(code, 3)
  t.regex(stderr, /KEY_UNUSABLE/)
})

test.serial('each of these is in the audit log, before and after', async (t) => {
  const { entries } = (await ask(bench.daemon.url, '/v1/audit', { key: bench.daemon.key })).json
  const provisions = entries.filter((entry: { action: string }) => entry.action === 'token.provision')
  t.deepEqual(
    [...new Set(provisions.map((entry: { outcome?: string }) => entry.outcome ?? 'intent'))],
    ['intent', 'PIN_WRONG', 'ok', 'KEY_UNUSABLE'],
  )
})

test.serial('export writes DER to a file, and asks which certificate where there are several', async (t) => {
  const [first] = bench.tokens
  const der = ['token', 'export', first.serial, '--format', 'der', '--out', at('first.der'), ...common()]
  t.is((await runCommand(der)).code, 0)
  t.deepEqual(new Uint8Array(await readFile(at('first.der'))), first.certificate)
  const several = await runCommand([
    'token',
    'export',
    blank.serial,
    '--format',
    'der',
    '--out',
    at('x.der'),
    ...common(),
  ])
  t.is(several.code, 3)
  t.regex(several.stderr, /--certificate/)
})
