import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'ava'
import { composeCtl } from '../../daemon/trust/compose/compose-ctl.js'
import { describeSgnFile } from '../../daemon/trust/sgn/describe-sgn-file.js'
import { TEST_PIN } from '../../softhsm/sast-token.js'
import { ask, type Bench, setUpBench } from '../flow/bench.js'
import { opensslSays } from '../trust/openssl-says.js'
import { firstToken, signDraft } from '../trust/tac-cluster.js'
import { runCommand } from './run-command.js'

const NAME = 'SEP001122334455.cnf.xml'
const xml = Buffer.from('<device><fullConfig>true</fullConfig></device>\n')
let bench: Bench
test.before(async () => {
  bench = await setUpBench()
  await writeFile(at(NAME), xml)
  await writeFile(at('pin'), `${TEST_PIN}\n`, { mode: 0o600 })
  await writeFile(at('tftp.tlv'), trust([0, 3]))
  await writeFile(at('sast.tlv'), trust([0]))
  const [first] = bench.tokens
  const pem = Buffer.from(first.certificate).toString('base64').replace(/.{64}/g, '$&\n')
  await writeFile(at('signer.pem'), `-----BEGIN CERTIFICATE-----\n${pem}\n-----END CERTIFICATE-----\n`)
})
test.after.always(() => bench?.close())

const at = (name: string): string => join(bench.folder, name)
const config = (): string[] => ['--config', bench.daemon.settings]

/** An ITL of certutils that lists the first token in these roles. */
function trust(roles: readonly number[]): Uint8Array {
  const [token] = bench.tokens
  const draft = composeCtl({
    profile: 'certutils',
    digest: 'sha1',
    timestamp: 1,
    fileName: 'ITLFile.tlv',
    signer: firstToken.der,
    records: [
      { certificate: firstToken.der, kind: 'token', function: 0 },
      ...roles.map((role) => ({
        certificate: token.certificate,
        kind: 'server' as const,
        function: role,
      })),
    ],
  })
  return signDraft(draft, firstToken.key, 'sha1')
}

const signArgs = (...more: string[]): string[] => [
  ...['sgn', 'sign', at(NAME), '--token', bench.tokens[0].serial],
  ...['--pin-file', at('pin'), ...config(), ...more],
]

test.serial('sign writes FILE.sgn, which openssl verifies, and audit tells of it', async (t) => {
  const { code, stdout, stderr } = await runCommand(signArgs('--trust', at('tftp.tlv'), '--digest', 'sha512'))
  t.is(code, 0, stderr)
  t.regex(stdout, /\.sgn: VALID, \d+ bytes/)
  t.regex(stdout, /role +TFTP, record 3/)
  const file = await readFile(at(`${NAME}.sgn`))
  t.is(opensslSays(file, bench.tokens[0].certificate, 'sha512'), 'Verified OK')
  t.like(describeSgnFile(file), {
    fileName: `${NAME}.sgn`,
    digest: 'sha512',
    version: '1.0',
    unsigned: false,
  })
  t.deepEqual(file.subarray(file.length - xml.length), xml)
  const { json } = await ask(bench.daemon.url, '/v1/audit', { key: bench.daemon.key })
  const rows = json.entries.filter(({ action }: { action: string }) => action === 'configuration.sign')
  t.deepEqual(
    rows.map(({ outcome }: { outcome?: string }) => outcome),
    [undefined, 'ok'],
  )
  t.is(rows[1].facts.file, `${NAME}.sgn`)
})

