/** Shells behind real SSH that do not do what CUCM does, and what a person then reads. */
import test, { type ExecutionContext } from 'ava'
import type { ServerChannel } from 'ssh2'
import { BridgeError } from '../../../daemon/bridge-error.js'
import type { CliLimits } from '../../../daemon/cluster/cucm-cli/cli-limits.js'
import { openCucmCli } from '../../../daemon/cluster/cucm-cli/open-cucm-cli.js'
import type { CucmCli } from '../../../daemon/cluster/ports.js'
import { password, startMisbehavingSsh, type Tried } from '../ssh/misbehaving-ssh.js'
import { block, modeTable, UPDATE_QUESTION, updated } from './transcripts.js'

const quick: Partial<CliLimits> = { settled: 20, quiet: 150 }
const INTERRUPT = '\x03'

type Shell = (channel: ServerChannel, line: string, end: () => void, tried: Tried) => void

/** A shell that greets, echoes, and says to each line what `answer` says. */
async function cliOf(t: ExecutionContext, answer: Shell, limits = quick, greeting = 'Welcome\r\n\r\nadmin:') {
  const { target, tried, stop } = await startMisbehavingSsh({
    shell: (channel, tried, end) => {
      channel.write(greeting)
      let line = ''
      channel.on('data', (data: Buffer) => {
        for (const character of data.toString()) {
          if (character !== '\r') {
            line += character
            continue
          }
          channel.write(`${line}\r\n`)
          const whole = line
          line = ''
          answer(channel, whole, end, tried)
        }
      })
    },
  })
  const cli = openCucmCli(target, limits)
  t.teardown(async () => {
    await cli.close()
    await stop()
  })
  return { cli, tried, target, stop }
}

async function refusal(t: ExecutionContext, work: Promise<unknown>, code: string, detail: string | RegExp) {
  const error = await t.throwsAsync(work, { instanceOf: BridgeError })
  t.is(error.code, code as typeof error.code, error.message)
  t.is(error.place.node, 'cucm-pub')
  if (typeof detail === 'string') t.is(error.message, detail)
  else t.regex(error.message, detail)
  t.false(/[\p{Cc}\p{Cf}]/u.test(error.message))
  t.true(error.message.length < 1200)
  t.false(JSON.stringify([error.message, error.stack, error.place]).includes(password))
}

const update = (cli: CucmCli) => cli.updateCtlFile()

test('another question: nothing is answered, the command is interrupted', async (t) => {
  const { cli, tried } = await cliOf(t, (channel) => {
    channel.write('This operation formats all disks. Do you want to continue? (y/n):')
  })
  await refusal(
    t,
    update(cli),
    'NODE_ANSWER_WRONG',
    'utils ctl update CTLFile: It asks "This operation formats all disks. Do you want to continue? (y/n):", which is not expected here. Nothing was answered. It printed: This operation formats all disks. Do you want to continue? (y/n):',
  )
  t.is(tried.typed, `utils ctl update CTLFile\r${INTERRUPT}`)
})

test('a line that drops before the confirmation is typed', async (t) => {
  const { cli, tried } = await cliOf(t, (_channel, _line, end) => end())
  await refusal(
    t,
    update(cli),
    'NODE_UNREACHABLE',
    /^utils ctl update CTLFile: The connection ended in the middle\. It printed nothing\.$/,
  )
  t.is(tried.typed, 'utils ctl update CTLFile\r')
})

test('a line that drops when the confirmation was typed', async (t) => {
  const { cli, tried } = await cliOf(t, (channel, line, end) => {
    if (line === 'y') end()
    else channel.write(UPDATE_QUESTION)
  })
  await refusal(
    t,
    update(cli),
    'NODE_OUTCOME_UNKNOWN',
    `utils ctl update CTLFile: The connection ended in the middle. It printed: ${UPDATE_QUESTION}y`,
  )
  t.is(tried.typed, 'utils ctl update CTLFile\ry\r')
})

test('a node that hangs up behind its prompt has done it', async (t) => {
  const { cli } = await cliOf(t, (channel, line, end) => {
    if (line !== 'y') {
      channel.write(UPDATE_QUESTION)
      return
    }
    channel.write(`${updated}admin:`)
    end()
  })
  t.true((await update(cli)).lines.includes('CTL file Updated'))
})

test('a node that falls silent: before the confirmation, and after it', async (t) => {
  const limits = { ...quick, change: 3000, look: 400 }
  const deaf = await cliOf(t, () => undefined, limits)
  await refusal(
    t,
    deaf.cli.showCtl(),
    'NODE_TIMEOUT',
    'show ctl: It did not end within 0.4 s. It printed nothing.',
  )
  const stuck = await cliOf(
    t,
    (channel, line) => {
      channel.write(line === 'y' ? 'Updating CTL file\r\n' : UPDATE_QUESTION)
    },
    limits,
  )
  await refusal(
    t,
    update(stuck.cli),
    'NODE_OUTCOME_UNKNOWN',
    /It did not end within 3 s\. .*Updating CTL file$/,
  )
  t.is(stuck.tried.typed, 'utils ctl update CTLFile\ry\r')
})

