/** What a route is: data that Express, the guards and the OpenAPI document are made from. */
import type { IncomingHttpHeaders } from 'node:http'
import type { z } from 'zod'
import type { Caller, Scope } from '../principal.js'
import type { ProblemCode } from '../problems.js'
import type { EventLog } from './event-log.js'

export type RequestBody = FileBody | JsonBody
export interface FileBody {
  readonly type: 'application/octet-stream' | 'text/plain'
  /** As Express writes sizes; room for a CTL unless said otherwise. */
  readonly limit?: string
  /** The same request as JSON, where more than one file can be sent. */
  readonly orJson?: JsonBody
}
export interface JsonBody {
  readonly type: 'application/json'
  readonly limit?: string
  /** Name of the schema in `documentedSchemas`. */
  readonly schema: string
}

/** The content types that a route takes. */
export function bodyTypes(body: RequestBody): string[] {
  return 'orJson' in body && body.orJson ? [body.type, body.orJson.type] : [body.type]
}

export interface RouteRequest<Body> {
  readonly caller: Caller
  readonly params: Readonly<Record<string, string>>
  readonly query: Readonly<Record<string, string>>
  readonly headers: IncomingHttpHeaders
  readonly body: Body
  /** The first of the route's answer types that the client accepts. */
  readonly accepted: string
}

export type Reply =
  | { readonly json: unknown; readonly headers?: Readonly<Record<string, string>> }
  | { readonly bytes: Uint8Array; readonly type: string; readonly headers?: Readonly<Record<string, string>> }
  | { readonly text: string; readonly headers?: Readonly<Record<string, string>> }
  | { readonly stream: { readonly log: EventLog; readonly lastId: string | undefined } }

export interface Answer {
  readonly type: string
  readonly schema?: string
}

export interface Route {
  readonly method: 'get' | 'post'
  /** OpenAPI form: `/v1/tokens/{serial}`. */
  readonly path: string
  readonly id: string
  readonly summary: string
  readonly description?: string
  /** `undefined`: no key is asked. */
  readonly scope: Scope | undefined
  readonly query?: Readonly<Record<string, { readonly required: boolean; readonly description: string }>>
  readonly body?: RequestBody
  /** In the order of preference; the first is given when the client says nothing. */
  readonly answers: readonly Answer[]
  readonly problems: readonly ProblemCode[]
  readonly handle: (request: RouteRequest<unknown>) => Promise<Reply> | Reply
  /** Checks a JSON body before `handle`. */
  readonly parse?: z.ZodType
}

type RouteParts = Omit<Route, 'handle' | 'parse' | 'body'>

/** A route without a body. */
export function plainRoute(parts: RouteParts & { handle: Route['handle'] }): Route {
  return parts
}

type FileRouteParts = RouteParts & {
  readonly limit?: string
  readonly handle: (request: RouteRequest<Uint8Array>) => Promise<Reply> | Reply
}

/** A route whose body is one file. */
export function fileRoute(parts: FileRouteParts): Route {
  return bytesRoute('application/octet-stream', parts)
}

/** A route whose body is one text, which is taken as bytes: it may have a mark or line ends of its own. */
export function textRoute(parts: FileRouteParts): Route {
  return bytesRoute('text/plain', parts)
}

function bytesRoute(type: FileBody['type'], { handle, limit, ...rest }: FileRouteParts): Route {
  return {
    ...rest,
    body: { type, ...(limit !== undefined && { limit }) },
    handle: (request) => handle(request as RouteRequest<Uint8Array>),
  }
}

/** A route whose body is one file, or JSON of a schema that holds it with more; JSON is told by its type. */
export function fileOrJsonRoute<Schema extends z.ZodType>(
  schemaName: string,
  schema: Schema,
  parts: RouteParts & {
    handle: (request: RouteRequest<Uint8Array | z.output<Schema>>) => Promise<Reply> | Reply
  },
): Route {
  const { handle, ...rest } = parts
  return {
    ...rest,
    body: {
      type: 'application/octet-stream',
      orJson: { type: 'application/json', schema: schemaName },
    },
    parse: schema,
    handle: (request) => handle(request as RouteRequest<Uint8Array | z.output<Schema>>),
  }
}

/** A route whose body is JSON of a schema. */
export function jsonRoute<Schema extends z.ZodType>(
  schemaName: string,
  schema: Schema,
  parts: RouteParts & {
    readonly limit?: string
    readonly handle: (request: RouteRequest<z.output<Schema>>) => Promise<Reply> | Reply
  },
): Route {
  const { handle, limit, ...rest } = parts
  return {
    ...rest,
    body: { type: 'application/json', schema: schemaName, ...(limit !== undefined && { limit }) },
    parse: schema,
    handle: (request) => handle(request as RouteRequest<z.output<Schema>>),
  }
}
