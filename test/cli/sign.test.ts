import { readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'ava'
import { describeCtlFile } from '../../daemon/trust/describe-ctl-file.js'
import { verifyCtlFile } from '../../daemon/trust/verify-ctl-file.js'
import { TEST_PIN } from '../../softhsm/sast-token.js'
import { type Bench, setUpBench } from '../flow/bench.js'
import { runCommand } from './run-command.js'
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
