/** The few calls of the daemon's HTTP API that the demo makes, over 127.0.0.1 as any program would. */
import { request } from 'node:http'
import type { z } from 'zod'
import type { descriptionSchema, verdictSchema } from '../daemon/http/schemas/ctl-schemas.js'
import type { problemSchema } from '../daemon/http/schemas/daemon-schemas.js'
import type {
  migrationSchema,
  planAnswerSchema,
  readingsRequestSchema,
} from '../daemon/http/schemas/migration-schemas.js'
import type { clusterObservationSchema } from '../daemon/http/schemas/observation-schemas.js'
import type { probeReportSchema } from '../daemon/http/schemas/publication-schemas.js'
import type { tokenListSchema } from '../daemon/http/schemas/token-schemas.js'

export type Description = z.output<typeof descriptionSchema>
export type Verdict = z.output<typeof verdictSchema>
export type Observation = z.output<typeof clusterObservationSchema>
export type PlanAnswer = z.output<typeof planAnswerSchema>
export type Migration = z.output<typeof migrationSchema>
export type MigrationStep = Migration['steps'][number]
export type Finding = PlanAnswer['findings'][number]
export type Reading = z.input<typeof readingsRequestSchema>['readings'][number]
type Token = z.output<typeof tokenListSchema>['tokens'][number]
type ProbeReport = z.output<typeof probeReportSchema>

export interface PlanWish {
  readonly cluster: string
  readonly plan: string
  readonly tokens: readonly string[]
}

/** What the daemon refuses, in its own words. */
export class ApiProblem extends Error {
  readonly code: string

  constructor({ title, code, detail, remedy }: z.output<typeof problemSchema>) {
    super(`${title} (${code}): ${detail} ${remedy}`)
    this.code = code
  }
}

export class Api {
  readonly #url: string
  readonly #key: string
  readonly #until: AbortSignal

  /** Aborting `until` breaks off what is under way. */
  constructor(url: string, key: string, until: AbortSignal) {
    this.#url = url
    this.#key = key
    this.#until = until
  }

  tokens = async (): Promise<readonly Token[]> =>
    (await this.#read<z.output<typeof tokenListSchema>>('/v1/tokens')).tokens

  certificatePem = async (serial: string, sha256: string): Promise<Uint8Array> =>
    this.#call('GET', `/v1/tokens/${serial}/certificates/${sha256}`, { Accept: 'application/x-pem-file' })

  observe = async (cluster: string): Promise<Observation> =>
    this.#post<Observation>(`/v1/clusters/${cluster}/observe`)

  /** `uploaded`: what the first answer kept, where a person has put it onto the node. */
  probe = async (cluster: string, node: string, uploaded?: number): Promise<ProbeReport> => {
    const said = uploaded === undefined ? '' : `&uploaded=${uploaded}`
    return this.#post<ProbeReport>(`/v1/clusters/${cluster}/probe?node=${node}${said}`)
  }

  inspect = async (file: Uint8Array): Promise<Description> =>
    parsed(await this.#file('/v1/ctl/inspect', file))

  show = async (file: Uint8Array): Promise<string> =>
    textOf(await this.#file('/v1/ctl/inspect', file, 'text/plain'))

  verify = async (file: Uint8Array): Promise<Verdict> => parsed(await this.#file('/v1/ctl/verify', file))

  plan = (wish: PlanWish): Promise<PlanAnswer> => this.#post('/v1/migrations/plan', wish)

  /** `said`: what somebody answers for and the daemon cannot see. */
  start = (wish: PlanWish, said: readonly string[]): Promise<Migration> =>
    this.#post('/v1/migrations', { ...wish, said })

  migration = (id: string): Promise<Migration> => this.#read(`/v1/migrations/${id}`)

  acknowledge = (id: string, code: string, note: string): Promise<Migration> =>
    this.#post(`/v1/migrations/${id}/acknowledge`, { code, note })

  say = (id: string, statement: string, note: string): Promise<Migration> =>
    this.#post(`/v1/migrations/${id}/say`, { statement, note })

  unlock = (id: string, pin: string): Promise<Migration> => this.#post(`/v1/migrations/${id}/unlock`, { pin })

  enterReadings = (id: string, readings: readonly Reading[]): Promise<Migration> =>
    this.#post(`/v1/migrations/${id}/phones`, { readings })

  migrationFile = async (id: string, name: string): Promise<Uint8Array> =>
    this.#call('GET', `/v1/migrations/${id}/files/${encodeURIComponent(name)}`)

  /** One HTML page, to hand in. */
  report = async (id: string): Promise<Uint8Array> =>
    this.#call('GET', `/v1/migrations/${id}/report`, { Accept: 'text/html' })

  async #read<Answer>(path: string): Promise<Answer> {
    return parsed(await this.#call('GET', path))
  }

  async #post<Answer>(path: string, body?: unknown): Promise<Answer> {
    if (body === undefined) return parsed(await this.#call('POST', path))
    const headers = { 'Content-Type': 'application/json' }
    return parsed(await this.#call('POST', path, headers, JSON.stringify(body)))
  }

  #file(path: string, file: Uint8Array, accept = '*/*'): Promise<Uint8Array> {
    return this.#call('POST', path, { 'Content-Type': 'application/octet-stream', Accept: accept }, file)
  }

  /** Over a connection of its own: one that is kept open may be closed by the daemon just when it is used again. */
  #call(
    method: string,
    path: string,
    headers: Record<string, string> = {},
    body: string | Uint8Array = '',
  ): Promise<Uint8Array> {
    const options = {
      method,
      agent: false,
      signal: this.#until,
      headers: {
        ...headers,
        Authorization: `Bearer ${this.#key}`,
        'Content-Length': Buffer.byteLength(body),
      },
    }
    return new Promise((resolve, reject) => {
      const call = request(`${this.#url}${path}`, options, (response) => {
        const parts: Buffer[] = []
        response.on('data', (part: Buffer) => parts.push(part))
        response.on('error', reject)
        response.on('end', () => {
          const answer = Buffer.concat(parts)
          if (response.statusCode === 200) resolve(new Uint8Array(answer))
          else reject(new ApiProblem(parsed(answer)))
        })
      })
      call.on('error', (error) => reject(new Error(`The daemon does not answer: ${error.message}.`)))
      call.end(body)
    })
  }
}

const textOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('utf8')
const parsed = <Answer>(bytes: Uint8Array): Answer => JSON.parse(textOf(bytes))
