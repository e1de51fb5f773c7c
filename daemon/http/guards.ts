/** What every request passes before a route sees it: host, origin, key, scope. */
import { randomUUID } from 'node:crypto'
import type { NextFunction, Request, RequestHandler, Response } from 'express'
import { BridgeError } from '../bridge-error.js'
import type { Principal, Scope } from '../principal.js'
import type { ApiKeys } from '../store/api-keys.js'
import type { FailureLimit } from './failure-limit.js'

/** A request id for logs and the audit log, and headers that forbid every use as a web page. */
export function markRequest(_request: Request, response: Response, next: NextFunction): void {
  response.locals.requestId = randomUUID()
  response.set({
    'X-Request-Id': response.locals.requestId,
    'Cache-Control': 'no-store',
    'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'",
    'Cross-Origin-Resource-Policy': 'same-origin',
    'Referrer-Policy': 'no-referrer',
    'X-Content-Type-Options': 'nosniff',
  })
  next()
}

/** The command and programs on this machine use these; a setting cannot lock them out. */
const OWN_NAMES = ['localhost', '127.0.0.1']

/**
 * Refuses host names that were not allowed: a web page of `evil.example` that makes its name point to
 * 127.0.0.1 (DNS rebinding) still sends its own name in Host.
 */
export function allowHosts(allowed: readonly string[]): RequestHandler {
  const names = new Set([...OWN_NAMES, ...allowed].map((name) => name.toLowerCase()))
  return (request, _response, next) => {
    const name = (request.headers.host ?? '').toLowerCase().replace(/:\d*$/, '')
    if (!names.has(name)) throw new BridgeError('HOST_REFUSED', `Host ${JSON.stringify(name)} is not served.`)
    next()
  }
}

/** Browsers say where a request comes from; other sites have no business here. */
export function refuseOtherSites(request: Request, _response: Response, next: NextFunction): void {
  const { origin, host } = request.headers
  const site = request.headers['sec-fetch-site']
  const ownOrigin = origin === undefined || origin === `http://${host}`
  const ownSite = site === undefined || site === 'same-origin' || site === 'none'
  if (!ownOrigin || !ownSite) throw new BridgeError('ORIGIN_REFUSED', 'The request comes from another site.')
  next()
}

/** A connection that is kept alive may bring requests after the listeners have closed. */
export function refuseWhenStopping(isStopping: () => boolean): RequestHandler {
  return (_request, response, next) => {
    if (!isStopping()) return next()
    response.set('Connection', 'close')
    throw new BridgeError('STOPPING', 'The daemon takes no new requests.')
  }
}

/** Finds the key's owner. Failures are counted: a good key passes always, a wrong one soon waits. */
export async function authenticate(
  request: Request,
  keys: ApiKeys,
  failures: FailureLimit,
): Promise<Principal> {
  const [, key] = /^Bearer ([\x21-\x7e]{1,256})$/.exec(request.headers.authorization ?? '') ?? []
  if (key === undefined) throw new BridgeError('KEY_MISSING', 'The request has no bearer key.')
  const principal = await keys.find(key)
  if (principal !== undefined) return principal
  failures.refuse('key')
  failures.count('key')
  throw new BridgeError('KEY_REJECTED', 'The key is not one of this daemon.')
}

export function requireScope(principal: Principal, scope: Scope): void {
  if (principal.scopes.includes(scope)) return
  throw new BridgeError('SCOPE_MISSING', `The key ${principal.name} lacks the scope ${scope}.`, { scope })
}
