import { execFileSync, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { lstat, mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'ava'
import { describeCtlFile } from '../../daemon/trust/show/describe-ctl-file.js'
import { verifyCtlFile } from '../../daemon/trust/verify/verify-ctl-file.js'
import { TEST_PIN } from '../../softhsm/sast-token.js'
import { ask, type Bench, setUpBench } from '../flow/bench.js'
import { COMMAND, runCommand } from './run-command.js'
import { runOnTerminal } from './run-on-terminal.js'

let bench: Bench
let base = ''
test.before(async () => {
  bench = await setUpBench()
  base = join(bench.folder, 'base.tlv')
  await writeFile(base, bench.tokenless)
  await writeFile(at('pin'), `${TEST_PIN}\n`, { mode: 0o600 })
})
test.after.always(() => bench?.close())

const at = (name: string): string => join(bench.folder, name)
const config = (): string[] => ['--config', bench.daemon.settings]
const signArgs = (out: string, ...more: string[]): string[] => {
  const [first, second] = bench.tokens
  return [
    'sign',
    base,
    '--token',
    first.serial,
    '--with-token',
    second.serial,
    '--out',
    out,
    ...config(),
    ...more,
  ]
}

test.serial('tokens lists serial, certificate and what may sign', async (t) => {
  const { code, stdout } = await runCommand(['tokens', ...config()])
  t.is(code, 0)
  for (const { serial, label } of bench.tokens) t.true(stdout.includes(`${serial}  ${label}  present`))
  t.regex(stdout, /RSA 1024, may sign/)
})

test.serial(
  'sign with a PIN file writes a file that verifies, with the tokens first and nobody dropped',
  async (t) => {
    const out = at('out.tlv')
    const { code, stdout, stderr } = await runCommand(signArgs(out, '--pin-file', at('pin')))
    t.is(code, 0, stderr)
    t.regex(stdout, /: VALID, \d+ bytes/)
    const bytes = await readFile(out)
    t.is(verifyCtlFile(bytes).verdict, 'valid')
    const { records, signer } = describeCtlFile(bytes)
    t.deepEqual(
      records.map((record) => record.function),
      [0, 0, 0, 2, 4, 2],
    )
    t.true(signer.name.startsWith('cn="SAST-ADN'))
    const { tokens } = JSON.parse((await runCommand(['tokens', '--json', ...config()])).stdout)
    t.true(tokens.every((token: { state: string }) => token.state === 'present'))
  },
)

test.serial('--drop-sast leaves the tokens as the only SAST records', async (t) => {
  const out = at('dropped.tlv')
  const { code } = await runCommand(
    signArgs(out, '--drop-sast', '--pin-file', at('pin'), '--digest', 'sha512'),
  )
  t.is(code, 0)
  const { records, digest } = describeCtlFile(await readFile(out))
  t.deepEqual(
    records.map((record) => record.function),
    [0, 0, 2, 4, 2],
  )
  t.is(digest, 'sha512')
})

test.serial('a file signed again by its own token keeps every record', async (t) => {
  const once = at('once.tlv')
  const again = at('again.tlv')
  await runCommand(signArgs(once, '--pin-file', at('pin')))
  const [first] = bench.tokens
  const args = ['sign', once, '--token', first.serial, '--out', again, '--pin-file', at('pin'), ...config()]
  t.is((await runCommand(args)).code, 0)
  const subjects = (bytes: Uint8Array) => describeCtlFile(bytes).records.map((record) => record.subject)
  t.deepEqual(subjects(await readFile(again)), subjects(await readFile(once)))
})

test.serial('the PIN comes from a file descriptor, with JSON on standard output', async (t) => {
  const out = at('fd.tlv')
  const { code, stdout } = await runCommand(signArgs(out, '--pin-fd', '3', '--json'), {
    descriptor3: TEST_PIN,
  })
  t.is(code, 0)
  t.like(JSON.parse(stdout), { file: out, verdict: 'valid' })
})

test.serial('the PIN is asked on the terminal and not shown', async (t) => {
  const out = at('terminal.tlv')
  const screen = await runOnTerminal(signArgs(out), 'PIN of token', `${TEST_PIN}x\u007f\r`)
  t.regex(screen, /: VALID, \d+ bytes/)
  t.false(screen.includes(TEST_PIN))
  t.is(verifyCtlFile(await readFile(out)).verdict, 'valid')
})

test.serial('without a terminal and without a PIN nothing is tried', async (t) => {
  const { code, stderr } = await runCommand(signArgs(at('none.tlv')))
  t.is(code, 3)
  t.regex(stderr, /PIN_UNAVAILABLE/)
})

test.serial('a wrong PIN leaves no file, and an existing file as it was', async (t) => {
  const out = at('kept.tlv')
  await writeFile(out, 'as it was')
  const before = await stat(out)
  const { code, stdout, stderr } = await runCommand(signArgs(out, '--pin-fd', '3'), {
    descriptor3: 'Wrong-0815\n',
  })
  t.is(code, 3)
  t.regex(stderr, /PIN_WRONG[\s\S]*One try was spent/)
  t.false(`${stdout}${stderr}`.includes('0815'))
  t.is(await readFile(out, 'utf8'), 'as it was')
  t.is((await stat(out)).ino, before.ino)
  t.deepEqual(
    (await readdir(bench.folder)).filter((name) => name.startsWith('.')),
    [],
  )
})

test.serial('a folder that does not exist is found out before a PIN is used', async (t) => {
  const { code, stderr } = await runCommand(signArgs(at('none/out.tlv'), '--pin-fd', '3'), {
    descriptor3: 'Wrong-0815\n',
  })
  t.is(code, 5)
  t.regex(stderr, /FILE_NOT_WRITTEN/)
})

test.serial('an unknown token is named', async (t) => {
  const args = ['sign', base, '--token', 'feed', '--out', at('x.tlv'), '--pin-file', at('pin'), ...config()]
  const { code, stderr } = await runCommand(args)
  t.is(code, 3)
  t.regex(stderr, /feed/)
})

test.serial('key prints the first key, its path, and a new one that ends the former', async (t) => {
  const old = (await runCommand(['key', ...config()])).stdout.trim()
  t.is(old, bench.daemon.key)
  t.is((await runCommand(['key', '--path', ...config()])).stdout.trim(), at('state/first-key'))
  t.is((await stat(at('state/first-key'))).mode & 0o777, 0o600)
  t.is((await stat(at('state/keys.json'))).mode & 0o777, 0o600)
  t.false((await readFile(at('state/keys.json'), 'utf8')).includes(old.split('_').at(-1) ?? ''))
  const renewed = (await runCommand(['key', '--replace', ...config()])).stdout.trim()
  t.not(renewed, old)
  t.is((await runCommand(['tokens', ...config()])).code, 0)
  await writeFile(at('old-key'), old)
  const refused = await runCommand(['tokens', '--key-file', at('old-key'), ...config()])
  t.is(refused.code, 4)
  t.regex(refused.stderr, /KEY_REJECTED/)
})

/** Entries of the audit log that tell of an unlock: none means that no PIN went anywhere. */
async function unlocks(): Promise<number> {
  const key = (await readFile(at('state/first-key'), 'utf8')).trim()
  const { json } = await ask(bench.daemon.url, '/v1/audit?limit=1000', { key })
  return json.entries.filter((entry: { action: string }) => entry.action === 'token.unlock').length
}

test.serial('what can be known to be wrong is found out before the PIN is used', async (t) => {
  const [first, second] = bench.tokens
  const draft = at('draft.tlv')
  await writeFile(draft, await draftFor(first.serial))
  await mkdir(at('folder'))
  await symlink(at('pin'), at('link'))
  await symlink('/dev/null', at('device'))
  await writeFile(at('utf16'), Buffer.from(TEST_PIN, 'utf16le'))
  await writeFile(at('latin1'), Buffer.from('Pässword', 'latin1'))
  await writeFile(at('keys-with-line'), 'ctlb_1\nctlb_2')
  const pin = ['--pin-file', at('pin')]
  const asItIs = (token: string, ...more: string[]) => [
    ...['sign', draft, '--token', token, '--out', at('never.tlv'), ...config(), ...more],
  ]
  const cases: [string[], RegExp][] = [
    [asItIs(second.serial, ...pin), /SIGNER_NOT_ON_TOKEN/],
    [asItIs('feed', ...pin), /TOKEN_UNKNOWN/],
    [asItIs(first.serial, ...pin, '--digest', 'sha512'), /USAGE[\s\S]*--digest/],
    [asItIs(first.serial, ...pin, '--with-token', second.serial), /USAGE[\s\S]*--with-token/],
    [asItIs(first.serial, ...pin, '--pin-fd', '3'), /USAGE/],
    [asItIs(first.serial, ...pin, '--key-file', at('keys-with-line')), /KEY_MISSING/],
    [asItIs(first.serial, '--pin-file', at('utf16')), /PIN_UNAVAILABLE/],
    [asItIs(first.serial, '--pin-file', at('latin1')), /PIN_UNAVAILABLE/],
    [asItIs(first.serial, '--pin-fd', '99999999999'), /PIN_UNAVAILABLE/],
    [asItIs(first.serial, '--pin-fd', '999'), /PIN_UNAVAILABLE/],
    [signArgs(at('folder'), ...pin), /FILE_NOT_WRITTEN/],
    [signArgs(at('link'), ...pin), /FILE_NOT_WRITTEN/],
    [signArgs(at('device'), ...pin), /FILE_NOT_WRITTEN/],
    [signArgs('/dev/null', ...pin), /FILE_NOT_WRITTEN/],
    [signArgs('/proc/out.tlv', ...pin), /FILE_NOT_WRITTEN/],
    [signArgs(at('never.tlv'), ...pin, '--server', '0=10.0.0.1'), /USAGE/],
    [signArgs(at('never.tlv'), ...pin, '--server', '3=10.0.0.256'), /USAGE/],
  ]
  const before = await unlocks()
  const files = (await readdir(bench.folder)).sort()
  for (const [args, expected] of cases) {
    const { stderr, stdout, code } = await runCommand([...args, '--json'])
    t.regex(
      `${JSON.parse(stdout).problem?.code} ${JSON.parse(stdout).problem?.detail}`,
      oneLine(expected),
      stderr,
    )
    t.not(code, 0)
    t.not(code, 70)
  }
  t.is(await unlocks(), before)
  t.deepEqual((await readdir(bench.folder)).sort(), files)
  t.true((await lstat('/dev/null')).isCharacterDevice())
})

const oneLine = (pattern: RegExp): RegExp => new RegExp(pattern.source.replace('[\\s\\S]*', '.*'))

async function draftFor(serial: string): Promise<Uint8Array> {
  const { bytes } = await ask(bench.daemon.url, '/v1/ctl/compose', {
    key: (await readFile(at('state/first-key'), 'utf8')).trim(),
    method: 'POST',
    json: {
      base: Buffer.from(bench.tokenless).toString('base64'),
      signer: { token: serial },
      records: [
        { from: 'token', token: serial },
        { from: 'base', record: 2 },
      ],
    },
  })
  return bytes
}

test.serial('a key that may only read is told so before the PIN is used', async (t) => {
  const path = at('state/keys.json')
  const table = JSON.parse(await readFile(path, 'utf8'))
  const reader = 'ctlb_00000000_reader'
  const sha256 = createHash('sha256').update(reader).digest('hex')
  table.keys.push({ ...table.keys[0], id: '00000000', name: 'reader', scopes: ['read'], sha256 })
  await writeFile(path, JSON.stringify(table))
  await writeFile(at('reader'), reader)
  const args = signArgs(at('never.tlv'), '--key-file', at('reader'))
  const { code, stderr } = await runCommand(args)
  t.is(code, 4)
  t.regex(stderr, /SCOPE_MISSING/)
})

test.serial('the PIN is read from a pipe that its writer keeps open', async (t) => {
  const fifo = at('fifo')
  execFileSync('mkfifo', [fifo])
  const writer = spawn('sh', ['-c', 'exec 3>"$0"; printf "%s\\n" "$1" >&3; exec sleep 600', fifo, TEST_PIN])
  t.teardown(() => writer.kill('SIGKILL'))
  const { code, stderr } = await runCommand(signArgs(at('from-fifo.tlv'), '--pin-file', fifo))
  t.is(code, 0, stderr)
})

test.serial('Ctrl-C between unlock and signature leaves no token unlocked and no file', async (t) => {
  const [first] = bench.tokens
  const out = at('interrupted.tlv')
  const child = spawn(process.execPath, [COMMAND, ...signArgs(out, '--pin-file', at('pin'))], {
    stdio: 'ignore',
    detached: true,
  })
  const ended = new Promise((resolve) => child.once('exit', (_code, signal) => resolve(signal)))
  const before = await unlocks()
  while ((await unlocks()) === before) await new Promise((resolve) => setTimeout(resolve, 5))
  child.kill('SIGINT')
  t.is(await ended, 'SIGINT')
  const { tokens } = JSON.parse((await runCommand(['tokens', '--json', ...config()])).stdout)
  t.is(tokens.find((token: { serial: string }) => token.serial === first.serial).state, 'present')
  t.false((await readdir(bench.folder)).includes('interrupted.tlv'))
})
