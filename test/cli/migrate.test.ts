/** The commands of migrations, as a person and a script use them, on a daemon whose migrations the test puts in place. */
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'ava'
import { pemText } from '../../daemon/cli/pem-text.js'
import { decodeCtlFile } from '../../daemon/ctl/ctl-file.js'
import { certificateOf } from '../../daemon/ctl/record-fields.js'
import { plainRoute, type Route } from '../../daemon/http/route.js'
import { TokenError } from '../../drivers/token.js'
import { startPbx } from '../cluster/a-pbx.js'
import { type MigrationServer, serveMigrations } from '../http/migration-server.js'
import { scriptedAnswer, scriptedView } from '../http/scripted-migrations.js'
import { tacFile } from '../vectors/tac-files.js'
import { COMMAND, type CommandRun, runCommand } from './run-command.js'
import { answerOnTerminal, runOnTerminal } from './run-on-terminal.js'

let server: MigrationServer
/** What `/v1/tokens` and `/v1/clusters/krakow` tell. */
let tokens: object[]
let reads: string[]
test.beforeEach(async () => {
  tokens = [token('aa11', 'first')]
  reads = []
  server = await serveMigrations([
    told('/v1/tokens', () => ({ tokens, modules: [] })),
    told('/v1/status', () => ({ key: { keyId: 'ann', name: 'ann', scopes: ['read', 'sign', 'operate'] } })),
    told('/v1/clusters/{name}', () => ({ name: 'krakow', nodes: [{ name: 'pub', reads }] })),
  ])
  await writeFile(at('key'), 'ann\n')
})
test.afterEach.always(async () => {
  await server.close()
})

const told = (path: string, json: () => object): Route =>
  plainRoute({
    method: 'get',
    path,
    id: path,
    summary: '',
    scope: 'read',
    answers: [{ type: 'application/json' }],
    problems: [],
    handle: () => ({ json: json() }),
  })
const token = (serial: string, label: string, state = 'present') => ({
  serial,
  label,
  state,
  lease: null,
  pin: { onReader: false },
  readerRefuses: false,
  certificates: [],
})

const at = (name: string): string => join(server.folder, name)
const words = (...args: string[]): string[] => [
  'migrate',
  ...args,
  '--config',
  server.settings,
  '--key-file',
  at('key'),
]
const migrate = (...args: string[]) => runCommand(words(...args))
const migrateWith = (run: CommandRun, ...args: string[]) => runCommand(words(...args), run)
const start = ['start', 'krakow', 'tokenless-to-tokens', '--token', 'aa11', '--token', 'bb22']
const asked = () => server.asked() as { wishes: { edits: object[] } }
const digest = (name: string, bytes: Uint8Array) => createHash(name).update(bytes).digest('hex')

test.serial('plan: steps, who acts, findings and who takes the file; nothing is begun', async (t) => {
  const { code, stdout } = await migrate(
    'plan',
    'krakow',
    'tokenless-to-tokens',
    '--token',
    'aa11',
    '--token',
    'bb22',
  )
  t.is(code, 0, stdout)
  t.regex(stdout, /^ {2}tokens {3}aa11, then bb22$/m)
  t.regex(stdout, /^ {2}3 {2}token {3}Sign it with token aa11$/m)
  t.regex(stdout, /^ {2}5 {2}you {5}Reset one phone of each model/m)
  t.regex(stdout, /DEVICES_WITHOUT_SBD {2}warning, Cisco 7960, 12 devices/)
  t.regex(stdout, /^ {2}12 +Cisco 7960 +before +refuses \(NO_SECURITY_BY_DEFAULT\)$/m)
  t.deepEqual(server.story, [])
  t.deepEqual(server.asked(), {
    cluster: 'krakow',
    plan: 'tokenless-to-tokens',
    wishes: { tokens: ['aa11', 'bb22'], edits: [] },
  })
})

