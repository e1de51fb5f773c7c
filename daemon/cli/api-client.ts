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
import { ProblemAnswer } from './report-problem.js'

export interface ApiClient {
  readonly getJson: <Shape>(path: string) => Promise<Shape>
  /** A file in one of its forms, by media type. */
  readonly getFile: (path: string, type: string) => Promise<Uint8Array>
  readonly postJson: <Shape>(path: string, body: unknown) => Promise<Shape>
  /** Sends JSON and takes a file. */
  readonly postForFile: (path: string, body: unknown) => Promise<Uint8Array>
  readonly postFile: (path: string, file: Uint8Array) => Promise<Uint8Array>
}

interface Send {
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly body?: Uint8Array
  readonly type?: string
  readonly accept: string
}

/** Answers are small; a daemon that sends more than this is none of ours. */
const ANSWER_LIMIT = 16 * 1024 * 1024

/** Settings, key file and socket from the command's options. Rejects with KEY_MISSING or DAEMON_UNREACHABLE. */
export async function openApi({ values, place }: CommandContext): Promise<ApiClient> {
  const config = readConfig(values.config, place)
  const key = await readKey(values['key-file'] ?? firstKeyFile(config.stateFolder))
  const send = (message: Send): Promise<Buffer> => exchange(config.socket, key, message)
  const json = (body: unknown) => ({ body: Buffer.from(JSON.stringify(body)), type: 'application/json' })
  const parse = <Shape>(bytes: Buffer): Shape => JSON.parse(bytes.toString('utf8')) as Shape
  return {
    getJson: async (path) => parse(await send({ method: 'GET', path, accept: 'application/json' })),
    getFile: (path, type) => send({ method: 'GET', path, accept: type }),
    postJson: async (path, body) =>
      parse(await send({ method: 'POST', path, ...json(body), accept: 'application/json' })),
    postForFile: (path, body) =>
      send({ method: 'POST', path, ...json(body), accept: 'application/octet-stream' }),
    postFile: (path, file) =>
      send({
        method: 'POST',
        path,
        body: file,
        type: 'application/octet-stream',
        accept: 'application/octet-stream',
      }),
  }
}

async function readKey(file: string): Promise<string> {
  try {
    return (await readFile(file, 'utf8')).trim()
  } catch (error) {
    const reason =
      (error as NodeJS.ErrnoException).code === 'ENOENT'
        ? 'is not there; the daemon makes it at its first start'
        : 'cannot be read'
    throw new BridgeError('KEY_MISSING', `The key file ${reason}.`, { file })
  }
}

function exchange(
  socketPath: string,
  key: string,
  { method, path, body, type, accept }: Send,
): Promise<Buffer> {
  const headers = {
    Host: 'localhost',
    Authorization: `Bearer ${key}`,
    Accept: `${accept}, application/problem+json`,
    ...(body === undefined ? {} : { 'Content-Type': type, 'Content-Length': body.length }),
  }
  return new Promise((resolve, reject) => {
    const unreachable = (error: NodeJS.ErrnoException) =>
      reject(
        new BridgeError(
          'DAEMON_UNREACHABLE',
          `The socket does not answer (${error.code ?? error.message}).`,
          { file: socketPath },
        ),
      )
    const call = request({ socketPath, method, path, headers }, (response) => {
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
        if ((response.statusCode ?? 500) < 300) resolve(bytes)
        else reject(problemOf(bytes))
      })
    })
    call.on('error', unreachable)
    call.end(body)
  })
}

function problemOf(bytes: Buffer): Error {
  try {
    const problem = JSON.parse(bytes.toString('utf8')) as Problem
    if (typeof problem.code === 'string') return new ProblemAnswer(problem)
  } catch {
    // Not ours: fall through.
  }
  return new BridgeError('DAEMON_UNREACHABLE', 'Something that is not ctl-bridge answers on the socket.')
}
