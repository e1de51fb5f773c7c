import { execFileSync } from 'node:child_process'
import { mkdtemp, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { makeServerCertificate } from '../../demo/server-certificate.js'
import { makeTokenlessCtl } from '../../demo/tokenless-ctl.js'
import { makeCertificate, rsaKey } from '../trust/make-certificate.js'
import { fieldBytes, readCtl } from '../trust/read-tlv.js'
import { runCommand } from './run-command.js'

/** `compose` as a process, without a daemon. */

let folder = ''
let base = ''
test.before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ctl-bridge-compose-'))
  base = join(folder, 'base.tlv')
  await writeFile(base, await makeTokenlessCtl(1_425_675_365))
  for (const name of ['sub2', 'capf2']) {
    const { der } = await makeServerCertificate(name)
    await writeFile(at(`${name}.der`), der)
    await writeFile(at(`${name}.pem`), pem(der))
  }
})
test.after.always(() => rm(folder, { recursive: true, force: true }))

const at = (name: string): string => join(folder, name)
const env = { HOME: '/nonexistent', XDG_STATE_HOME: '', XDG_CONFIG_HOME: '' }
const run = (...args: string[]) => runCommand(['compose', ...args], { env })
const pem = (der: Uint8Array): string =>
  `-----BEGIN CERTIFICATE-----\n${Buffer.from(der).toString('base64').replace(/.{64}/g, '$&\n')}\n-----END CERTIFICATE-----\n`

async function refused(t: ExecutionContext, code: string, exit: number, ...args: string[]): Promise<string> {
  const out = at(`never-${Math.random()}`)
  const answer = await run(...args, '--out', out)
  t.is(answer.code, exit, answer.stderr)
  t.true(answer.stderr.includes(`(${code})`), answer.stderr)
  await t.throwsAsync(stat(out))
  return answer.stderr
}

test('an edit is written unsigned, needs no daemon, and shows the records before and after', async (t) => {
  const out = at('edited.tlv')
  const { code, stdout, stderr } = await run(
    base,
    '--add',
    `ccm+tftp=${at('sub2.pem')}@sub2/10.48.47.155`,
    '--replace',
    `3=${at('capf2.der')}`,
    '--address',
    '4=10.48.47.200',
    '--order',
    '4,+1',
    '--timestamp',
    '2016-01-01T00:00:00Z',
    '--out',
    out,
  )
  t.is(code, 0, stderr)
  const rows = stdout.split('\n').map((line) => line.trim().replace(/\s+/g, ' '))
  t.is(rows[0], `4 records → 5 records, ${(await readFile(out)).length} bytes`)
  t.is(rows[1], 'now was what role bytes name')
  t.regex(rows[2] ?? '', /^1 4 changed \(IPADDRESS\) CCM\+TFTP \d+ CN=cucm-1051-a-sub1;/)
  t.regex(rows[3] ?? '', /^2 \+1 new CCM\+TFTP \d+ CN=sub2/)
  t.regex(rows[4] ?? '', /^3 1 kept, signer SAST \d+ CN=cucm-1051-a-pub/)
  t.regex(rows[5] ?? '', /^4 2 kept CCM\+TFTP/)
  t.regex(rows[6] ?? '', /^5 3 changed \(CERTIFICATE\) CAPF \d+ CN=capf2/)
  t.regex(stdout, /edited\.tlv: unsigned, \d+ bytes/)
  const before = readCtl(await readFile(base))
  const after = readCtl(await readFile(out))
  t.true(after.signature.every((byte) => byte === 0))
  t.is(fieldBytes(after.header, 15)?.readUInt32BE(), Date.parse('2016-01-01T00:00:00Z') / 1000)
  t.deepEqual(after.records[2]?.bytes, before.records[0]?.bytes)
  t.deepEqual(after.records[3]?.bytes, before.records[1]?.bytes)
  t.is((await runCommand(['verify', out])).stdout.includes('CTL_UNSIGNED'), true)
})