test.serial('plan: impossible ends with 4 and says why; findings are told with 0', async (t) => {
  const none = {
    id: 'first-token-ctl',
    code: 'RELEASE_TOO_OLD',
    impossible: '9.1 has no utils ctl.',
    instead: 'Use the CTL Client.',
  } as const
  server.answer({ plan: none, findings: [], prediction: [] })
  const impossible = await migrate('plan', 'krakow', 'first-token-ctl')
  t.is(impossible.code, 4)
  t.regex(impossible.stdout, /^Not possible: first-token-ctl \(RELEASE_TOO_OLD\)$/m)
  t.regex(impossible.stdout, /why {3}9\.1 has no utils ctl\./)
  t.is((await migrate('start', 'krakow', 'first-token-ctl', '--yes')).code, 4)
  t.deepEqual(server.story, [])
  const error = { code: 'NODES_DIFFER', severity: 'error', detail: 'They differ.', remedy: 'Look.' } as const
  server.answer({ ...scriptedAnswer, findings: [error] })
  const { code, stdout } = await migrate('plan', 'krakow', 'tokenless-to-tokens', '--json')
  t.is(code, 0)
  t.is(JSON.parse(stdout).findings[0].code, 'NODES_DIFFER')
})

test.serial('plan: what is no plan, and options that do not belong together, are refused', async (t) => {
  const unknown = await migrate('plan', 'krakow', 'revert')
  t.is(unknown.code, 2)
  t.regex(unknown.stderr, /Plans: mixed-mode-tokenless, .*tokenless-to-tokens/)
  t.is((await migrate('plan', 'krakow', 'regenerate-tokenless', '--node', 'pub')).code, 2)
  t.is((await migrate('plan', 'krakow', 'non-secure', '--regenerated')).code, 2)
  t.is((await migrate('start', 'krakow', 'non-secure', '--said', 'ALL_FINE', '--yes')).code, 2)
  t.is(server.asked(), undefined)
})

test.serial('plan: records of the served file become edits by their certificates', async (t) => {
  const pbx = await startPbx()
  t.teardown(pbx.stop)
  const [node] = pbx.settings.nodes as { tftp_port: number }[]
  reads = [`tftp://127.0.0.1:${node?.tftp_port}`]
  const served = tacFile('token-signed')
  await writeFile(join(pbx.first, 'CTLFile.tlv'), served)
  const [first, second, third, fourth] = decodeCtlFile(served).records.map((record) => certificateOf(record))
  await writeFile(at('new.pem'), pemText('CERTIFICATE', Buffer.from(first ?? '').toString('base64')))
  const file = at('new.pem')
  const { code, stderr } = await migrate(
    ...['plan', 'krakow', 'update-token-ctl', '--remove', '2', '--replace', `3=${file}`],
    ...['--address', '4=10.0.0.9', '--add', `capf=${file}@c/10.0.0.8`],
  )
  t.is(code, 0, stderr)
  const hash = (der: Uint8Array | undefined) => digest('sha256', der ?? new Uint8Array())
  t.deepEqual(asked().wishes.edits, [
    { edit: 'add', function: 4, certificate: hash(first), der: first, address: '10.0.0.8', dnsName: 'c' },
    { edit: 'remove', certificate: hash(second) },
    { edit: 'replace', certificate: hash(third), by: hash(first), der: first },
    { edit: 'address', certificate: hash(fourth), address: '10.0.0.9' },
  ])
  const beyond = await migrate('plan', 'krakow', 'update-token-ctl', '--remove', '99')
  t.is(beyond.code, 2)
  t.regex(beyond.stderr, /--remove names a record by its number/)
})