test('garbage in place of an answer', async (t) => {
  const garbage = Buffer.from(Array.from({ length: 3000 }, (_, index) => (index * 151) % 256))
  const { cli } = await cliOf(t, (channel) => {
    channel.write(garbage)
    channel.write('\r\nadmin:')
  })
  await refusal(
    t,
    cli.securityMode(),
    'NODE_ANSWER_WRONG',
    /^run sql .*: What it printed is not understood\. It printed: …/,
  )
})

test('output without end', async (t) => {
  const { cli } = await cliOf(t, (channel) => {
    const more = () => {
      while (!channel.destroyed && channel.write('CTL Record #:1\r\n'.repeat(500)));
    }
    channel.on('drain', more)
    more()
  })
  await refusal(t, cli.showCtl(), 'NODE_ANSWER_WRONG', /^show ctl: It prints without end\./)
})

for (const [what, greeting, detail] of [
  [
    'a shell of another system',
    'Last login: today\r\nroot@host:~# ',
    /It asks "root@host:~#", which is not expected/,
  ],
  [
    'a password to be changed',
    'Your password has expired.\r\nNew password: ',
    /It asks "New password:", which is not/,
  ],
  ['a menu', 'Press any key [y/n]? ', /It asks "Press any key \[y\/n\]\?", which is not expected/],
] as const) {
  test(`in place of the prompt, ${what}`, async (t) => {
    const { cli, tried } = await cliOf(t, () => undefined, quick, greeting)
    await refusal(t, cli.showCtl(), 'NODE_ANSWER_WRONG', detail)
    t.is(tried.typed, '')
  })
}

test('a node without a prompt is left', async (t) => {
  const { cli, tried } = await cliOf(
    t,
    () => undefined,
    { ...quick, greeting: 300 },
    'starting up, please wait ...\r\n',
  )
  await refusal(
    t,
    cli.showCtl(),
    'NODE_TIMEOUT',
    'The command line does not start. It did not end within 0.3 s. It printed: starting up, please wait ...',
  )
  t.is(tried.typed, '')
})

test('what a node prints unasked is no answer to the next command', async (t) => {
  const channels: ServerChannel[] = []
  const { cli, tried } = await cliOf(t, (channel) => {
    channels.push(channel)
    channel.write(`${block(modeTable('0'))}admin:`)
  })
  t.is(await cli.securityMode(), 'non-secure')
  const [first] = channels
  const left = new Promise((resolve) => first?.once('close', resolve))
  first?.write(`\r\n${block(modeTable('1'))}admin:`)
  await left
  t.is(await cli.securityMode(), 'non-secure')
  t.is(tried.methods.length, 2)
})

test('closing ends the command that runs, and those behind it are not typed', async (t) => {
  const { cli, tried } = await cliOf(t, (channel, line) => {
    if (line !== 'y') channel.write(UPDATE_QUESTION)
  })
  const first = refusal(t, update(cli), 'NODE_OUTCOME_UNKNOWN', /The connection ended in the middle/)
  const second = refusal(t, cli.setSecurityMode('mixed'), 'NODE_UNREACHABLE', 'The command line was closed.')
  while (!tried.typed.includes('y\r')) await new Promise((resolve) => setTimeout(resolve, 10))
  await Promise.all([cli.close(), first, second])
  t.is(tried.typed, 'utils ctl update CTLFile\ry\r')
})

test('a node that opens no shell', async (t) => {
  const { target, stop } = await startMisbehavingSsh({ refusesShell: true })
  const cli = openCucmCli(target, quick)
  t.teardown(async () => {
    await cli.close()
    await stop()
  })
  await refusal(t, cli.showCtl(), 'NODE_ANSWER_WRONG', /^The node opens no shell: /)
})

test('a password that the node shows is hidden in what it printed', async (t) => {
  const target = { host: 'h', port: 22, user: 'u', password: 'Nine-Lanterns-88', folder: '/f' }
  const { cli, tried } = await cliOf(t, (channel, line) => {
    const next = {
      h: 'User ID: ',
      u: 'Password: ',
      [target.password]: `You typed ${target.password}, go on [y/n]? `,
    }
    channel.write(next[line] ?? 'SFTP server IP: ')
  })
  await refusal(
    t,
    cli.pushTftpFile('ITLRecovery.p12', target),
    'NODE_ANSWER_WRONG',
    /You typed \*\*\*, go on/,
  )
  t.is(tried.typed.split(target.password).length, 2)
})