test('--dry-run writes nothing, and with --json everything is one object', async (t) => {
  const out = at('dry.tlv')
  const dry = await run(base, '--remove', '4', '--dry-run', '--out', out)
  t.is(dry.code, 0)
  t.regex(dry.stdout, /-\s+4\s+removed\s+CCM\+TFTP/)
  t.regex(dry.stdout, /Nothing was written/)
  await t.throwsAsync(stat(out))
  const { code, stdout, stderr } = await run(base, '--remove', '4', '--json', '--out', out)
  t.is(code, 0)
  t.is(stderr, '')
  const answer = JSON.parse(stdout)
  t.like(answer, { file: out, unsigned: true, digest: 'sha1', bytes: (await readFile(out)).length })
  t.deepEqual(
    answer.records.map(({ change }: { change: string }) => change),
    ['kept', 'kept', 'kept', 'removed'],
  )
})

test('from nothing: a file of certutils, with PEM that holds a key as well', async (t) => {
  const both = at('both.pem')
  execFileSync(
    'openssl',
    [
      'req',
      '-x509',
      '-newkey',
      'rsa:2048',
      '-nodes',
      '-keyout',
      at('k'),
      '-out',
      at('c'),
      '-subj',
      '/CN=SAST',
    ],
    { stdio: 'pipe' },
  )
  await writeFile(both, Buffer.concat([await readFile(at('k')), await readFile(at('c'))]))
  const out = at('asterisk.tlv')
  const { code, stdout, stderr } = await run(
    ...['--profile', 'certutils', '--digest', 'sha512', '--add', `sast=${both}`, '--add', `ccm+tftp=${both}`],
    ...['--add', `7=${at('sub2.der')}`, '--out', out],
  )
  t.is(code, 0, stderr)
  t.false(stdout.includes('PRIVATE'))
  const { header, records } = readCtl(await readFile(out))
  t.deepEqual(fieldBytes(header, 28), Buffer.from([1, 0]))
  t.deepEqual(fieldBytes(header, 8), Buffer.from([3]))
  t.deepEqual(
    records.map(({ fields }) => fieldBytes(fields, 4)?.readUInt16BE()),
    [0, 2, 7],
  )
})

test('a signer is named by a record, a new record or a certificate', async (t) => {
  const add = ['--add', `sast=${at('sub2.pem')}@sub2/10.0.0.2`]
  for (const signer of ['+1', at('sub2.der')]) {
    const { code, stdout, stderr } = await run(base, ...add, '--signer', signer, '--dry-run')
    t.is(code, 0, stderr)
    t.regex(stdout, /1 {3}\+1 {2}new, signer/)
    t.regex(stdout, /SIGNER_NEW/)
  }
  t.regex((await run(base, ...add, '--signer', '1', '--dry-run')).stdout, /2 {4}1 {2}kept, signer/)
})

test('what contradicts itself is told before anything is written', async (t) => {
  const usage = (...args: string[]) => refused(t, 'USAGE', 2, ...args)
  t.regex(await usage('--remove', '1'), /neither BASE nor anything/)
  t.regex(await usage(base, '--remove', '9'), /BASE has 1 to 4/)
  t.regex(await usage(base, '--release', '12.5'), /needs --mode/)
  t.regex(await usage(base, '--mode', 'token'), /needs --release/)
  t.regex(await usage(base, '--pin-file', 'x'), /needs --token/)
  t.regex(await usage(base, '--token', 'x', '--signer', '1'), /--signer is for/)
  const { code, stderr } = await run(base, '--remove', '4')
  t.is(code, 2)
  t.regex(stderr, /--out FILE is missing/)
})

test('a certificate file must hold one certificate', async (t) => {
  const [one, two] = [await readFile(at('sub2.pem')), await readFile(at('capf2.pem'))]
  const file = async (name: string, ...parts: (string | Uint8Array)[]) => {
    await writeFile(at(name), Buffer.concat(parts.map((part) => Buffer.from(part))))
    return `capf=${at(name)}@a/10.0.0.1`
  }
  const unclear = (add: string) => refused(t, 'CERTIFICATE_FILE_UNCLEAR', 1, base, '--add', add)
  t.regex(await unclear(await file('two.pem', one, two)), /There are 2 certificates/)
  t.regex(await unclear(await file('key.pem', '-----BEGIN PRIVATE KEY-----\nAA==\n')), /no certificate/)
  t.regex(await unclear(await file('noise', 'noise')), /Where: file .*noise/)
  await refused(t, 'FILE_UNREADABLE', 5, base, '--add', `capf=${at('missing.pem')}@a/10.0.0.1`)
  t.is((await run(base, '--add', await file('same.pem', one, one), '--dry-run')).code, 0)
  const odd = await file('me@home.pem', one)
  t.is(
    (await run(base, '--add', `capf=${at('me@home.pem')}@`, '--profile', 'certutils', '--dry-run')).code,
    0,
  )
  t.is((await run(base, '--add', odd, '--dry-run')).code, 0)
})

