/** What people answer a migration: acknowledge, say, unlock, phones. */
import { readFile, writeFile } from 'node:fs/promises'
import test from 'ava'
import { TokenError } from '../../../drivers/token.js'
import { scriptedView } from '../../http/scripted-migrations.js'
import { tacFile } from '../../vectors/tac-files.js'
import { runOnTerminal } from '../run-on-terminal.js'
import {
  at,
  closeServer,
  digest,
  known,
  migrate,
  migrateWith,
  openServer,
  server,
  token,
  words,
} from './migrate-bench.js'

test.beforeEach(openServer)
test.afterEach.always(closeServer)

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
  known.tokens = [token('bb22', 'second'), token('aa11', 'first', 'absent')]
  const other = await migrateWith(pin, 'unlock', '--pin-fd', '3')
  t.is(other.code, 3)
  t.regex(other.stderr, /MIGRATION_TOKEN_NOT_PLANNED/)
  t.regex(other.stderr, /signs with token aa11, which is not plugged in\. Plugged in: bb22 \(second\)/)
  known.tokens = [token('aa11', 'first', 'absent')]
  t.regex((await migrateWith(pin, 'unlock', '--pin-fd', '3')).stderr, /TOKEN_REMOVED/)
  known.tokens = [token('aa11', 'first')]
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

test.serial('phones: a model of which no phone can be read, by word', async (t) => {
  server.put(scriptedView(5))
  t.regex((await migrate('status')).stdout, /^ {2}ctl-bridge migrate phones '\*' unread --model MODEL /m)
  t.is((await migrate('phones', '*', 'unread', '--model', 'CTI Port')).code, 0)
  t.deepEqual(server.story, ['enter ann k7f2 *:unread:CTI Port'])
})

test.serial('the hard stop: GO is offered once no error is open, and what mends one is named', async (t) => {
  const error = {
    code: 'BACKUP_MISSING',
    severity: 'error',
    detail: 'Nobody has said it.',
    remedy: 'Take both.',
    acknowledged: false,
  } as const
  const next = async (findings: object[]) => {
    server.put(scriptedView(2, { findings: findings as [] }))
    const { stdout } = await migrate('status')
    return [...stdout.matchAll(/^ {2}ctl-bridge migrate (\S+ \S+) {2}/gm)].map(([, command]) => command)
  }
  t.deepEqual(await next([error]), ['say BACKUP_TAKEN'])
  t.deepEqual(await next([{ ...error, code: 'NODE_UNREACHABLE' }]), [])
  t.deepEqual(await next([]), ['acknowledge GO'])
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
