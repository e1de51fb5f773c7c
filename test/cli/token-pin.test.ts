import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'ava'
import { TEST_PIN } from '../../softhsm/sast-token.js'
import { type Bench, setUpBench } from '../flow/bench.js'
import { runCommand } from './run-command.js'
import { answerOnTerminal } from './run-on-terminal.js'

let bench: Bench
test.before(async () => {
  bench = await setUpBench()
})
test.after.always(() => bench?.close())

const NEW = 'the next PIN'
const config = (): string[] => ['--config', bench.daemon.settings]
const tokenPin = (...more: string[]): string[] => [
  'token',
  'pin',
  bench.tokens[0].serial,
  ...config(),
  ...more,
]

async function fileWith(name: string, pin: string): Promise<string> {
  const path = join(bench.folder, name)
  await writeFile(path, `${pin}\n`, { mode: 0o600 })
  return path
}

test.serial('A new PIN typed in two ways changes nothing', async (t) => {
  const pin = await fileWith('pin', TEST_PIN)
  const screen = await answerOnTerminal(tokenPin('--pin-file', pin), [
    { question: 'New PIN of token', keys: `${NEW}\r` },
    { question: 'The new PIN again', keys: 'something else\r' },
  ])
  t.regex(screen, /PIN_UNAVAILABLE/)
  t.regex(screen, /nothing was changed/)
  t.false(screen.includes(NEW))
})

test.serial('The PIN is changed from the terminal, and what is typed is not shown', async (t) => {
  const screen = await answerOnTerminal(tokenPin(), [
    { question: 'PIN of token', keys: `${TEST_PIN}\r` },
    { question: 'New PIN of token', keys: `${NEW}\r` },
    { question: 'The new PIN again', keys: `${NEW}\r` },
  ])
  t.regex(screen, /The PIN of token \S+ is changed\./)
  t.false(screen.includes(TEST_PIN))
  t.false(screen.includes(NEW))
})

test.serial('The old PIN, wrong now, spends one try and is then known', async (t) => {
  const old = await fileWith('old', TEST_PIN)
  const args = tokenPin('--pin-file', old, '--new-pin-fd', '3', '--json')
  const first = await runCommand(args, { descriptor3: 'another' })
  t.is(first.code, 3)
  t.is(JSON.parse(first.stdout).problem.code, 'PIN_WRONG')
  const second = await runCommand(args, { descriptor3: 'another' })
  t.is(JSON.parse(second.stdout).problem.code, 'PIN_KNOWN_WRONG')
  const third = await runCommand([...args, '--repeat-pin'], { descriptor3: 'another' })
  t.is(JSON.parse(third.stdout).problem.code, 'PIN_WRONG')
})

test.serial('The PIN is changed back from files, as a script does', async (t) => {
  const [pin, back] = [await fileWith('pin', NEW), await fileWith('new-pin', TEST_PIN)]
  const { code, stdout } = await runCommand(tokenPin('--pin-file', pin, '--new-pin-file', back))
  t.is(code, 0)
  t.regex(stdout, /is changed/)
  t.regex(
    (await runCommand(['tokens', ...config()])).stdout,
    /lost tries {3}2 with a wrong PIN or interrupted/,
  )
})

test.serial('An unknown token is named before a PIN is asked for', async (t) => {
  const { code, stderr } = await runCommand(['token', 'pin', 'feed', ...config()])
  t.is(code, 3)
  t.regex(stderr, /TOKEN_UNKNOWN/)
})

test.serial('audit prints one line per entry, the last ones, and says how to go on', async (t) => {
  const last = await runCommand(['audit', '--limit', '2', ...config()])
  t.is(last.code, 0)
  const lines = last.stdout.trimEnd().split('\n')
  t.is(lines.length, 2)
  t.regex(lines[1] ?? '', new RegExp(`first {2}token.pin {2}ok {2}token=${bench.tokens[0].serial}`))
  const page = await runCommand(['audit', '--after', '0', '--limit', '1', '--json', ...config()])
  t.like(JSON.parse(page.stdout), { entries: [{ sequence: 1, phase: 'intent' }], next: 1 })
  t.regex(page.stderr, /--after 1/)
})

test('A command of two words has its help; half of it is none', async (t) => {
  for (const args of [
    ['token', 'pin', '--help'],
    ['help', 'token', 'pin'],
  ]) {
    t.regex((await runCommand(args)).stdout, /^Usage: ctl-bridge token pin SERIAL/)
  }
  const half = await runCommand(['token', '0a1b'])
  t.is(half.code, 2)
  t.regex(half.stderr, /no command "token/)
})
