import { execFile } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { readFile, stat, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'
import { promisify } from 'node:util'
import test from 'ava'
import { parse } from 'smol-toml'
import { clustersSchema } from '../../../daemon/cluster/configuration/cluster-schema.js'
import { startDaemonWith } from '../../../demo/daemon-process.js'
import { COMMAND } from '../../cli/run-command.js'
import { childrenOf } from '../../flow/processes.js'
import { isRunning, type LabHome, lab, labHome, startLabProcess } from './lab-process.js'

const answers = (host: string, port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const client = connect(port, host)
    client.once('connect', () => {
      client.destroy()
      resolve(true)
    })
    client.once('error', () => resolve(false))
  })

async function served(address: string, port: number): Promise<string> {
  return await (await fetch(`http://${address}:${port}/CTLFile.tlv`)).text()
}

async function tokens({ settings }: LabHome): Promise<readonly { serial: string; label: string }[]> {
  const { stdout } = await promisify(execFile)(process.execPath, [
    COMMAND,
    'tokens',
    '--config',
    settings,
    '--json',
  ])
  return JSON.parse(stdout).tokens
}

test.serial(
  'the lab registers its cluster, its daemon sees the tokens, and at the end nothing is left',
  async (t) => {
    const home = await labHome(t)
    const { child, status, ended } = await startLabProcess(t, home, ['--phones', '2'])
    const { clusters } = clustersSchema.parse(
      parse(await readFile(join(home.folder, 'clusters.toml'), 'utf8')),
    )
    t.is(clusters[0]?.name, 'lab')
    t.is(clusters[0]?.release, '10.5.2')
    t.is(clusters[0]?.nodes[0]?.tftp_port, status.nodes[0]?.ports.tftp)
    t.is((await readFile(join(home.folder, 'password'), 'utf8')).trim(), status.password)
    t.deepEqual(
      (await tokens(home)).map(({ serial }) => serial).sort(),
      status.tokens.map(({ serial }) => serial ?? '').sort(),
    )
    const children = childrenOf(child.pid ?? 0)
    t.true(children.length >= 2, 'phones and daemon')
    const node = status.nodes[0]
    child.kill('SIGINT')
    t.is(await ended, 0)
    t.false(existsSync(home.folder))
    t.false(existsSync(home.socket))
    t.deepEqual(children.filter(isRunning), [])
    t.false(await answers(node?.address ?? '', node?.ports.web ?? 0))
  },
)

test.serial(
  'lab down ends it from another terminal; then no lab runs, and the commands say how to start one',
  async (t) => {
    const home = await labHome(t)
    const { ended } = await startLabProcess(t, home, ['--no-daemon'])
    t.is((await lab(home, 'down')).code, 0)
    t.is(await ended, 0)
    t.false(existsSync(home.folder))
    const { code, text } = await lab(home, 'status')
    t.is(code, 5)
    t.regex(text, /No lab runs\. Start one in another terminal: ctl-bridge lab up/)
  },
)

test.serial('a lab that was killed is cleaned up by the next, its daemon too', async (t) => {
  const home = await labHome(t)
  const killed = await startLabProcess(t, home)
  const children = childrenOf(killed.child.pid ?? 0)
  killed.child.kill('SIGKILL')
  await killed.ended
  t.true(existsSync(home.folder))
  const next = await startLabProcess(t, home)
  t.deepEqual(children.filter(isRunning), [])
  t.truthy(next.status.daemon, 'the next lab has a daemon of its own')
  const { code, text } = await lab(home, 'up')
  t.is(code, 4)
  t.regex(text, /A lab runs already\. End it first: ctl-bridge lab down/)
  t.true(existsSync(home.folder), 'the one that runs is left alone')
  next.child.kill('SIGTERM')
  t.is(await next.ended, 0)
})

test.serial('a daemon that runs already is left alone, also when the lab ends', async (t) => {
  const home = await labHome(t)
  const daemon = await startDaemonWith(home.settings)
  t.teardown(() => daemon.stop())
  const { child, status, ended } = await startLabProcess(t, home)
  t.is(status.daemon, null)
  child.kill('SIGINT')
  t.is(await ended, 0)
  t.is(daemon.exitCode(), null)
  t.true(existsSync(home.socket))
})

test.serial('faults are made and mended while the lab runs', async (t) => {
  const home = await labHome(t)
  const { status } = await startLabProcess(t, home, ['--no-daemon'])
  const node = status.nodes[0]
  const [name = '', address = '', port = 0] = [node?.name, node?.address, node?.ports.http]
  t.regex((await lab(home, 'fault', name, 'down')).text, /faults: down/)
  t.false(await answers(address, port))
  t.notRegex((await lab(home, 'fault', name, 'none')).text, /faults:/)
  t.true(await answers(address, port))
  const file = join(home.settings, '..', 'other.tlv')
  await writeFile(file, 'not a CTL at all')
  t.is((await lab(home, 'fault', name, 'replace', file)).code, 0)
  t.is(await served(address, port), 'not a CTL at all')
  t.regex((await lab(home, 'fault', name, 'replication-late=60')).text, /replication takes 60 s/)
  t.regex((await lab(home, 'tvs', 'db')).text, /the database alone/)
  const unknown = await lab(home, 'fault', name, 'flood')
  t.is(unknown.code, 2)
  t.regex(unknown.text, /slow=MILLISECONDS/)
  t.regex((await lab(home, 'fault', 'nobody', 'down')).text, /No node is called nobody\. There are: lab-pub/)
  t.regex((await lab(home, 'reset')).text, /no phones/)
})

test.serial('what cannot be is refused before anything is made', async (t) => {
  const home = await labHome(t)
  const refused = async (...args: string[]) => (await lab(home, 'up', ...args)).text
  t.regex(await refused('--nodes', '0'), /--nodes is a number from 1 to 20/)
  t.regex(await refused('--release', '10'), /--release is one of 9\.1/)
  t.regex(await refused('--release', '9.1', '--state', 'tokenless'), /no utils ctl/)
  t.regex(await refused('--no-licence'), /asks for no licence/)
  t.false(existsSync(home.folder))
})

test.serial('keys and password are the user’s alone', async (t) => {
  const home = await labHome(t)
  const { status } = await startLabProcess(t, home, ['--no-daemon'])
  const { mode } = await stat(home.folder)
  t.is(mode & 0o777, 0o700)
  t.regex(readFileSync(status.tokens[0]?.certificateFile ?? '', 'utf8'), /BEGIN CERTIFICATE/)
})

test.serial('the command takes its options and gives the exit code of the lab', async (t) => {
  const run = async (...args: string[]) =>
    await promisify(execFile)(process.execPath, [COMMAND, 'lab', ...args]).then(
      () => ({ code: 0, stderr: '' }),
      (error: { code: number; stderr: string }) => error,
    )
  const tooMany = await run('up', '--nodes', '21')
  t.is(tooMany.code, 2)
  t.regex(tooMany.stderr, /--nodes is a number from 1 to 20/)
  const unknownState = await run('up', '--state', 'perfect')
  t.is(unknownState.code, 2)
  t.regex(unknownState.stderr, /nonsecure, tokenless, tokens/)
  t.is((await run('tvs', 'nothing')).code, 2)
  t.is((await run('fault', 'lab-pub')).code, 2, 'no fault was named')
})
