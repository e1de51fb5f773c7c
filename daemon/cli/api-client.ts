/**
 * The API over the Unix socket, and only over it: anybody can take the TCP port of a daemon that is
 * not running and collect keys and PINs.
 */
import { readFile } from 'node:fs/promises'
import { request } from 'node:http'
import { BridgeError } from '../bridge-error.js'
import { readConfig } from '../config.js'
import type { Problem } from '../problems.js'
import { firstKeyFile } from '../store/first-key-file.js'
import type { CommandContext } from './command.js'
import { watchPulse } from './daemon-pulse.js'
import { ProblemAnswer } from './report-problem.js'
import { type WatchedEvent, watchEvents } from './watch-events.js'

export interface ApiClient {
  readonly getJson: <Shape>(path: string) => Promise<Shape>
  /** A file in one of its forms, by media type. */
  readonly getFile: (path: string, type: string) => Promise<Uint8Array>
  /** undefined: no body. */
  readonly postJson: <Shape>(path: string, body: unknown, headers?: Record<string, string>) => Promise<Shape>
  /** Sends JSON and takes a file. */
  readonly postForFile: (path: string, body: unknown) => Promise<Uint8Array>
  /** Sends bytes and takes JSON. */
  readonly postFileForJson: <Shape>(
    path: string,
    file: Uint8Array,
    headers?: Record<string, string>,
  ) => Promise<Shape>
  /** Tells of what changes until the function that it resolves with is called. */
  readonly watchEvents: (onEvent: (event: WatchedEvent) => void) => Promise<() => void>
  /** Sends bytes and takes bytes of the same type, a file unless said otherwise. */
  readonly postFile: (path: string, file: Uint8Array, type?: string) => Promise<Uint8Array>
}

interface Send {
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly body?: Uint8Array
  readonly type?: string
  readonly accept: string
  readonly holdsPin?: boolean
  readonly more?: Readonly<Record<string, string>>
}

/** Answers are small; a daemon that sends more than this is none of ours. */
const ANSWER_LIMIT = 16 * 1024 * 1024

/** Settings, key file and socket from the command's options. Rejects with KEY_MISSING or DAEMON_UNREACHABLE. */
export async function openApi({ values, place }: CommandContext): Promise<ApiClient> {
  const config = readConfig(values.config, place)
  const key = await readKey(values['key-file'] ?? firstKeyFile(config.stateFolder))
  const send = (message: Send): Promise<Buffer> => exchange(config.socket, key, message)
  const json = (body: unknown) => ({
    body: Buffer.from(JSON.stringify(body)),
    type: 'application/json',
    holdsPin: typeof body === 'object' && body !== null && 'pin' in body,
  })
  return {
    getJson: async (path) => parse(await send({ method: 'GET', path, accept: 'application/json' })),
    getFile: (path, type) => send({ method: 'GET', path, accept: type }),
    postJson: async (path, body, more) =>
      parse(
        await send({
          method: 'POST',
          path,
          ...(body !== undefined && json(body)),
          accept: 'application/json',
          ...(more && { more }),
        }),
      ),
    postForFile: (path, body) =>
      send({ method: 'POST', path, ...json(body), accept: 'application/octet-stream' }),
    postFileForJson: async (path, file, more) =>
      parse(
        await send({
          method: 'POST',
          path,
          body: file,
          type: 'application/octet-stream',
          accept: 'application/json',
          ...(more && { more }),
        }),
      ),
    watchEvents: (onEvent) => watchEvents(config.socket, key, onEvent),
    postFile: (path, file, type = 'application/octet-stream') =>
      send({ method: 'POST', path, body: file, type, accept: type }),
  }
}

async function readKey(file: string): Promise<string> {
  try {
    const key = (await readFile(file, 'utf8')).trim()
    if (/^[\x21-\x7e]{1,256}$/.test(key)) return key
  } catch (error) {
    const reason =
      (error as NodeJS.ErrnoException).code === 'ENOENT'
        ? 'is not there; the daemon makes it at its first start'
        : 'cannot be read'
    throw new BridgeError('KEY_MISSING', `The key file ${reason}.`, { file })
  }
  throw new BridgeError('KEY_MISSING', 'The key file holds no key.', { file })
}

function exchange(
  socketPath: string,
  key: string,
  { method, path, body, type, accept, holdsPin = false, more }: Send,
): Promise<Buffer> {
  const headers = {
    Host: 'localhost',
    Authorization: `Bearer ${key}`,
    Accept: `${accept}, application/problem+json`,
    ...more,
    ...(body === undefined ? {} : { 'Content-Type': type, 'Content-Length': body.length }),
  }
  let endWatch = (): void => undefined
  const answered = new Promise<Buffer>((resolve, reject) => {
    const unreachable = (error: NodeJS.ErrnoException) =>
      reject(
        new BridgeError(
          'DAEMON_UNREACHABLE',
          `The socket does not answer (${error.code ?? error.message}).`,
          { file: socketPath },
        ),
      )
    // A connection kept alive could be closed by the daemon while a person types the PIN.
    const call = request({ socketPath, method, path, headers, agent: false }, (response) => {
      const parts: Buffer[] = []
      let size = 0
      response.on('data', (part: Buffer) => {
        size += part.length
        if (size > ANSWER_LIMIT) response.destroy(new Error('the answer is too large'))
        parts.push(part)
      })
      response.on('error', unreachable)
      response.on('end', () => {
        const bytes = Buffer.concat(parts)
        if ((response.statusCode ?? 500) < 300) return resolve(bytes)
        try {
          reject(problemOf(bytes))
        } catch (error) {
          reject(error)
        }
      })
    })
    call.on('error', unreachable)
    call.end(body)
    endWatch = watchPulse(socketPath, () => {
      reject(silence(socketPath, holdsPin))
      call.destroy()
    })
  })
  return answered.finally(() => endWatch())
}

function silence(socketPath: string, heldPin: boolean): BridgeError {
  const pin = heldPin
    ? 'It has the PIN: count that as a try that may have been spent.'
    : 'This request held no PIN.'
  return new BridgeError('DAEMON_SILENT', `The daemon took the request and says nothing any more. ${pin}`, {
    file: socketPath,
    ...(heldPin && { reached: 'maybe' }),
  })
}

const stranger = (): BridgeError =>
  new BridgeError('DAEMON_UNREACHABLE', 'Something that is not ctl-bridge answers on the socket.')

function parse<Shape>(bytes: Buffer): Shape {
  try {
    return JSON.parse(bytes.toString('utf8')) as Shape
  } catch {
    throw stranger()
  }
}

function problemOf(bytes: Buffer): Error {
  const problem = parse<Partial<Problem> | null>(bytes)
  const texts = [problem?.code, problem?.title, problem?.detail, problem?.remedy]
  const whole = texts.every((text) => typeof text === 'string') && typeof problem?.at === 'object'
  return whole && problem?.at !== null ? new ProblemAnswer(problem as Problem) : stranger()
}
