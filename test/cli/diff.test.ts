import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'ava'
import { composeCtl } from '../../daemon/trust/compose/compose-ctl.js'
import * as tac from '../trust/tac-cluster.js'
import { realFile } from '../vectors/real-file.js'
import { runCommand } from './run-command.js'
import { runOnTerminal } from './run-on-terminal.js'

let folder = ''
test.before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ctl-bridge-diff-'))
})
test.after.always(() => rm(folder, { recursive: true, force: true }))

const place = async (name: string, bytes: Uint8Array): Promise<string> => {
  await writeFile(join(folder, name), bytes)
  return join(folder, name)
}

const draftOf = (host: string) =>
  composeCtl({
    profile: 'cucm-cli',
    digest: 'sha1',
    timestamp: 1,
    signer: tac.publisher.der,
    records: [{ certificate: tac.publisher.der, kind: 'server', function: 0, dnsName: host }],
  })
const signed = tac.signDraft(draftOf('pub'), tac.publisher.key, 'sha1')

test('the same file exits 0, another one 1, and --content forgives the signature', async (t) => {
  const [one, same, draft] = [
    await place('one.tlv', signed),
    await place('same.tlv', signed),
    await place('draft.tlv', draftOf('pub')),
  ]
  const other = await place('other.tlv', draftOf('sub'))
  const code = async (...args: string[]) => (await runCommand(['diff', ...args])).code
  t.is(await code(one, same), 0)
  t.is(await code(draft, one), 1)
  t.is(await code('--content', draft, one), 0)
  t.is(await code('--content', other, one), 1)
})

test('an empty file is no file, and a missing one is a problem', async (t) => {
  const one = await place('there.tlv', signed)
  const from = await runCommand(['diff', '/dev/null', one])
  t.is(from.code, 1)
  t.regex(from.stdout, /null: no file\nnew .*\n\nThere was no file\./)
  t.is((await runCommand(['diff', '/dev/null', await place('empty.tlv', new Uint8Array())])).code, 0)
  t.is((await runCommand(['diff', join(folder, 'none.tlv'), one])).code, 5)
})

test('a file that is no CTL is named, and one side may be standard input', async (t) => {
  const one = await place('good.tlv', signed)
  const cut = await place('cut.tlv', realFile().subarray(0, 900))
  const wrong = await runCommand(['diff', one, cut])
  t.is(wrong.code, 1)
  t.regex(wrong.stderr, /CTL_TRUNCATED[\s\S]*The new file: /)
  t.is((await runCommand(['diff', '-', one], { input: signed })).code, 0)
  t.is((await runCommand(['diff', '-', '-'])).code, 2)
})

test('--json has what the text says', async (t) => {
  const [one, real] = [await place('ctl.tlv', signed), await place('itl.tlv', realFile())]
  const { code, stdout } = await runCommand(['diff', '--json', one, real])
  t.is(code, 1)
  const told = JSON.parse(stdout)
  t.like(told, {
    extent: 'records',
    files: { old: one, new: real },
    old: { records: 1 },
    new: { records: 5 },
  })
  const text = (await runCommand(['diff', one, real])).stdout
  for (const sentence of told.summary) t.true(text.includes(sentence), sentence)
})

test('hostile names are escaped, and colour is for terminals that want it', async (t) => {
  const one = await place('tame.tlv', signed)
  const hostile = await place('hostile.tlv', draftOf('\x1b]0;owned\x07\u202epub'))
  const { stdout } = await runCommand(['diff', one, hostile])
  t.false(stdout.includes('\x1b'))
  t.true(stdout.includes('\\x1b]0;owned\\x07\\u{202e}pub'))
  const screen = await runOnTerminal(['diff', one, hostile], '', '')
  t.true(screen.includes('\x1b[33m~ 1\x1b[0m'))
  t.false(screen.includes('\x1b]0;'))
})
