/** A daemon process with two SoftHSM tokens, in a folder of its own, for tests that go the whole way. */
import { mkdtemp, rm } from 'node:fs/promises'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type DaemonProcess, startDaemonProcess } from '../../demo/daemon-process.js'
import { makeTokenlessCtl } from '../../demo/tokenless-ctl.js'
import { makeSastToken, type SastToken } from '../../softhsm/sast-token.js'
import { makeSofthsm, softhsmModule } from '../../softhsm/tokens-folder.js'

export interface Bench {
  readonly folder: string
  readonly softhsm: string
  readonly daemon: DaemonProcess
  readonly tokens: readonly [SastToken, SastToken]
  /** A tokenless CTL. */
  readonly tokenless: Uint8Array
  close(): Promise<void>
}

export async function setUpBench(): Promise<Bench> {
  const folder = await mkdtemp(join(tmpdir(), 'ctl-bridge-test-'))
  const softhsm = join(folder, 'softhsm')
  await makeSofthsm(softhsm)
  const first = await makeSastToken({ folder: softhsm, label: 'first', bits: 1024 })
  const second = await makeSastToken({ folder: softhsm, label: 'second', bits: 2048 })
  const daemon = await startDaemonProcess(folder, softhsmModule(softhsm), 0)
  return {
    folder,
    softhsm,
    daemon,
    tokens: [first, second],
    tokenless: await makeTokenlessCtl(1_425_675_365),
    close: async () => {
      await daemon.stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly bytes: Buffer
  // biome-ignore lint/suspicious/noExplicitAny: the tests look into answers of every shape.
  readonly json: any
}

export interface Ask {
  readonly method?: string
  readonly key?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array
  readonly json?: unknown
  /** Over this Unix socket instead of TCP. */
  readonly socketPath?: string
}

/** One request with nothing added but what is said here; `fetch` would not let a test lie in Host. */
export function ask(url: string, path: string, asked: Ask = {}): Promise<Answer> {
  const { method = 'GET', key, headers = {}, json, socketPath } = asked
  const body = json === undefined ? asked.body : JSON.stringify(json)
  const { port } = new URL(url)
  const sent = {
    Host: `127.0.0.1:${port}`,
    ...(key === undefined ? {} : { Authorization: `Bearer ${key}` }),
    ...(json === undefined ? {} : { 'Content-Type': 'application/json' }),
    ...(body === undefined ? {} : { 'Content-Length': String(Buffer.byteLength(body)) }),
    ...headers,
  }
  const target = socketPath === undefined ? { host: '127.0.0.1', port } : { socketPath }
  return new Promise((resolve, reject) => {
    const call = request({ ...target, method, path, headers: sent, agent: false }, (response) => {
      const parts: Buffer[] = []
      response.on('data', (part: Buffer) => parts.push(part))
      response.on('error', reject)
      response.on('end', () => {
        const bytes = Buffer.concat(parts)
        const isJson = String(response.headers['content-type']).includes('json')
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          bytes,
          json: isJson ? JSON.parse(bytes.toString('utf8')) : undefined,
        })
      })
    })
    call.on('error', reject)
    call.end(body)
  })
}