test.serial('show prints header and payload, verify says by whom, and both need no daemon', async (t) => {
  const none = ['--config', at('none.toml')]
  const shown = await runCommand(['sgn', 'show', at(`${NAME}.sgn`), ...none])
  t.is(shown.code, 0)
  t.regex(shown.stdout, /4\tSIGNERNAME/)
  t.true(shown.stdout.includes(`Name:\t${NAME}.sgn\nLength:\t${xml.length} (BYTES)`))
  const json = await runCommand(['sgn', 'show', '--json', '-'], { input: await readFile(at(`${NAME}.sgn`)) })
  t.like(JSON.parse(json.stdout), { fileName: `${NAME}.sgn`, payload: { length: xml.length } })
  for (const [option, file, exit, text] of [
    ['--trust', 'tftp.tlv', 0, /VALID/],
    ['--certificate', 'signer.pem', 0, /ROLE_NOT_CHECKED/],
    ['--trust', 'sast.tlv', 1, /NOT VALID[\s\S]*SGN_SIGNER_ROLE/],
    ['--trust', `${NAME}.sgn`, 1, /NOT VALID/],
  ] as const) {
    const { code, stdout } = await runCommand(['sgn', 'verify', at(`${NAME}.sgn`), option, at(file), ...none])
    t.is(code, exit, file)
    t.regex(stdout, text)
  }
  t.is((await runCommand(['sgn', 'verify', at(`${NAME}.sgn`)])).code, 2)
})

test.serial('strip writes the payload once the signature verified, or when told not to look', async (t) => {
  const strip = (...more: string[]) =>
    runCommand(['sgn', 'strip', at(`${NAME}.sgn`), '--out', at('out.xml'), ...more])
  t.is((await strip()).code, 2)
  t.is((await strip('--unverified', '--trust', at('tftp.tlv'))).code, 2)
  const refused = await strip('--trust', at('sast.tlv'))
  t.is(refused.code, 1)
  t.regex(refused.stderr, /SGN_SIGNER_ROLE/)
  t.false((await readdir(bench.folder)).includes('out.xml'))
  t.is((await strip('--trust', at('tftp.tlv'))).code, 0)
  t.deepEqual(await readFile(at('out.xml')), xml)
  const file = await readFile(at(`${NAME}.sgn`))
  file[file.length - 2] = 65
  await writeFile(at('changed.sgn'), file)
  const changed = ['sgn', 'strip', at('changed.sgn'), '--out', at('changed.xml')]
  t.regex((await runCommand([...changed, '--certificate', at('signer.pem')])).stderr, /CTL_SIGNATURE_WRONG/)
  t.false((await readdir(bench.folder)).includes('changed.xml'))
  t.is((await runCommand([...changed, '--unverified'])).code, 0)
  await writeFile(at('SEP1.cnf.xml.enc.sgn'), file)
  const encrypted = ['sgn', 'strip', at('SEP1.cnf.xml.enc.sgn'), '--out', at('enc.xml'), '--unverified']
  t.regex((await runCommand(encrypted)).stderr, /SGN_ENCRYPTED/)
})

test.serial(
  'what can be known to be wrong is found before the PIN is used, and leaves no file',
  async (t) => {
    const tokens = async () => {
      const { json } = await ask(bench.daemon.url, '/v1/audit?limit=1000', { key: bench.daemon.key })
      return json.entries.filter(({ action }: { action: string }) => action === 'token.unlock').length
    }
    const before = await tokens()
    await writeFile(at('records'), (await readFile(at('sast.tlv'))).subarray(0))
    const itl = await readFile(at('sast.tlv'))
    await writeFile(at('records'), itl.subarray(itl.readUInt16BE(8)))
    await writeFile(at('empty'), '')
    const sign = (file: string, ...more: string[]) =>
      runCommand([
        ...['sgn', 'sign', file, '--token', bench.tokens[0].serial, '--json'],
        ...['--out', at('never.sgn'), '--pin-file', at('pin'), ...config(), ...more],
      ])
    for (const [running, code] of [
      [sign(at(NAME), '--trust', at('sast.tlv')), 'SGN_SIGNER_ROLE'],
      [sign(at(NAME), '--name', 'CTLFile.tlv'), 'SGN_PAYLOAD_REFUSED'],
      [sign(at(NAME), '--name', 'SEP1.cnf.xml.enc.sgn'), 'SGN_ENCRYPTED'],
      [sign(at(NAME), '--name', 'my phone.xml'), 'SGN_NAME_WRONG'],
      [sign(at('records')), 'SGN_PAYLOAD_REFUSED'],
      [sign(at('empty')), 'SGN_PAYLOAD_REFUSED'],
      [sign(at(NAME), '--certificate', 'f'.repeat(64)), 'CERTIFICATE_UNKNOWN'],
      [sign(at(NAME), '--layout', 'x'), 'USAGE'],
    ] as const) {
      const { stdout } = await running
      t.is(JSON.parse(stdout).problem.code, code)
    }
    t.is(await tokens(), before)
    t.false((await readdir(bench.folder)).includes('never.sgn'))
  },
)

