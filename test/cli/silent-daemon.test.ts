import { execFileSync } from 'node:child_process'
import { open } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import { join } from 'node:path'
import { setTimeout as later } from 'node:timers/promises'
import test from 'ava'
import { watchPulse } from '../../daemon/cli/daemon-pulse.js'
import { TEST_PIN } from '../../softhsm/sast-token.js'
import { eventually, HANG_LIMIT } from '../drivers/temporary-softhsm.js'
import { ask, type Bench, setUpBench } from '../flow/bench.js'
import { temporaryFolder } from '../store/temporary-store.js'
import { runCommand } from './run-command.js'

let bench: Bench
test.before(async () => {
  bench = await setUpBench()
})
test.after.always(async () => {
  process.kill(bench.daemon.pid, 'SIGCONT')
  await bench.close()
})

const QUICK = { every: 20, patience: 300 }
/** A busy machine may take its time to answer. */
const PATIENT = { every: 20, patience: HANG_LIMIT }

async function listenIn(folder: string, answers: boolean): Promise<{ server: Server; socket: string }> {
  const socket = join(folder, 'api.sock')
  const server = createServer((_request, response) => (answers ? response.end() : undefined)).listen(socket)
  await new Promise((resolve) => server.once('listening', resolve))
  return { server, socket }
}

test('A daemon that answers its health check is waited for; one that does not is given up, once', async (t) => {
  for (const answers of [true, false]) {
    const { server, socket } = await listenIn(await temporaryFolder(t), answers)
    let silences = 0
    let questions = 0
    server.on('request', () => {
      questions += 1
    })
    const end = watchPulse(
      socket,
      () => {
        silences += 1
      },
      answers ? PATIENT : QUICK,
    )
    await eventually(() => ((answers ? questions >= 5 : silences > 0) ? true : undefined))
    await later(50)
    end()
    t.is(silences, answers ? 0 : 1)
    server.closeAllConnections()
    server.close()
  }
})

test('A watch that was ended asks and tells nothing more', async (t) => {
  const { server, socket } = await listenIn(await temporaryFolder(t), false)
  let questions = 0
  server.on('request', () => {
    questions += 1
  })
  const end = watchPulse(socket, () => t.fail(), QUICK)
  await eventually(() => (questions > 0 ? true : undefined))
  end()
  await later(QUICK.patience * 2)
  t.is(questions, 1)
  server.closeAllConnections()
  server.close()
})

test('A command against a stopped daemon ends, says whether the PIN may be spent, and no try is made later', async (t) => {
  const { daemon, tokens } = bench
  const { serial } = tokens[0]
  const common = ['--config', daemon.settings]
  // The command opens the PIN's file after its questions to the daemon: it is stopped between the two.
  const pipe = join(bench.folder, 'pin-pipe')
  execFileSync('mkfifo', [pipe])
  const args = ['token', 'pin', serial, '--pin-file', pipe, '--new-pin-fd', '3', '--json', ...common]
  const running = runCommand(args, { descriptor3: 'the next PIN' })
  const writer = await open(pipe, 'w')
  process.kill(daemon.pid, 'SIGSTOP')
  await writer.write('mistyped\n')
  await writer.close()
  const [listed, cut] = await Promise.all([runCommand(['tokens', ...common]), running])
  t.is(listed.code, 4)
  t.regex(listed.stderr, /DAEMON_SILENT/)
  t.regex(listed.stderr, /held no PIN/)
  t.is(cut.code, 4)
  const { problem } = JSON.parse(cut.stdout)
  t.like(problem, { code: 'DAEMON_SILENT', at: { reached: 'maybe' } })
  t.false(`${cut.stdout}${cut.stderr}`.includes('mistyped'))
  process.kill(daemon.pid, 'SIGCONT')
  const { url, key } = daemon
  const unlock = { key, method: 'POST', json: { pin: TEST_PIN } }
  t.is((await ask(url, `/v1/tokens/${serial}/unlock`, unlock)).status, 200)
  t.is((await ask(url, `/v1/tokens/${serial}`, { key })).json.wrongTries, 0)
  const { entries } = (await ask(url, '/v1/audit', { key })).json
  const outcomes: string[] = entries.flatMap(({ outcome }: { outcome?: string }) => outcome ?? [])
  t.true(outcomes.every((outcome) => ['ok', 'CLIENT_LEFT'].includes(outcome)))
})
