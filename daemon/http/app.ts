/** The Express application: guards, then the routes of the table, then problems. */
import express, { type Express, type NextFunction, type Request, type Response } from 'express'
import type { Logger } from 'pino'
import { BridgeError } from '../bridge-error.js'
import type { Principal } from '../principal.js'
import { toProblem } from '../problems.js'
import type { ApiKeys } from '../store/api-keys.js'
import type { ApiEvent } from './event-log.js'
import { type FailureLimit, makeFailureLimit } from './failure-limit.js'
import {
  allowHosts,
  authenticate,
  markRequest,
  refuseOtherSites,
  refuseWhenStopping,
  requireScope,
} from './guards.js'
import { bodyTypes, type Reply, type Route } from './route.js'

/** Base64 of the largest CTL, twice, and room for the rest. */
const JSON_LIMIT = '3mb'
/** MAX_CTL_BYTES of daemon/ctl. */
const FILE_LIMIT = '1mb'

export interface AppParts {
  readonly routes: readonly Route[]
  readonly keys: ApiKeys
  readonly allowedHosts: readonly string[]
  readonly log: Logger
  readonly now: () => number
  /** Whether the daemon has been told to stop: what is under way ends, nothing new begins. */
  readonly isStopping: () => boolean
}

export function makeApp({ routes, keys, allowedHosts, log, now, isStopping }: AppParts): Express {
  const app = express()
  const failures = makeFailureLimit(10, 60, now)
  app.disable('x-powered-by')
  app.disable('etag')
  app.set('query parser', 'simple')
  app.use(markRequest, allowHosts(allowedHosts), refuseOtherSites, refuseWhenStopping(isStopping))
  for (const route of routes) {
    const path = route.path.replaceAll(/\{(\w+)\}/g, ':$1')
    app[route.method](path, authorise(route, keys, failures), ...readBody(route), answer(route))
  }
  for (const path of new Set(routes.map((route) => route.path))) {
    app.all(path.replaceAll(/\{(\w+)\}/g, ':$1'), (request, response) => {
      const allow = routes.filter((route) => route.path === path).map((route) => route.method.toUpperCase())
      response.set('Allow', allow.join(', '))
      throw new BridgeError('METHOD_NOT_ALLOWED', `${request.method} is not possible here.`)
    })
  }
  app.use(() => {
    throw new BridgeError('NOT_FOUND', 'There is nothing at this path.')
  })
  app.use(sendProblem(log))
  return app
}

function authorise(route: Route, keys: ApiKeys, failures: FailureLimit) {
  return async (request: Request, response: Response, next: NextFunction): Promise<void> => {
    if (route.scope !== undefined) {
      const principal = await authenticate(request, keys, failures)
      requireScope(principal, route.scope)
      response.locals.principal = principal
    }
    next()
  }
}

function readBody(route: Route): express.RequestHandler[] {
  if (route.body === undefined) return []
  const { limit } = route.body
  const types = bodyTypes(route.body)
  const checkType: express.RequestHandler = (request, _response, next) => {
    if (!request.is(types)) {
      throw new BridgeError('MEDIA_TYPE_UNSUPPORTED', `The body must be ${types.join(' or ')}.`, {
        header: 'Content-Type',
      })
    }
    next()
  }
  return [checkType, ...types.map((type) => parserOf(type, limit))]
}

/** A parser leaves a body of another type to the next one. */
function parserOf(type: string, limit: string | undefined): express.RequestHandler {
  return type === 'application/json'
    ? express.json({ limit: limit ?? JSON_LIMIT, inflate: false })
    : express.raw({ type, limit: limit ?? FILE_LIMIT, inflate: false })
}

function answer(route: Route) {
  return async (request: Request, response: Response): Promise<void> => {
    const accepted = request.accepts(route.answers.map((kind) => kind.type))
    if (accepted === false) {
      const types = route.answers.map((kind) => kind.type).join(', ')
      throw new BridgeError('NOT_ACCEPTABLE', `The answer can be ${types}.`, { header: 'Accept' })
    }
    const principal = response.locals.principal as Principal | undefined
    const reply = await route.handle({
      caller: {
        principal: principal ?? { keyId: '', name: '', scopes: [] },
        requestId: response.locals.requestId as string,
        hasLeft: () => response.destroyed,
      },
      params: request.params as Record<string, string>,
      query: checkQuery(route, request.query as Record<string, unknown>),
      headers: request.headers,
      body: checkBody(route, request.body),
      accepted,
    })
    // Nobody would ever end the stream of a client that has left already.
    if (!response.destroyed) send(response, reply)
  }
}

