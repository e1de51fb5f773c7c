/** The few calls of the daemon's HTTP API that the demo makes, over 127.0.0.1 as any program would. */
import type { z } from 'zod'
import type { descriptionSchema, verdictSchema } from '../daemon/http/schemas/ctl-schemas.js'
import type { problemSchema } from '../daemon/http/schemas/daemon-schemas.js'
import type { tokenListSchema } from '../daemon/http/schemas/token-schemas.js'

export type TokenList = z.output<typeof tokenListSchema>
export type Description = z.output<typeof descriptionSchema>
export type Verdict = z.output<typeof verdictSchema>

export class Api {
  readonly #url: string
  readonly #key: string

  constructor(url: string, key: string) {
    this.#url = url
    this.#key = key
  }

  tokens = async (): Promise<TokenList> =>
    (await this.#call('GET', '/v1/tokens')).json() as Promise<TokenList>

  inspect = async (file: Uint8Array): Promise<Description> =>
    (await this.#file('/v1/ctl/inspect', file)).json() as Promise<Description>

  show = async (file: Uint8Array): Promise<string> =>
    (await this.#file('/v1/ctl/inspect', file, 'text/plain')).text()

  verify = async (file: Uint8Array): Promise<Verdict> =>
    (await this.#file('/v1/ctl/verify', file)).json() as Promise<Verdict>

  compose = async (request: unknown): Promise<Uint8Array> =>
    bytesOf(await this.#json('/v1/ctl/compose', request))

  unlock = async (serial: string, pin: string): Promise<void> => {
    await this.#json(`/v1/tokens/${serial}/unlock`, { pin, seconds: 60, uses: 1 })
  }

  lock = async (serial: string): Promise<void> => {
    await this.#call('POST', `/v1/tokens/${serial}/lock`)
  }

  sign = async (serial: string, draft: Uint8Array): Promise<Uint8Array> =>
    bytesOf(await this.#file(`/v1/ctl/sign?token=${serial}`, draft))

  #json(path: string, body: unknown): Promise<Response> {
    return this.#call('POST', path, JSON.stringify(body), { 'Content-Type': 'application/json' })
  }

  #file(path: string, file: Uint8Array, accept = '*/*'): Promise<Response> {
    const headers = { 'Content-Type': 'application/octet-stream', Accept: accept }
    return this.#call('POST', path, new Uint8Array(file), headers)
  }

  async #call(
    method: string,
    path: string,
    body?: string | Uint8Array<ArrayBuffer>,
    headers: Record<string, string> = {},
  ): Promise<Response> {
    const response = await fetch(`${this.#url}${path}`, {
      method,
      headers: { ...headers, Authorization: `Bearer ${this.#key}` },
      ...(body === undefined ? {} : { body }),
    })
    if (response.ok) return response
    const problem = (await response.json()) as z.output<typeof problemSchema>
    throw new Error(`${problem.title} (${problem.code}): ${problem.detail} ${problem.remedy}`)
  }
}

async function bytesOf(response: Response): Promise<Uint8Array> {
  return new Uint8Array(await response.arrayBuffer())
}
