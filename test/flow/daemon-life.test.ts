import { execFileSync, spawn } from 'node:child_process'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { stringify } from 'smol-toml'
import { startDaemonProcess } from '../../demo/daemon-process.js'
import { makeSastToken, TEST_PIN } from '../../softhsm/sast-token.js'
import { makeSofthsm, softhsmModule } from '../../softhsm/tokens-folder.js'
import { COMMAND } from '../cli/run-command.js'
import { ask } from './bench.js'
import { childrenOf } from './processes.js'

async function folderFor(t: ExecutionContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'ctl-bridge-life-'))
  t.teardown(() => rm(folder, { recursive: true, force: true }))
  await makeSofthsm(join(folder, 'softhsm'))
  return folder
}

const start = (folder: string) => startDaemonProcess(folder, softhsmModule(join(folder, 'softhsm')), 0)

test('SIGTERM ends the daemon with code 0, its children and its socket, with a token unlocked', async (t) => {
  const folder = await folderFor(t)
  const { serial } = await makeSastToken({ folder: join(folder, 'softhsm'), label: 'one', bits: 1024 })
  const daemon = await start(folder)
  const path = `/v1/tokens/${serial}/unlock`
  t.is(
    (await ask(daemon.url, path, { key: daemon.key, method: 'POST', json: { pin: TEST_PIN } })).status,
    200,
  )
  const children = childrenOf(daemon.pid)
  t.true(children.length >= 1)
  await daemon.stop()
  t.is(daemon.exitCode(), 0)
  for (const pid of children) t.throws(() => process.kill(pid, 0), { code: 'ESRCH' })
  await t.throwsAsync(stat(join(folder, 'api.sock')), { code: 'ENOENT' })
})

test('SIGTERM while a library hangs at the start ends the daemon as well', async (t) => {
  const folder = await folderFor(t)
  const library = join(folder, 'hanging.so')
  const code =
    '#include <unistd.h>\n__attribute__((constructor)) static void hang(void) { for (;;) pause(); }'
  execFileSync('cc', ['-x', 'c', '-shared', '-fPIC', '-o', library, '-'], { input: code })
  const settings = {
    http: { socket: join(folder, 'api.sock'), port: 0 },
    state: { folder: join(folder, 'state') },
    modules: [{ name: 'hanging', path: library, deadline_seconds: 600 }],
  }
  await writeFile(join(folder, 'config.toml'), stringify(settings), { mode: 0o600 })
  const child = spawn(process.execPath, [COMMAND, 'serve', '--config', join(folder, 'config.toml')], {
    stdio: 'ignore',
  })
  t.teardown(() => child.kill('SIGKILL'))
  const ended = new Promise((resolve) => child.once('exit', (exitCode) => resolve(exitCode)))
  while (childrenOf(child.pid ?? 0).length === 0) await new Promise((resolve) => setTimeout(resolve, 50))
  child.kill('SIGTERM')
  t.is(await ended, 0)
})

test('a log on a full disk does not end the daemon', async (t) => {
  const folder = await folderFor(t)
  const settings = {
    http: { socket: join(folder, 'api.sock'), port: 0 },
    state: { folder: join(folder, 'state') },
    modules: [],
  }
  await writeFile(join(folder, 'config.toml'), stringify(settings), { mode: 0o600 })
  const full = openSync('/dev/full', 'w')
  const child = spawn(process.execPath, [COMMAND, 'serve', '--config', join(folder, 'config.toml')], {
    stdio: ['ignore', 'pipe', full],
  })
  closeSync(full)
  const ended = new Promise((resolve) => child.once('exit', (exitCode) => resolve(exitCode)))
  const ready = new Promise((resolve) => child.stdout?.once('data', () => resolve('ready')))
  t.is(await Promise.race([ready, ended]), 'ready')
  child.kill('SIGTERM')
  t.is(await ended, 0)
})

test('the socket is for its owner and group alone', async (t) => {
  const folder = await folderFor(t)
  const daemon = await start(folder)
  t.teardown(() => daemon.stop())
  t.is((await stat(join(folder, 'api.sock'))).mode & 0o777, 0o660)
  t.is((await stat(join(folder, 'state'))).mode & 0o777, 0o700)
})

