import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, rename, rm, stat, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import test, { type ExecutionContext } from 'ava'
import { takeInheritedSocket } from '../../daemon/http/inherited-socket.js'
import { ask } from '../flow/bench.js'

const COMMAND = fileURLToPath(new URL('../../daemon/cli/main.js', import.meta.url))

async function folderFor(t: ExecutionContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'ctl-bridge-activation-'))
  t.teardown(() => rm(folder, { recursive: true, force: true }))
  return folder
}

test('One socket that was passed to this process is taken, and no child is told of it', (t) => {
  const env = { LISTEN_PID: '42', LISTEN_FDS: '1', LISTEN_FDNAMES: 'ctl-bridge.socket', HOME: '/' }
  t.is(takeInheritedSocket(env, 42), 3)
  t.deepEqual(env as NodeJS.ProcessEnv, { HOME: '/' })
})

test('A socket that was passed to another process is left alone', (t) => {
  t.is(takeInheritedSocket({ LISTEN_PID: '41', LISTEN_FDS: '1' }, 42), undefined)
  t.is(takeInheritedSocket({}, 42), undefined)
  t.is(takeInheritedSocket({ LISTEN_PID: '42', LISTEN_FDS: '0' }, 42), undefined)
})

test('Two sockets are refused, because nobody could tell which is which', (t) => {
  t.throws(() => takeInheritedSocket({ LISTEN_PID: '42', LISTEN_FDS: '2' }, 42), {
    message: /passes 2 sockets/,
  })
})

test('A daemon that got its socket answers on it, and leaves its file there when it ends', async (t) => {
  const folder = await folderFor(t)
  const path = join(folder, 'passed.sock')
  const settings = join(folder, 'config.toml')
  await writeFile(
    settings,
    `modules = []\n[http]\nsocket = "${path}"\nport = 0\n[state]\nfolder = "${folder}/state"\n[log]\nlevel = "warn"\n`,
    { mode: 0o600 },
  )
  const listening = await listenOn(join(folder, 'made.sock'))
  const daemon = startWithSocket(listening, settings)
  t.teardown(() => daemon.kill('SIGKILL'))
  // Closing removes the file that was made here; the daemon's copy of the socket goes on under another name.
  await rename(join(folder, 'made.sock'), path)
  listening.close()
  await readyLine(daemon)
  const answer = await ask('http://localhost', '/healthz', { key: '', socketPath: path })
  t.is(answer.status, 200)
  const ended = new Promise((resolve) => daemon.once('exit', resolve))
  daemon.kill('SIGTERM')
  t.is(await ended, 0)
  t.true((await stat(path)).isSocket())
})

function listenOn(path: string): Promise<Server> {
  const server = createServer()
  return new Promise((resolve) => server.listen(path, () => resolve(server)))
}

/** LISTEN_PID must be the daemon's own pid: the shell writes its own and becomes the daemon. */
function startWithSocket(server: Server, settings: string): ChildProcess {
  const handle: unknown = Reflect.get(server, '_handle')
  const descriptor: unknown = Reflect.get(handle as object, 'fd')
  if (typeof descriptor !== 'number') throw new Error('no descriptor')
  const script = 'LISTEN_PID=$$ LISTEN_FDS=1 exec "$@"'
  const args = ['-c', script, 'sh', process.execPath, COMMAND, 'serve', '--json', '--config', settings]
  return spawn('sh', args, { stdio: ['ignore', 'pipe', 'inherit', descriptor] })
}

function readyLine(daemon: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    daemon.stdout?.once('data', (text) => resolve(String(text)))
    daemon.once('exit', (code) => reject(new Error(`ended with ${code}`)))
  })
}
