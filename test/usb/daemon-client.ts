/** The daemon's API over its Unix socket, as little of it as the scenario needs. */
import { readFileSync } from 'node:fs'
import { type IncomingMessage, request } from 'node:http'

const SOCKET = '/run/ctl-bridge/api.sock'
const KEY_FILE = '/var/lib/ctl-bridge/first-key'

export interface Token {
  readonly serial: string
  readonly label: string
  readonly state: string
  readonly pin: { readonly countLow: boolean; readonly finalTry: boolean }
  readonly certificates: readonly {
    readonly sha256: string
    readonly maySign: boolean
    readonly whyNot?: string
  }[]
}

export interface Reply {
  readonly status: number
  readonly bytes: Buffer
  /** The code of a problem, empty when all went well. */
  readonly code: string
}

export interface Asked {
  readonly json?: unknown
  readonly bytes?: Uint8Array
  readonly accept?: string
}

/** Without the key where nobody could have it: before the first start. */
export function call(method: string, path: string, asked: Asked = {}): Promise<Reply> {
  const body = asked.bytes ?? (asked.json === undefined ? undefined : Buffer.from(JSON.stringify(asked.json)))
  const type = asked.bytes === undefined ? 'application/json' : 'application/octet-stream'
  return new Promise((resolve, reject) => {
    const sent = request(
      {
        socketPath: SOCKET,
        method,
        path,
        agent: false,
        headers: {
          Host: 'localhost',
          Accept: asked.accept ?? '*/*',
          ...authorization(),
          ...(body === undefined ? {} : { 'Content-Type': type, 'Content-Length': body.length }),
        },
      },
      (response) => void collect(response).then(resolve, reject),
    )
    sent.once('error', reject)
    sent.end(body)
  })
}

async function collect(response: IncomingMessage): Promise<Reply> {
  const parts: Buffer[] = []
  for await (const part of response) parts.push(part as Buffer)
  const bytes = Buffer.concat(parts)
  const status = response.statusCode ?? 0
  const code = status < 400 ? '' : String((JSON.parse(bytes.toString()) as { code: unknown }).code)
  return { status, bytes, code }
}

function authorization(): Record<string, string> {
  try {
    return { Authorization: `Bearer ${readFileSync(KEY_FILE, 'utf8').trim()}` }
  } catch {
    return {}
  }
}

export async function tokens(): Promise<readonly Token[]> {
  const { bytes } = await call('GET', '/v1/tokens')
  return (JSON.parse(bytes.toString()) as { tokens: Token[] }).tokens
}

export interface SeenEvent {
  readonly type: string
  readonly serial: string
  /** Milliseconds, as of performance.now(). */
  readonly at: number
}

/** Everything that the daemon tells from now on. */
export class EventWatch {
  readonly #seen: SeenEvent[] = []
  #wake: () => void = () => undefined
  #close: () => void = () => undefined

  open(): Promise<void> {
    return new Promise((resolve, reject) => {
      const sent = request(
        {
          socketPath: SOCKET,
          path: '/v1/events',
          agent: false,
          headers: { Host: 'localhost', ...authorization() },
        },
        (response) => {
          response.setEncoding('utf8')
          this.#read(response)
          resolve()
        },
      )
      sent.once('error', reject)
      sent.end()
      this.#close = () => sent.destroy()
    })
  }

  close(): void {
    this.#close()
  }

  #read(response: IncomingMessage): void {
    let rest = ''
    response.on('error', () => undefined)
    response.on('data', (text: string) => {
      const blocks = (rest + text).split('\n\n')
      rest = blocks.pop() ?? ''
      for (const block of blocks) {
        const data = /^data: (.*)$/m.exec(block)?.[1]
        if (data === undefined) continue
        const event = JSON.parse(data) as { type: string; data: { serial?: string } }
        this.#seen.push({ type: event.type, serial: event.data.serial ?? '', at: performance.now() })
      }
      this.#wake()
    })
  }

  /** The first event of the type at or after `since`; fails after `limit` milliseconds. */
  async next(type: string, since: number, limit = 180_000): Promise<SeenEvent> {
    const end = performance.now() + limit
    for (;;) {
      const found = this.#seen.find((event) => event.type === type && event.at >= since)
      if (found !== undefined) return found
      if (performance.now() > end) throw new Error(`no ${type} within ${limit / 1000} s`)
      await new Promise<void>((resolve) => {
        this.#wake = resolve
        setTimeout(resolve, 500)
      })
    }
  }
}