test.serial('start without a terminal asks for --yes, and at one for the name of the cluster', async (t) => {
  const { code, stderr } = await migrate(...start)
  t.is(code, 2)
  t.regex(stderr, /use --yes/)
  t.regex(stderr, /Sign it with token aa11/, 'what would be done is shown first')
  const question = 'Type the name of the cluster (krakow) to go on: '
  t.regex(await runOnTerminal(words(...start, '--detach'), question, 'yes\n'), /nothing was done/)
  t.deepEqual(server.story, [])
  const screen = await runOnTerminal(
    words(...start, '--detach', '--said', 'backup_taken'),
    question,
    'krakow\n',
  )
  t.regex(screen, /Migration k7f2: Revert/)
  t.deepEqual(server.story, ['start ann krakow tokenless-to-tokens BACKUP_TAKEN'])
})

test.serial('start follows in plain lines where there is no terminal, to the end', async (t) => {
  const child = spawn(process.execPath, [COMMAND, ...words(...start, '--yes')], {
    stdio: ['ignore', 'pipe', 'ignore'],
    detached: true,
  })
  const lines = readLines(child.stdout)
  await lines.until('02-hard-stop  you do this: Look at the findings, then say go')
  const waits = [
    {
      what: 'sub serves new',
      holds: false,
      evidence: [{ node: 'sub', text: 'serves what it served before' }],
    },
  ]
  server.put(scriptedView(4, { waits }))
  server.events.publish('migration.state', { migration: 'k7f2', cluster: 'krakow', state: 'running' })
  await lines.until('waits    sub: serves what it served before')
  server.put(scriptedView(6))
  server.events.publish('migration.state', { migration: 'k7f2', cluster: 'krakow', state: 'done' })
  const code = await new Promise((resolve) => child.once('close', resolve))
  t.is(code, 0)
  t.deepEqual(lines.all(), [
    'migration k7f2 of krakow: Revert: tokenless → tokens, running',
    '01-keep-files  done: Keep CTL and ITL of pub and sub in the store',
    '02-hard-stop  you do this: Look at the findings, then say go',
    '02-hard-stop    1. Nothing has changed for phones so far. From here on it does.',
    'finding  warning DEVICES_WITHOUT_SBD: 12 devices of Cisco 7960 cannot ask TVS. Plan a visit to each.',
    '02-hard-stop  done: Look at the findings, then say go',
    '03-sign-new  done: Sign it with token aa11',
    '04-upload-new-sub  you do this: Upload the file on sub and restart Cisco Tftp there',
    '04-upload-new-sub    1. ctl-bridge migrate file --out CTLFile.tlv writes the file to upload. Its name must be CTLFile.tlv.',
    '04-upload-new-sub    2. On sub: OS Administration → Software Upgrades → TFTP File Management → Upload File.',
    'waits  sub serves new: not yet',
    'waits    sub: serves what it served before',
    '04-upload-new-sub  done: Upload the file on sub and restart Cisco Tftp there',
    '05-pilots-new  done: Reset one phone of each model and see that it takes the file',
    'done',
  ])
})