function checkQuery(route: Route, query: Record<string, unknown>): Record<string, string> {
  for (const [name, value] of Object.entries(query)) {
    if (!Object.hasOwn(route.query ?? {}, name) || typeof value !== 'string') {
      throw new BridgeError(
        'BODY_INVALID',
        `Query parameter ${JSON.stringify(name)} is not known or stands twice.`,
      )
    }
  }
  for (const [name, { required }] of Object.entries(route.query ?? {})) {
    if (required && query[name] === undefined) {
      throw new BridgeError('BODY_INVALID', `Query parameter ${name} is missing.`)
    }
  }
  return query as Record<string, string>
}

function checkBody(route: Route, body: unknown): unknown {
  if (Buffer.isBuffer(body)) return body
  // An empty file leaves nothing for the parser.
  const isFile = route.body !== undefined && route.body.type !== 'application/json'
  if (isFile && body === undefined) return new Uint8Array()
  if (route.parse === undefined) return undefined
  const parsed = route.parse.safeParse(body)
  if (parsed.success) return parsed.data
  const issue = parsed.error.issues[0]
  const pointer = `/${(issue?.path ?? []).map(String).join('/')}`
  throw new BridgeError('BODY_INVALID', `${pointer}: ${issue?.message ?? 'wrong'}.`, { pointer })
}

function send(response: Response, reply: Reply): void {
  if ('stream' in reply) {
    streamEvents(response, reply.stream)
    return
  }
  response.set(reply.headers ?? {})
  if ('json' in reply) response.json(reply.json)
  else if ('text' in reply) response.type('text/plain; charset=utf-8').send(reply.text)
  else response.type(reply.type).send(Buffer.from(reply.bytes))
}

/** A comment every 15 s, so that either side notices a dead connection. */
function streamEvents(
  response: Response,
  { log, lastId }: Extract<Reply, { stream: unknown }>['stream'],
): void {
  response.type('text/event-stream').flushHeaders()
  if (response.req.method === 'HEAD') {
    response.end()
    return
  }
  response.write('retry: 2000\n\n')
  const write = (event: ApiEvent) => {
    response.write(`id: ${event.id}\nevent: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`)
    // A client that does not read is let go; it comes back with Last-Event-ID.
    if (response.writableLength > 1_000_000) response.destroy()
  }
  const beat = setInterval(() => response.write(': \n\n'), 15_000)
  const leave = log.subscribe(lastId, write, () => {
    clearInterval(beat)
    response.end()
  })
  response.on('close', () => {
    clearInterval(beat)
    leave()
  })
}

/** Express and its body parsers name their refusals by `type`; their texts may quote the body, so none is kept. */
function ownError(error: unknown): unknown {
  const type = (error as { type?: unknown }).type
  if (type === 'entity.too.large') return new BridgeError('BODY_TOO_LARGE', 'The body is over the limit.')
  if (type === 'entity.parse.failed') return new BridgeError('BODY_INVALID', 'The body is not JSON.')
  if (typeof type === 'string' && /^(encoding|charset|request|entity)\./.test(type)) {
    return new BridgeError('BODY_INVALID', 'The body could not be read as its headers say.')
  }
  if (error instanceof URIError)
    return new BridgeError('NOT_FOUND', 'The path is not valid percent-encoding.')
  return error
}

function sendProblem(log: Logger) {
  return (error: unknown, _request: Request, response: Response, _next: NextFunction): void => {
    const problem = toProblem(ownError(error))
    const requestId = response.locals.requestId as string
    if (problem.code === 'INTERNAL') log.error({ err: error, requestId }, 'request failed')
    if (response.headersSent) {
      response.destroy()
      return
    }
    if (problem.at.retryAfter !== undefined) response.set('Retry-After', String(problem.at.retryAfter))
    if (problem.status === 401) response.set('WWW-Authenticate', 'Bearer')
    response
      .status(problem.status)
      .type('application/problem+json')
      .send(JSON.stringify({ ...problem, requestId }))
  }
}
