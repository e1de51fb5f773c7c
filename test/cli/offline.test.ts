import { spawnSync } from 'node:child_process'
import { mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import test from 'ava'
import { commands } from '../../daemon/cli/commands.js'
import { COMMAND, runCommand } from './run-command.js'

const realFile = fileURLToPath(new URL('../../../test/vectors/ITLFile-real.tlv', import.meta.url))

let folder = ''
test.before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ctl-bridge-cli-'))
})
test.after.always(() => rm(folder, { recursive: true, force: true }))

const place = async (name: string, bytes: Uint8Array): Promise<string> => {
  await writeFile(join(folder, name), bytes, { mode: 0o600 })
  return join(folder, name)
}

test('show and verify need neither daemon nor settings nor a key', async (t) => {
  const env = { HOME: join(folder, 'nobody'), XDG_STATE_HOME: '', XDG_CONFIG_HOME: '' }
  const shown = await runCommand(['show', realFile], { env })
  t.is(shown.code, 0)
  t.regex(shown.stdout, /^The checksum value of the CTL file:\n[0-9a-f]{32}\(MD5\)/)
  t.is(shown.stderr, '')
  const verified = await runCommand(['verify', realFile], { env })
  t.is(verified.code, 0)
  t.regex(verified.stdout, /VALID, 10370 bytes\n {2}signer {3}CN=SAST,O=SAST,OU=SAST/)
  t.regex(verified.stdout, /RSA 2048, digest sha1/)
})

test('verify --json tells signer and digest to a script', async (t) => {
  const { code, stdout } = await runCommand(['verify', '--json', realFile])
  t.is(code, 0)
  t.like(JSON.parse(stdout), {
    verdict: 'valid',
    digest: 'sha1',
    bytes: 10370,
    signer: { keyBits: 2048, record: 1 },
  })
})

test('a file comes from standard input as well', async (t) => {
  const { code, stdout } = await runCommand(['verify', '-'], { input: await readFile(realFile) })
  t.is(code, 0)
  t.regex(stdout, /VALID, 10370 bytes/)
})

test('a changed file exits 1 and says what does not fit', async (t) => {
  const bytes = await readFile(realFile)
  bytes[5000] = (bytes[5000] ?? 0) ^ 1
  const { code, stdout } = await runCommand(['verify', await place('changed.tlv', bytes)])
  t.is(code, 1)
  t.regex(stdout, /NOT VALID/)
  t.regex(stdout, /CTL_/)
})

test('a cut file is a problem with its offset, for people and as JSON', async (t) => {
  const cut = await place('cut.tlv', (await readFile(realFile)).subarray(0, 1000))
  const people = await runCommand(['show', cut])
  t.is(people.code, 1)
  t.is(people.stdout, '')
  t.regex(people.stderr, /\(CTL_TRUNCATED\)[\s\S]*Where: .*offset \d+[\s\S]*Do: /)
  const script = await runCommand(['show', '--json', cut])
  t.is(script.code, 1)
  t.is(script.stderr, '')
  t.is(JSON.parse(script.stdout).problem.code, 'CTL_TRUNCATED')
})

test('an empty file shows what CUCM shows without a file, and is not valid', async (t) => {
  const empty = await place('empty.tlv', new Uint8Array())
  const shown = await runCommand(['show', empty])
  t.is(shown.code, 1)
  t.regex(shown.stdout, /^Length of CTL file: 0\n/)
  const verified = await runCommand(['verify', empty])
  t.is(verified.code, 1)
  t.regex(verified.stdout, /CTL_EMPTY/)
})

test('a file without an end is refused at once', async (t) => {
  for (const command of ['show', 'verify']) {
    const { code, stderr } = await runCommand([command, '/dev/zero'])
    t.is(code, 1)
    t.regex(stderr, /CTL_TOO_LARGE/)
  }
})

test('a file of 100 MB is refused', async (t) => {
  const large = await place('large.tlv', await readFile(realFile))
  await truncate(large, 100 * 1024 * 1024)
  const { code, stderr } = await runCommand(['verify', large])
  t.is(code, 1)
  t.regex(stderr, /CTL_TOO_LARGE/)
})

test('a missing file and a folder are told apart from a bad one', async (t) => {
  for (const name of [join(folder, 'none.tlv'), folder]) {
    const { code, stderr } = await runCommand(['verify', name])
    t.is(code, 5)
    t.regex(stderr, /FILE_UNREADABLE/)
  }
})

