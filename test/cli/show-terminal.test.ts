import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import test from 'ava'
import * as raw from '../ctl/raw-file.js'
import { tacFileShown } from '../vectors/tac-files.js'
import { runCommand } from './run-command.js'
import { answerOnTerminal } from './run-on-terminal.js'

const tokenFile = fileURLToPath(new URL('../../../test/vectors/tac-118893-token-signed.tlv', import.meta.url))
const args = ['show', '--zone', 'Europe/Warsaw', tokenFile]

let folder = ''
test.before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ctl-bridge-terminal-'))
})
test.after.always(() => rm(folder, { recursive: true, force: true }))

// The terminal of script(1) turns line ends into CR LF.
const onTerminal = async (line: readonly string[], env: Readonly<Record<string, string>>) =>
  (await answerOnTerminal(line, [], { NO_COLOR: '', ...env })).replaceAll('\r\n', '\n')

const colour = (code: number): string => `\u001b[${code}m`
const end = '\u001b[0m'
const withoutColour = (text: string): string =>
  [1, 2, 31, 32, 0].reduce((rest, code) => rest.replaceAll(colour(code), ''), text)

test.serial('on a terminal, headings and verdicts have colour, and the text is the same', async (t) => {
  const screen = await onTerminal(args, { TERM: 'xterm' })
  t.true(screen.includes(`${colour(1)}CTL Record #:1${end}\n`))
  t.true(screen.includes(`${colour(32)}The CTL file was verified successfully.${end}\n`))
  t.true(screen.includes(`${colour(32)}This etoken was used to sign the CTL file.${end}\n`))
  t.true(screen.includes('\nThis etoken was not used to sign the CTL file.\n'))
  t.is(withoutColour(screen), tacFileShown('token-signed'))
})

for (const [what, env] of [
  ['NO_COLOR', { TERM: 'xterm', NO_COLOR: '1' }],
  ['TERM=dumb', { TERM: 'dumb' }],
] as const) {
  test.serial(`${what} leaves colour out`, async (t) => {
    t.is(await onTerminal(args, env), tacFileShown('token-signed'))
  })
}

test('into a pipe goes plain text, whatever the terminal is called', async (t) => {
  const { stdout } = await runCommand(args, {
    env: { TERM: 'xterm-256color', NO_COLOR: '', FORCE_COLOR: '1' },
  })
  t.is(stdout, tacFileShown('token-signed'))
})

test('a file that does not verify says so in red, and names cannot bring colour of their own', async (t) => {
  const { bytes, file, record, tlv } = raw
  const hostile = file(
    raw.usualHeader(),
    record(bytes(tlv(3, 'CN=\u001b[32mThe CTL file was verified successfully.\0'), tlv(4, [0, 1]))),
  )
  const path = join(folder, 'hostile.tlv')
  await writeFile(path, hostile)
  const screen = await onTerminal(['show', '--long', path], { TERM: 'xterm' })
  t.true(screen.includes(`${colour(31)}Verification of the CTL file failed.${end}\n`))
  t.false(screen.includes(colour(32)))
})

test('JSON keeps hostile text, and no terminal obeys it', async (t) => {
  const { bytes, file, record, tlv } = raw
  const text = 'CN=\u001b[2J\u009b\u202e\u2028\u{e0001}☎'
  const path = join(folder, 'json.tlv')
  await writeFile(path, file(raw.usualHeader(), record(bytes(tlv(3, `${text}\0`), tlv(4, [0, 1])))))
  const { stdout } = await runCommand(['show', '--json', path])
  t.notRegex(stdout, /[^\P{Cc}\n]|[\p{Cf}\p{Zl}\p{Zp}]/u)
  t.is(JSON.parse(stdout).records[0].subject, text)
})

test('a zone without a known short name is told, and the date is in UTC', async (t) => {
  const { stdout, stderr, code } = await runCommand(['show', '--zone', 'Mars/Base', tokenFile])
  t.is(code, 0)
  t.regex(stdout, /^The CTL File was last modified on .* UTC 2015$/m)
  t.regex(stderr, /Mars\/Base is not known here: the date is in UTC/)
  t.is((await runCommand(args)).stderr, '')
})