test.serial('a wrong PIN leaves no file', async (t) => {
  const args = [
    'sgn',
    'sign',
    at(NAME),
    '--token',
    bench.tokens[1].serial,
    '--out',
    at('never.sgn'),
    ...config(),
  ]
  const { code, stderr } = await runCommand([...args, '--pin-fd', '3'], { descriptor3: 'Wrong-0815\n' })
  t.is(code, 3)
  t.regex(stderr, /PIN_WRONG/)
  t.false((await readdir(bench.folder)).includes('never.sgn'))
})

test.serial('over HTTP: sign, inspect and verify a payload larger than a CTL may be', async (t) => {
  const { url, key } = bench.daemon
  const [token] = bench.tokens
  const payload = Buffer.alloc(2_000_000, '<x/>')
  const unlock = { key, method: 'POST', json: { pin: TEST_PIN, seconds: 60, uses: 1 } }
  t.is((await ask(url, `/v1/tokens/${token.serial}/unlock`, unlock)).status, 200)
  const octets = { key, method: 'POST', headers: { 'Content-Type': 'application/octet-stream' } }
  const path = `/v1/configuration/sign?token=${token.serial}&name=dial-plan.xml.sgn`
  for (const [wrong, code] of [
    [path.replace('dial-plan', 'a%2Fb'), 'SGN_NAME_WRONG'],
    [`${path}&digest=md5`, 'BODY_INVALID'],
    [`${path}&layout=x`, 'BODY_INVALID'],
  ] as const) {
    t.is((await ask(url, wrong, { ...octets, body: payload })).json.code, code)
  }
  const signed = await ask(url, path, { ...octets, body: payload })
  t.is(signed.status, 200, String(signed.bytes.subarray(0, 300)))
  t.is(signed.headers['content-disposition'], 'attachment; filename="dial-plan.xml.sgn"')
  t.is(opensslSays(signed.bytes, token.certificate, 'sha1'), 'Verified OK')
  const inspected = await ask(url, '/v1/configuration/inspect', { ...octets, body: signed.bytes })
  t.like(inspected.json, { fileName: 'dial-plan.xml.sgn', payload: { length: payload.length } })
  const file = signed.bytes.toString('base64')
  const verify = (json: object) => ask(url, '/v1/configuration/verify', { key, method: 'POST', json })
  const itl = (await readFile(at('tftp.tlv'))).toString('base64')
  t.like((await verify({ file, trust: itl })).json, { verdict: 'valid', signer: { functionName: 'TFTP' } })
  const certificate = Buffer.from(firstToken.der).toString('base64')
  t.is((await verify({ file, certificate })).json.problem.code, 'SGN_SIGNER_OTHER')
  t.is((await verify({ file })).status, 422)
  t.is((await verify({ file: `${file}!`, trust: itl })).json.code, 'BODY_INVALID')
  const over = await ask(url, path, { ...octets, body: Buffer.alloc(10 * 1024 * 1024 + 1) })
  t.is(over.json.code, 'BODY_TOO_LARGE')
})