test.serial('status --follow on a terminal: one picture that changes, and marks of the steps', async (t) => {
  server.put(scriptedView(3))
  const end = () => {
    server.put(scriptedView(6))
    server.events.publish('migration.state', { migration: 'k7f2', cluster: 'krakow', state: 'done' })
    return ''
  }
  const seen = { question: 'the migration goes on.', keys: end }
  const screen = await answerOnTerminal(words('status', '--follow'), [seen], { NO_COLOR: '1' })
  t.regex(screen, /\[x\] you {5}Look at the findings/)
  t.regex(screen, /\[>\] token {3}Sign it with token aa11/)
  t.regex(screen, /ctl-bridge migrate unlock {2}asks for the PIN/)
  // biome-ignore lint/suspicious/noControlCharactersInRegex: how a terminal is told to take lines away.
  const pictures = screen.split(/\x1b\[\d+A\x1b\[J/)
  t.is(pictures.length, 2)
  t.regex(pictures[1] ?? '', /state {4}done/)
  t.false(pictures[1]?.includes('Ctrl-C'))
})

test.serial('status: what it stopped at, and the exit code of that problem', async (t) => {
  const stopped = {
    by: 'daemon',
    code: 'MIGRATION_CLUSTER_CHANGED',
    detail: 'sub serves another file than before.\x1b[2J',
    remedy: 'Find out who.',
    at: { node: 'sub' },
  } as const
  server.put(scriptedView(4, { state: 'stopped', stopped }))
  const { code, stdout } = await migrate('status')
  t.is(code, 6)
  t.regex(stdout, /^STOPPED by itself, before anything else was begun \(MIGRATION_CLUSTER_CHANGED\)$/m)
  t.regex(stdout, /^ {2}where {2}node sub$/m)
  t.regex(stdout, /ctl-bridge migrate resume/)
  t.false(stdout.includes('\x1b'), 'what a node said does not reach the terminal as a command')
  const json = await migrate('status', 'k7f2', '--json')
  t.is(json.code, 6)
  t.is(JSON.parse(json.stdout).stopped.code, 'MIGRATION_CLUSTER_CHANGED')
})

test.serial('the ID may be left out when one is open; else it is asked for', async (t) => {
  t.regex((await migrate('status')).stderr, /There is no migration\./)
  t.regex((await migrate()).stdout, /There is no migration\./)
  server.put(scriptedView(6, { id: 'old' }))
  t.regex((await migrate('status')).stdout, /Migration old/)
  const ended = await migrate('stop')
  t.is(ended.code, 2)
  t.regex(ended.stderr, /The latest is old \(krakow, done\)/)
  server.put(
    scriptedView(4),
    scriptedView(2, { id: 'other', cluster: 'lab' }),
    scriptedView(6, { id: 'old' }),
  )
  const unclear = await migrate('stop')
  t.is(unclear.code, 2)
  t.regex(unclear.stderr, /k7f2 \(krakow\), other \(lab\)/)
  t.is((await migrate('stop', 'other')).code, 0)
  t.deepEqual(server.story, ['stop ann other'])
  const { stdout } = await migrate()
  t.regex(stdout, /^other +lab +tokenless-to-tokens +stopped +1 of 5 .* Look at the findings/m)
  const unknown = await migrate('status', 'nowhere')
  t.is(unknown.code, 4)
  t.regex(unknown.stderr, /MIGRATION_UNKNOWN/)
})

test.serial('one whose journal cannot be read is listed, told, and ended by its id', async (t) => {
  const stopped = {
    by: 'daemon',
    code: 'MIGRATION_JOURNAL_WRONG',
    detail: 'Entry 3 of the journal: it is of no step.',
    remedy: 'End this migration.',
    at: {},
  } as const
  const { current: _, ...rest } = scriptedView(2, { state: 'stopped', stopped, steps: [] })
  server.put(rest)
  t.regex((await migrate()).stdout, /^k7f2 +krakow .* stopped +0 of 0 .* MIGRATION_JOURNAL_WRONG$/m)
  const { stdout } = await migrate('status')
  t.regex(stdout, /^ {2}ctl-bridge migrate abandon k7f2 /m)
  t.notRegex(stdout, /migrate resume/)
  const ended = await migrate('abandon', 'k7f2', '--yes')
  t.is(ended.code, 0)
  t.regex(ended.stderr, /Its journal cannot be read; what was done stays done\./)
  t.deepEqual(server.story, ['abandon ann k7f2 '])
})

test.serial('acknowledge: codes in any case, GO last; a code that was not found is told', async (t) => {
  server.put(scriptedView(2))
  const { code } = await migrate('acknowledge', 'GO', 'devices_without_sbd', '--note', 'visits are planned')
  t.is(code, 0)
  t.deepEqual(server.story, [
    'acknowledge ann k7f2 DEVICES_WITHOUT_SBD visits are planned',
    'say ann k7f2 GO visits are planned',
  ])
  const wrong = await migrate('acknowledge', 'NODES_DIFFER', 'GO')
  t.is(wrong.code, 4)
  t.regex(wrong.stderr, /NODES_DIFFER was not found here/)
  t.is(server.story.length, 2, 'GO is not said after a code that failed')
})

test.serial(
  'say, resume, again, abandon reach the daemon; what cannot be taken back asks first',
  async (t) => {
    server.put(scriptedView(2))
    t.regex((await migrate('say', 'fine')).stderr, /BACKUP_TAKEN \(a DRS backup/)
    await migrate('say', 'BACKUP_TAKEN', 'NOT_FIPS')
    await migrate('resume')
    for (const verb of ['again', 'abandon']) {
      t.is((await migrate(verb)).code, 2, verb)
      t.is((await migrate(verb, '--yes', '--note', 'why')).code, 0, verb)
    }
    t.deepEqual(server.story, [
      'say ann k7f2 BACKUP_TAKEN ',
      'say ann k7f2 NOT_FIPS ',
      'resume ann k7f2',
      'again ann k7f2 why',
      'abandon ann k7f2 why',
    ])
  },
)

test.serial('unlock asks for the PIN on the terminal and shows it nowhere', async (t) => {
  server.put(scriptedView(3))
  const pins: string[] = []
  server.onUnlock.try = async (pin) => void pins.push(pin)
  const screen = await runOnTerminal(words('unlock'), 'PIN of token aa11: ', 'geheim-4711\r')
  t.deepEqual(pins, ['geheim-4711'])
  t.false(screen.includes('geheim'))
  t.regex(screen, /Upload the file on sub/)
  server.put(scriptedView(3))
  const run = { descriptor3: 'from-fd\n' }
  t.is((await migrateWith(run, 'unlock', '--pin-fd', '3', '--final-try')).code, 0)
  t.is(pins[1], 'from-fd')
  t.is(server.story.at(-1), 'unlock ann k7f2 true false')
})

test.serial('unlock: another token, none, or no step for one: no PIN is asked', async (t) => {
  const pin = { descriptor3: '1234\n' }
  server.put(scriptedView(3))
  tokens = [token('bb22', 'second'), token('aa11', 'first', 'absent')]
  const other = await migrateWith(pin, 'unlock', '--pin-fd', '3')
  t.is(other.code, 3)
  t.regex(other.stderr, /MIGRATION_TOKEN_NOT_PLANNED/)
  t.regex(other.stderr, /signs with token aa11, which is not plugged in\. Plugged in: bb22 \(second\)/)
  tokens = [token('aa11', 'first', 'absent')]
  t.regex((await migrateWith(pin, 'unlock', '--pin-fd', '3')).stderr, /TOKEN_REMOVED/)
  tokens = [token('aa11', 'first')]
  server.put(scriptedView(4))
  t.regex((await migrateWith(pin, 'unlock', '--pin-fd', '3')).stderr, /waits for no token/)
  t.deepEqual(server.story, [])
})

test.serial('unlock: a wrong PIN is one try, with its exit code', async (t) => {
  server.put(scriptedView(3))
  server.onUnlock.try = () => Promise.reject(new TokenError('PIN_WRONG', 'no', { reached: 'yes' }))
  const { code, stderr, stdout } = await migrateWith({ descriptor3: 'geheim\n' }, 'unlock', '--pin-fd', '3')
  t.is(code, 3)
  t.regex(stderr, /PIN_WRONG/)
  t.false(`${stdout}${stderr}`.includes('geheim'))
  t.is(server.story.length, 1)
})

test.serial('phones: one reading, a list with a head, and a list of checksums', async (t) => {
  const bytes = tacFile('token-signed')
  server.files.set('new', bytes)
  server.put(
    scriptedView(5, { files: [{ name: 'new', sha256: digest('sha256', bytes), length: bytes.length }] }),
  )
  const [md5, sha1] = [digest('md5', bytes), digest('sha1', bytes)]
  const status = await migrate('status')
  t.true(status.stdout.includes(md5), 'the checksum to look for stands in the status')
  t.true(status.stdout.includes(sha1))
  t.is((await migrate('phones', 'SEP001122334455', 'accepted', md5.toUpperCase())).code, 0)
  t.is((await migrate('phones', 'SEP001122334455', 'maybe')).code, 2)
  t.is((await migrate('phones')).code, 2)
  await writeFile(at('read.csv'), `Device Name,Took,CTL Checksum\nSEP1,refused,\nSEP2,,${sha1}\n`)
  t.is((await migrate('phones', '--devices', at('read.csv'))).code, 0)
  const list = `SEP3,Cisco 7965,${md5}\nSEP4,Cisco 7960,${'0'.repeat(32)}\nSEP5,Cisco 7960,\n`
  const { code, stderr } = await migrateWith({ input: list }, 'phones', '--devices', '-')
  t.is(code, 0)
  t.regex(stderr, /2 rows are left out/)
  t.regex(stderr, /1 reading entered/)
  t.deepEqual(server.story, [
    'enter ann k7f2 SEP001122334455:accepted',
    'enter ann k7f2 SEP1:refused SEP2:accepted',
    'enter ann k7f2 SEP3:accepted:Cisco 7965',
  ])
  const wrong = await migrateWith({ input: 'SEP3,accepted,xyz\n' }, 'phones', '--devices', '-')
  t.regex(wrong.stderr, /LIST_INVALID[\s\S]*line 1/)
  t.is(server.story.length, 3)
})

test.serial(
  'on a way back: the checksums of what each node had, and never the file that is taken back',
  async (t) => {
    const [one, other] = [tacFile('tokenless'), tacFile('regenerated')]
    const sums = (bytes: Uint8Array) => ({ sha256: digest('sha256', bytes), length: bytes.length })
    server.files.set('new', tacFile('token-signed'))
    server.files.set('before/pub/CTLFile.tlv', one)
    server.files.set('before/sub/CTLFile.tlv', other)
    server.files.set('before/sub2/CTLFile.tlv', 'none')
    const files = [
      { name: 'before/pub/CTLFile.tlv', ...sums(tacFile('token-signed')) },
      { name: 'before/pub/ITLFile.tlv', ...sums(one) },
      { name: 'before/sub/CTLFile.tlv', sha256: undefined, length: 0 },
      { name: 'before/sub2/CTLFile.tlv', sha256: undefined, length: 0 },
    ]
    const at5 = scriptedView(5, { id: 'back', rollbackOf: 'k7f2', files })
    const asBack = (does: object, until: object[]) =>
      ({
        ...at5,
        steps: at5.steps.map((step) => (step.id === at5.current ? { ...step, does, until } : step)),
      }) as never
    server.put(asBack({ do: 'reset-phones', which: 'pilots' }, [{ is: 'pilots-accepted', what: 'before' }]))
    const { stdout } = await migrate('status')
    for (const bytes of [one, other]) t.true(stdout.includes(digest('sha1', bytes)))
    t.false(stdout.includes(digest('sha1', tacFile('token-signed'))))
    const list = `SEP1,,${digest('sha1', one)}\nSEP2,,${digest('md5', other)}\n`
    t.is((await migrateWith({ input: list }, 'phones', '--devices', '-')).code, 0)
    t.is(server.story.at(-1), 'enter ann back SEP1:accepted SEP2:accepted')

    const out = at('out.tlv')
    const unclear = await migrate('file', '--out', out)
    t.is(unclear.code, 2)
    t.regex(unclear.stderr, /each node gets back its own file\. Say which: --before --node NAME/)
    server.put(asBack({ do: 'restore-files', nodes: ['sub'] }, [{ is: 'serves-kept', nodes: ['sub'] }]))
    t.is((await migrate('file', '--out', out)).code, 0)
    t.deepEqual(await readFile(out), Buffer.from(other))
  },
)

test.serial('file: what is to be uploaded now, what was before, and "no file" writes nothing', async (t) => {
  const [before, after] = [tacFile('tokenless'), tacFile('token-signed')]
  server.files.set('new', after)
  server.files.set('before/pub/CTLFile.tlv', before)
  server.files.set('before/sub/CTLFile.tlv', 'none')
  server.put(scriptedView(4))
  const out = at('out.tlv')
  t.is((await migrate('file', '--out', out)).code, 0)
  t.deepEqual(await readFile(out), Buffer.from(after))
  t.is((await migrate('file', '--before', '--node', 'pub', '--out', out)).code, 0)
  t.deepEqual(await readFile(out), Buffer.from(before))
  const none = await migrate('file', '--before', '--node', 'sub', '--out', out)
  t.is(none.code, 4)
  t.regex(none.stderr, /There was no file on the node/)
  t.deepEqual(await readFile(out), Buffer.from(before), 'what lay there lies there still')
  t.is((await migrate('file', '--before', '--out', out)).code, 2)
  t.is((await migrate('file')).code, 2)
})

test.serial('rollback: shown first, refused where there is none, begun once it is confirmed', async (t) => {
  server.put(scriptedView(4, { state: 'stopped' }))
  const dry = await migrate('rollback', '--dry-run')
  t.is(dry.code, 0)
  t.regex(dry.stdout, /refuses/)
  t.is((await migrate('rollback')).code, 2)
  t.deepEqual(server.story, [])
  const back = await migrate('rollback', '--yes', '--detach')
  t.is(back.code, 0, back.stderr)
  t.regex(back.stdout, /^ {2}back +from migration k7f2$/m)
  t.deepEqual(server.story, ['rollback ann k7f2'])
  server.answer({
    ...scriptedAnswer,
    prediction: scriptedAnswer.prediction.map((row) => ({ ...row, devices: undefined })),
  })
  t.regex(
    (await migrate('rollback', 'k7f2', '--dry-run')).stdout,
    /^ {2}\? +Cisco 7960 +before/m,
    'nobody counted them',
  )
  const barred = { id: 'rollback', impossible: 'A new key is in place.', instead: 'Go on.' } as const
  server.answer({ plan: barred, findings: [], prediction: [] })
  t.is((await migrate('rollback', 'k7f2', '--yes')).code, 4)
  t.is(server.story.length, 1)
})

test.serial('report: text, JSON, or one page written whole', async (t) => {
  server.put(scriptedView(6))
  const { code, stdout } = await migrate('report')
  t.is(code, 0)
  t.regex(stdout, /^Report of a migration/)
  t.is(JSON.parse((await migrate('report', '--json')).stdout).migration.id, 'k7f2')
  const page = at('report.html')
  t.is((await migrate('report', '--html', page)).code, 0)
  t.regex(await readFile(page, 'utf8'), /^<!doctype html>/i)
  const nowhere = await migrate('report', '--html', at('no/such/folder/report.html'))
  t.is(nowhere.code, 5)
})

test.serial('the words of the CTL Client are found in the help', async (t) => {
  const { stdout } = await runCommand(['migrate', '--help'])
  t.true(
    stdout
      .replace(/\s+/g, ' ')
      .includes('The Security Token you have inserted does not exist in the CTL File'),
  )
  t.regex((await runCommand(['migrate', 'acknowledge', '--help'])).stdout, /acknowledge CODE… \[OPTIONS\]/)
})

function readLines(stream: NodeJS.ReadableStream) {
  let text = ''
  const hear: (() => void)[] = []
  stream.on('data', (part) => {
    text += part
    for (const heard of hear) heard()
  })
  return {
    all: () => text.trimEnd().split('\n'),
    until: (line: string) =>
      new Promise<void>((resolve) => {
        const look = () => {
          if (text.split('\n').includes(line)) resolve()
        }
        hear.push(look)
        look()
      }),
  }
}
