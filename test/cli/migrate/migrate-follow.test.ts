/** `migrate start` and `status`: what is told while it goes on, and which migration is meant. */
import { spawn } from 'node:child_process'
import test from 'ava'
import { scriptedView } from '../../http/scripted-migrations.js'
import { COMMAND } from '../run-command.js'
import { answerOnTerminal, runOnTerminal } from '../run-on-terminal.js'
import { closeServer, migrate, openServer, server, start, words } from './migrate-bench.js'

test.beforeEach(openServer)
test.afterEach.always(closeServer)

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

test.serial('a step at which the daemon only waits tells what to do where that takes long', async (t) => {
  const view = scriptedView(5)
  const does = { do: 'wait' } as const
  const instructions = ['Where one does not: restart TVS there.']
  const steps = view.steps.map((step, index) => {
    if (index === 4) return { ...step, actor: 'daemon' as const, does, instructions }
    return index === 0 ? { ...step, instructions: ['A person would do this.'] } : step
  })
  server.put({ ...view, steps })
  const { stdout } = await migrate('status')
  t.regex(stdout, /^ {2}1\. Where one does not: restart TVS there\.$/m)
  server.put({ ...view, current: '01-keep-files', steps })
  t.false((await migrate('status')).stdout.includes('A person would do this'))
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
