/** The route table. Handlers translate between HTTP and the use cases and do nothing else. */
import { signCtlFile } from '../signing/sign-ctl-file.js'
import { acceptanceRoute } from './acceptance-route.js'
import { auditRoutes } from './audit-routes.js'
import { clusterRoutes } from './cluster-routes.js'
import { configurationRoutes } from './configuration-routes.js'
import { ctlRoutes } from './ctl-routes.js'
import { migrationRoutes } from './migration-routes.js'
import { moduleJson } from './module-json.js'
import { makeOpenApi } from './openapi.js'
import { provisionRoutes } from './provision-routes.js'
import { publishingRoutes } from './publishing-routes.js'
import { plainRoute, type Route } from './route.js'
import type { RouteParts } from './route-parts.js'
import { signingRequestRoutes } from './signing-request-routes.js'
import { tokenRoutes } from './token-routes.js'

export function makeRoutes(parts: RouteParts): readonly Route[] {
  const routes: Route[] = [
    ...statusRoutes(parts),
    ...tokenRoutes(parts),
    ...provisionRoutes(parts),
    ...auditRoutes(parts),
    ...ctlRoutes(parts, (caller, request) => signCtlFile(parts, caller, request)),
    ...configurationRoutes(parts),
    ...signingRequestRoutes(parts),
    ...clusterRoutes(parts),
    ...publishingRoutes(parts),
    ...migrationRoutes(parts),
    acceptanceRoute(),
  ]
  routes.push(
    plainRoute({
      method: 'get',
      path: '/v1/openapi.json',
      id: 'getOpenApi',
      summary: 'This description of the API',
      scope: 'read',
      answers: [{ type: 'application/json' }],
      problems: [],
      handle: () => ({ json: makeOpenApi(routes, parts.version) }),
    }),
  )
  return routes
}

function statusRoutes({ tokens, usb, events, boot, startedAt, version }: RouteParts): Route[] {
  return [
    plainRoute({
      method: 'get',
      path: '/v1/status',
      id: 'getStatus',
      summary: 'The daemon, its modules, and the key that asks',
      scope: 'read',
      answers: [{ type: 'application/json', schema: 'Status' }],
      problems: [],
      handle: ({ caller: { principal } }) => {
        return {
          json: {
            name: 'ctl-bridge',
            version,
            boot,
            startedAt: startedAt.toISOString(),
            tokens: tokens.list().filter((token) => token.state !== 'absent').length,
            modules: tokens.modules().map(moduleJson),
            usb: usb(),
            key: principal,
          },
        }
      },
    }),
    plainRoute({
      method: 'get',
      path: '/healthz',
      id: 'getHealth',
      summary: 'Whether the daemon answers; needs no key',
      scope: undefined,
      answers: [{ type: 'text/plain' }],
      problems: [],
      handle: () => ({ text: 'ok\n' }),
    }),
    plainRoute({
      method: 'get',
      path: '/v1/events',
      id: 'getEvents',
      summary: 'Everything that changes, as server-sent events',
      description: 'Send Last-Event-ID to go on after an event; `resync` says that the past is gone.',
      scope: 'read',
      answers: [{ type: 'text/event-stream', schema: 'Event' }],
      problems: [],
      handle: ({ headers }) => {
        const lastId = headers['last-event-id']
        return { stream: { log: events, lastId: typeof lastId === 'string' ? lastId : undefined } }
      },
    }),
  ]
}