test('mistakes in the command line exit 2 and name the mistake', async (t) => {
  const cases = [
    [['bogus'], /no command "bogus"/],
    [['verify'], /FILE is missing/],
    [['verify', 'a', 'b'], /"b" is one argument too many/],
    [['verify', '--bogus', 'a'], /--bogus/],
    [['sign', 'a', '--out', 'b'], /--token SERIAL is missing/],
    [['sign', 'a', '--out', 'b', '--token', 'c', '--digest', 'md5'], /sha1, sha512/],
    [['sign', 'a', '--out', 'b', '--token', 'c', '--pin', '1234'], /--pin/],
  ] as const
  for (const [args, expected] of cases) {
    const { code, stderr } = await runCommand(args)
    t.is(code, 2, args.join(' '))
    t.regex(stderr, expected)
  }
})

test('every command has a help page, and the overview lists it', async (t) => {
  const { stdout } = await runCommand(['--help'])
  for (const { name, options } of commands) {
    t.true(stdout.includes(`  ${name} `), name)
    const page = await runCommand([...name.split(' '), '--help'])
    t.is(page.code, 0)
    for (const option of options) t.true(page.stdout.includes(`--${option.name}`), option.name)
  }
})

test('no option of any command takes a PIN or a key as its value', (t) => {
  for (const { options } of commands) {
    for (const { name, value } of options) {
      if (/pin|key/.test(name)) t.true(value === undefined || ['FILE', 'N'].includes(value), name)
    }
  }
})

test('without a daemon the answer says how to start it', async (t) => {
  const config = await place(
    'lonely.toml',
    Buffer.from(`[http]\nsocket = "${folder}/none.sock"\n[state]\nfolder = "${folder}"\n`),
  )
  await place('first-key', Buffer.from('ctlb_x'))
  const { code, stderr } = await runCommand(['tokens', '--config', config])
  t.is(code, 4)
  t.regex(stderr, /DAEMON_UNREACHABLE[\s\S]*npm start/)
})

test('settings that are wrong are refused with the name of the setting', async (t) => {
  const config = await place('wrong.toml', Buffer.from('[http]\nprot = 1\n'))
  const { code, stderr } = await runCommand(['tokens', '--config', config])
  t.is(code, 5)
  t.regex(stderr, /CONFIG_INVALID/)
  t.regex(stderr, /prot/)
})

test('every failure is one JSON object on standard output with --json, wherever it stands', async (t) => {
  const config = await place('bad.toml', Buffer.from('[http'))
  const cases = [
    ['--json', 'bogus'],
    ['bogus', '--json'],
    ['show', '--json'],
    ['verify', '--json', '--bogus', 'a'],
    ['verify', '--json', join(folder, 'none')],
    ['show', '--json', folder],
    ['tokens', '--json', '--config', config],
    ['serve', '--json', '--config', config],
    ['key', '--json', '--config', config],
    ['sign', '--json'],
  ]
  for (const args of cases) {
    const { code, stdout } = await runCommand(args)
    t.is(typeof JSON.parse(stdout).problem.code, 'string', args.join(' '))
    t.not(code, 0)
    t.not(code, 70)
  }
})

test('a full disk under standard output is one line and exit code 5', (t) => {
  const { status, stderr } = spawnSync(
    'sh',
    ['-c', '"$0" "$1" show "$2" >/dev/full', process.execPath, COMMAND, realFile],
    {
      encoding: 'utf8',
    },
  )
  t.is(status, 5)
  t.regex(stderr, /^ctl-bridge: standard output cannot be written \(ENOSPC\)\.\n$/)
})

test('something else on the socket is told apart from the daemon', async (t) => {
  const socket = join(folder, 'stranger.sock')
  const answers = ['', 'no JSON', 'null', '{"code":"X"}', '{"code":1,"at":{}}']
  let answer = ''
  for (const status of [200, 500]) {
    const server = createServer((_request, response) => response.writeHead(status).end(answer)).listen(socket)
    await new Promise((resolve) => server.once('listening', resolve))
    const config = await place(
      'strange.toml',
      Buffer.from(`[http]\nsocket = "${socket}"\n[state]\nfolder = "${folder}"\n`),
    )
    await place('first-key', Buffer.from('ctlb_x'))
    for (const text of status === 200 ? answers.slice(0, 2) : answers) {
      answer = text
      const { code, stderr } = await runCommand(['tokens', '--config', config])
      t.is(code, 4, `${status} ${text}`)
      t.regex(stderr, /DAEMON_UNREACHABLE/)
    }
    await new Promise((resolve) => server.close(resolve))
  }
})
