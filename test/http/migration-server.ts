/** The routes of migrations behind the real application and listeners, over the double at the port. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { stringify } from 'smol-toml'
import { makeApp } from '../../daemon/http/app.js'
import { EventLog } from '../../daemon/http/event-log.js'
import { makeFailureLimit } from '../../daemon/http/failure-limit.js'
import { Idempotency } from '../../daemon/http/idempotency.js'
import { listen } from '../../daemon/http/listen.js'
import { migrationRoutes } from '../../daemon/http/migration-routes.js'
import { plainRoute, type Route } from '../../daemon/http/route.js'
import type { Scope } from '../../daemon/principal.js'
import { type ScriptedMigrations, scriptMigrations } from './scripted-migrations.js'

export interface MigrationServer extends ScriptedMigrations {
  readonly url: string
  /** For `--config`. */
  readonly settings: string
  readonly folder: string
  readonly events: EventLog
  readonly log: readonly string[]
  close(): Promise<void>
}

const scopesOf: Readonly<Record<string, readonly Scope[]>> = {
  ann: ['read', 'sign', 'operate', 'admin'],
  reader: ['read'],
  custodian: ['read', 'sign'],
}

/** Keys are the names of their owners: `ann` may do everything. `more`: routes that the test answers itself. */
export async function serveMigrations(more: readonly Route[] = []): Promise<MigrationServer> {
  const folder = await mkdtemp(join(tmpdir(), 'ctl-bridge-migrations-'))
  const scripted = scriptMigrations()
  const log: string[] = []
  const events = new EventLog('00', () => new Date())
  const routes = [
    ...migrationRoutes({
      migrations: scripted.migrations,
      idempotency: new Idempotency(() => performance.now()),
      unlockLimit: makeFailureLimit(10, 60, () => performance.now()),
    }),
    eventRoute(events),
    ...more,
  ]
  const keys = {
    find: async (name: string) => {
      const scopes = scopesOf[name]
      return scopes && { keyId: name, name, scopes }
    },
  }
  const app = makeApp({
    routes,
    keys,
    allowedHosts: ['127.0.0.1', 'localhost'],
    log: pino({ level: 'debug' }, { write: (line: string) => log.push(line) }),
    now: () => performance.now(),
    isStopping: () => false,
  })
  const socket = join(folder, 'api.sock')
  const listeners = await listen(app, { socket, port: 0 })
  const settings = join(folder, 'config.toml')
  const state = join(folder, 'state')
  await writeFile(settings, stringify({ http: { socket }, state: { folder: state } }), { mode: 0o600 })
  return {
    ...scripted,
    url: `http://127.0.0.1:${listeners.port}`,
    settings,
    folder,
    events,
    log,
    close: async () => {
      events.end()
      await listeners.close(0)
      await rm(folder, { recursive: true, force: true })
    },
  }
}

const eventRoute = (events: EventLog): Route =>
  plainRoute({
    method: 'get',
    path: '/v1/events',
    id: 'getEvents',
    summary: '',
    scope: 'read',
    answers: [{ type: 'text/event-stream' }],
    problems: [],
    handle: () => ({ stream: { log: events, lastId: undefined } }),
  })