test('after kill -9 the next daemon takes the stale socket over, and the children have gone', async (t) => {
  const folder = await folderFor(t)
  await makeSastToken({ folder: join(folder, 'softhsm'), label: 'one', bits: 1024 })
  const first = await start(folder)
  const [token] = (await ask(first.url, '/v1/tokens', { key: first.key })).json.tokens
  await ask(first.url, `/v1/tokens/${token.serial}/unlock`, {
    key: first.key,
    method: 'POST',
    json: { pin: TEST_PIN },
  })
  const children = childrenOf(first.pid)
  process.kill(first.pid, 'SIGKILL')
  await first.ended
  const second = await start(folder)
  t.teardown(() => second.stop())
  t.is(second.key, first.key)
  t.is((await ask(second.url, '/v1/status', { key: second.key })).status, 200)
  t.true(await goneSoon(children))
})

test('a second daemon on the same socket is refused, and the first goes on', async (t) => {
  const folder = await folderFor(t)
  const first = await start(folder)
  t.teardown(() => first.stop())
  await t.throwsAsync(start(folder), { message: /SOCKET_IN_USE/ })
  t.is(
    (await ask(first.url, '/v1/status', { key: first.key, socketPath: join(folder, 'api.sock') })).status,
    200,
  )
})

test('a module that does not load is named in the status, and the daemon serves', async (t) => {
  const folder = await folderFor(t)
  const module = { ...softhsmModule(join(folder, 'softhsm'), 'broken'), path: '/nonexistent/libnone.so' }
  const daemon = await startDaemonProcess(folder, module, 0)
  t.teardown(() => daemon.stop())
  const { json } = await ask(daemon.url, '/v1/status', { key: daemon.key })
  t.like(json.modules[0], { name: 'broken', state: 'failed', error: { code: 'MODULE_NOT_LOADABLE' } })
})

test('events say what happens to a token, go on after Last-Event-ID, and say when the past is gone', async (t) => {
  const folder = await folderFor(t)
  const { serial } = await makeSastToken({ folder: join(folder, 'softhsm'), label: 'one', bits: 1024 })
  const daemon = await start(folder)
  t.teardown(() => daemon.stop())
  const { key, url } = daemon
  const stream = openEvents(url, key)
  await stream.opened
  await ask(url, `/v1/tokens/${serial}/unlock`, { key, method: 'POST', json: { pin: TEST_PIN } })
  const unlocked = await stream.next('token.unlocked')
  t.is(unlocked.data.serial, serial)
  t.regex(unlocked.id, /^[0-9a-f]{8}-\d+$/)
  await ask(url, `/v1/tokens/${serial}/lock`, { key, method: 'POST' })
  await stream.next('token.locked')
  stream.close()

  const later = openEvents(url, key, unlocked.id)
  const missed = await later.next('token.locked')
  t.true(Number(missed.id.split('-')[1]) > Number(unlocked.id.split('-')[1]))
  later.close()
  const stranger = openEvents(url, key, '00000000-1')
  t.is((await stranger.next('resync')).type, 'resync')
  stranger.close()
})

interface Seen {
  readonly id: string
  readonly type: string
  readonly data: Readonly<Record<string, unknown>>
}

function openEvents(url: string, key: string, lastId?: string) {
  const seen: Seen[] = []
  let wake = (): void => undefined
  const call = request(`${url}/v1/events`, {
    headers: { Authorization: `Bearer ${key}`, ...(lastId === undefined ? {} : { 'Last-Event-ID': lastId }) },
  })
  const opened = new Promise<void>((resolve, reject) => {
    call.once('error', reject)
    call.once('response', (response) => {
      let text = ''
      response.on('data', (part) => {
        text += part
        const blocks = text.split('\n\n')
        text = blocks.pop() ?? ''
        for (const block of blocks) {
          const data = /^data: (.*)$/m.exec(block)?.[1]
          if (data !== undefined) seen.push(JSON.parse(data))
        }
        wake()
      })
      resolve()
    })
  })
  call.end()
  return {
    opened,
    close: () => call.destroy(),
    async next(type: string): Promise<Seen> {
      await opened
      for (;;) {
        const found = seen.find((event) => event.type === type)
        if (found !== undefined) return found
        await new Promise<void>((resolve) => {
          wake = resolve
        })
      }
    },
  }
}

async function goneSoon(pids: readonly number[]): Promise<boolean> {
  for (let attempt = 0; attempt < 200; attempt += 1) {
    if (pids.every((pid) => !isRunning(pid))) return true
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  return false
}

/** A child of a killed daemon may stay a zombie where nobody collects it; it runs no more. */
function isRunning(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return false
  }
}
