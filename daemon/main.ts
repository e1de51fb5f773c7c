/** The composition root: knows everybody, and nobody knows it but `cli/run-serve.ts`. */
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { destination, pino } from 'pino'
import { installedModules } from '../drivers/known-modules.js'
import { openModule } from '../drivers/pkcs11/pkcs11-client.js'
import type { Config } from './config.js'
import { makeApp } from './http/app.js'
import { EventLog } from './http/event-log.js'
import { makeFailureLimit } from './http/failure-limit.js'
import { Idempotency } from './http/idempotency.js'
import { takeInheritedSocket } from './http/inherited-socket.js'
import { listen } from './http/listen.js'
import { makeRoutes } from './http/routes.js'
import { chooseModules } from './modules.js'
import { openApiKeys } from './store/api-keys.js'
import { openJsonLinesAudit } from './store/json-lines-audit.js'
import { prepareStateFolder } from './store/state-folder.js'
import { Tokens } from './tokens/tokens.js'
import { readCertificate } from './trust/certificate.js'
import { version } from './version.js'

export interface RunningDaemon {
  readonly socket: string
  readonly port: number
  /** Lets requests in flight end, locks every token, ends every child process. */
  stop(): Promise<void>
}

/** Milliseconds that requests in flight get when the daemon stops. */
const GRACE = 5_000

const now = (): Date => new Date()

/** Listens first, so that a second daemon is refused before it touches a token, then looks for tokens. */
export async function startDaemon(config: Config): Promise<RunningDaemon> {
  const log = pino({ level: config.logLevel, base: null }, destination({ fd: 2, sync: true }))
  await prepareStateFolder(config.stateFolder)
  const keys = await openApiKeys(config.stateFolder, now)
  const audit = await openJsonLinesAudit(join(config.stateFolder, 'audit.jsonl'), now)
  const boot = randomBytes(4).toString('hex')
  const events = new EventLog(boot, now)
  const tokens = new Tokens({
    modules: chooseModules(config.modules, installedModules).map(openModule),
    readCertificate,
    audit,
    signDeadline: config.signDeadline,
    onEvent: ({ type, data }) => {
      log.info({ event: type, ...data }, type)
      events.publish(type, data)
    },
  })
  const routes = makeRoutes({
    tokens,
    audit,
    events,
    unlockLimit: makeFailureLimit(10, 60, Date.now),
    idempotency: new Idempotency(Date.now),
    boot,
    startedAt: now(),
    version,
    now,
  })
  const app = makeApp({ routes, keys, allowedHosts: config.allowedHosts, log, now: Date.now })
  const listeners = await listen(app, config, takeInheritedSocket(process.env, process.pid))
  await tokens.start()
  log.info({ socket: listeners.socket, port: listeners.port, boot, version }, 'ready')
  return {
    socket: listeners.socket,
    port: listeners.port,
    async stop() {
      events.end()
      await listeners.close(GRACE)
      await tokens.close()
      log.info('stopped')
    },
  }
}
