import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import test from 'ava'
import { Client } from 'ssh2'
import { type SshServer, sshProgram, startSshServer } from './ssh-server.js'

const options = (server: SshServer): string[] => [
  ...['-F', 'none', '-i', server.keyFile, '-o', `Port=${server.port}`, '-o', 'BatchMode=yes'],
  ...['-o', 'StrictHostKeyChecking=no', '-o', 'UserKnownHostsFile=/dev/null', '-o', 'LogLevel=ERROR'],
]

async function run(name: 'ssh' | 'sftp', args: readonly string[]): Promise<string> {
  const { program, env } = await sshProgram(name)
  const { stdout } = await promisify(execFile)(program, [...args], { env })
  return stdout
}

test('sshd of the packages lets the user of the tests in by key, and runs what is asked', async (t) => {
  const server = await startSshServer()
  t.teardown(server.stop)
  t.is(await run('ssh', [...options(server), `${server.user}@127.0.0.1`, 'id -un']), `${server.user}\n`)
})

test('its sftp-server takes files', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'ctl-bridge-sftp-'))
  t.teardown(() => rm(folder, { recursive: true, force: true }))
  const server = await startSshServer()
  t.teardown(server.stop)
  const { program, env } = await sshProgram('sftp')
  const child = execFile(
    program,
    ['-S', (await sshProgram('ssh')).program, '-b', '-', ...options(server), `${server.user}@127.0.0.1`],
    { env },
  )
  child.stdin?.end(`put ${server.keyFile}.pub ${folder}/copy\n`)
  const [code] = await once(child, 'exit')
  t.is(code, 0)
  t.deepEqual(await readFile(join(folder, 'copy')), await readFile(`${server.keyFile}.pub`))
})

test('a forced command answers whatever is asked', async (t) => {
  const server = await startSshServer({ command: 'echo forced' })
  t.teardown(server.stop)
  t.is(await run('ssh', [...options(server), `${server.user}@127.0.0.1`, 'id']), 'forced\n')
})

async function login(server: SshServer, password: string): Promise<string> {
  const client = new Client()
  const outcome = new Promise<string>((resolve) => {
    client.on('ready', () => resolve('in')).on('error', ({ level }) => resolve(level ?? 'error'))
  })
  client.connect({ host: server.host, port: server.port, username: server.user, password })
  const said = await outcome
  client.end()
  return said
}

test('the password that was given lets in, no other does', async (t) => {
  const server = await startSshServer({ password: 'correct horse' })
  t.teardown(server.stop)
  t.is(await login(server, 'correct horse'), 'in')
  t.is(await login(server, 'wrong'), 'client-authentication')
  const keysOnly = await startSshServer()
  t.teardown(keysOnly.stop)
  t.is(await login(keysOnly, 'correct horse'), 'client-authentication')
})

test('dropped connections end, new ones are taken', async (t) => {
  const server = await startSshServer()
  t.teardown(server.stop)
  const { program, env } = await sshProgram('ssh')
  const child = execFile(
    program,
    [...options(server), `${server.user}@127.0.0.1`, 'echo here; exec sleep 600'],
    { env },
  )
  const ended = once(child, 'exit')
  await once(child.stdout as NonNullable<typeof child.stdout>, 'data')
  server.dropConnections()
  const [code] = await ended
  t.is(code, 255)
  t.is(await run('ssh', [...options(server), `${server.user}@127.0.0.1`, 'echo again']), 'again\n')
})