test('what an edit makes inconsistent is refused with its code', async (t) => {
  await refused(t, 'CTL_SIGNER_MISSING', 1, base, '--remove', '1')
  const twice = ['--add', `tftp=${at('sub2.pem')}@a/10.0.0.1`, '--add', `tftp=${at('sub2.der')}@a/10.0.0.1`]
  await refused(t, 'CTL_RECORD_DUPLICATE', 1, base, ...twice)
  t.is((await run(base, ...twice, '--force', '--dry-run')).code, 0)
  const token = ['--add', `token=${at('sub2.pem')}`, '--mode', 'token', '--release']
  t.regex(await refused(t, 'CTL_RELEASE_RULE', 1, base, ...token, '14', '--force'), /from CUCM 14 on/)
  await refused(t, 'CTL_RELEASE_RULE', 1, base, ...token, '10.5(1)')
  await refused(
    t,
    'CTL_SERVER_ADDRESS_NEEDED',
    1,
    base,
    '--profile',
    'ctl-client',
    '--add',
    `tftp=${at('sub2.pem')}`,
  )
  const many = Array.from({ length: 60 }, (_, index) => ['--add', `tftp=${at('sub2.pem')}@a/10.0.1.${index}`])
  await refused(t, 'CTL_OVER_CEILING', 1, base, ...many.flat())
  const changed = await readFile(base)
  changed[3000] = (changed[3000] ?? 0) ^ 1
  await writeFile(at('changed.tlv'), changed)
  await refused(t, 'CTL_SIGNATURE_WRONG', 1, at('changed.tlv'), '--remove', '4')
})

test('a name that would work on the terminal is shown escaped and cut', async (t) => {
  const key = rsaKey(2048, 'evil')
  const name = `\u001b]0;owned\u0007\u202e${'x'.repeat(60_000)}`
  await writeFile(at('evil.der'), makeCertificate({ subject: [['CN', name]], key, serial: '01' }))
  const small = makeCertificate({ subject: [['CN', '\u001b[2Jevil']], key, serial: '02' })
  await writeFile(at('small.der'), small)
  const add = ['--add', `tftp=${at('small.der')}@a/10.0.0.1`]
  const { code, stdout } = await run(base, ...add, '--dry-run')
  t.is(code, 0)
  t.true(stdout.includes('CN=\\x1b[2Jevil'))
  const long = await run(base, '--add', `tftp=${at('evil.der')}@a/10.0.0.1`, '--dry-run', '--force')
  t.false(/\p{Cc}|\p{Cf}/u.test((stdout + long.stdout + long.stderr).replaceAll('\n', '')))
  t.true([...long.stdout, ...long.stderr].length < 5000)
})

test('what is there stays when the new file cannot be written', async (t) => {
  const link = at('link.tlv')
  await symlink(base, link)
  const answer = await run(base, '--remove', '4', '--out', link)
  t.is(answer.code, 5)
  t.regex(answer.stderr, /\(FILE_NOT_WRITTEN\)/)
  t.deepEqual(await readFile(base), await readFile(link))
  const nowhere = await run(base, '--remove', '4', '--out', at('no/such/folder.tlv'))
  t.is(nowhere.code, 5)
})

test('the base comes from standard input as well', async (t) => {
  const input = await readFile(base)
  const { code, stdout } = await runCommand(['compose', '-', '--remove', '4', '--dry-run'], { env, input })
  t.is(code, 0)
  t.regex(stdout, /^4 records → 3 records/)
})
