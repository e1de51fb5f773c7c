/** The composition root: knows everybody, and nobody knows it but `cli/daemon/run-serve.ts`. */
import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { destination, type Logger, pino } from 'pino'
import { installedModules } from '../drivers/known-modules.js'
import { openModule } from '../drivers/pkcs11/pkcs11-client.js'
import { openProvisioner } from '../drivers/pkcs11/pkcs11-provisioner.js'
import { UsbHints } from '../drivers/usb/usb-hints.js'
import { ClusterDesk } from './cluster/cluster-desk.js'
import { openClusterSettings } from './cluster/configuration/cluster-settings.js'
import { readSecret } from './cluster/configuration/read-secret.js'
import { openCluster } from './cluster/open-cluster.js'
import { publishingParts } from './cluster/publishing-parts.js'
import type { Config } from './config.js'
import { makeApp } from './http/app.js'
import { EventLog } from './http/event-log.js'
import { makeFailureLimit } from './http/failure-limit.js'
import { Idempotency } from './http/idempotency.js'
import { takeInheritedSocket } from './http/inherited-socket.js'
import { listen, refuseServedSocket } from './http/listen.js'
import { makeRoutes } from './http/routes.js'
import { type MigrationDesk, makeMigrations } from './migration/desk/migration-desk.js'
import type { MigrationEvent } from './migration/runner/migration-event.js'
import { chooseModules } from './modules.js'
import { openApiKeys } from './store/api-keys.js'
import { auditTable } from './store/audit-table.js'
import { openDatabase, type StoreDatabase, storeFile } from './store/database.js'
import { lastFormerSequence } from './store/former-audit.js'
import { migrationTable } from './store/migration-table.js'
import { pinAttemptTable } from './store/pin-attempt-table.js'
import { openPinFingerprints } from './store/pin-fingerprint.js'
import { publishedFileTable } from './store/published-file-table.js'
import { publishingProbeTable } from './store/publishing-probe-table.js'
import { signingRequestTable } from './store/signing-request-table.js'
import { prepareStateFolder } from './store/state-folder.js'
import { tokenTable } from './store/token-table.js'
import { PinGuard } from './tokens/pin-guard.js'
import { TokenProvisioning } from './tokens/token-provisioning.js'
import { Tokens } from './tokens/tokens.js'
import { readCertificate } from './trust/certificate/certificate.js'
import { version } from './version.js'

export interface RunningDaemon {
  readonly socket: string
  readonly port: number
  /** Resolves when every module was looked at once. */
  readonly ready: Promise<void>
  /** Lets requests in flight end, locks every token, ends every child process. */
  stop(): Promise<void>
}

/** Milliseconds that requests in flight get when the daemon stops. */
const GRACE = 5_000

/** Milliseconds that a file on its way to a cluster gets, after everybody has left; the unit ends the daemon after 20 s. */
const WRITE_GRACE = 10_000

const now = (): Date => new Date()

/** Milliseconds for what must last as long as it says although somebody sets the clock. */
const monotonic = (): number => performance.now()

/** Listens first, so that a second daemon is refused before it touches a token, then looks for tokens. */
export async function startDaemon(config: Config): Promise<RunningDaemon> {
  const output = destination({ fd: 2, sync: true })
  // A log that cannot be written (a full disk) must not end the daemon; the audit log is another file.
  output.on('error', () => undefined)
  const log = pino({ level: config.logLevel, base: null }, output)
  await prepareStateFolder(config.stateFolder)
  const keys = await openApiKeys(config.stateFolder, now)
  // Of two daemons the second is told of the first, not of the store that is locked.
  const inherited = takeInheritedSocket(process.env, process.pid)
  if (inherited === undefined) await refuseServedSocket(config.socket)
  const store = await openDatabase(storeFile(config.stateFolder))
  const audit = auditTable(store, now, await lastFormerSequence(config.stateFolder))
  let stopping = false
  const boot = randomBytes(4).toString('hex')
  const events = new EventLog(boot, now)
  const modules = chooseModules(config.modules, installedModules)
  const tokens = new Tokens({
    modules: modules.map(openModule),
    readCertificate,
    audit,
    memory: tokenTable(store, now),
    guard: await openGuard(store, config.stateFolder, log),
    signDeadline: config.signDeadline,
    onEvent: ({ type, data }) => {
      log.info({ event: type, ...data }, type)
      events.publish(type, data)
    },
    onForgotten: (error) => log.warn({ err: error }, 'a token could not be remembered'),
  })
  const usb = new UsbHints({ onHint: () => void tokens.rescan() })
  const provisioners = new Map(modules.map((module) => [module.name, openProvisioner(module)]))
  const clusters = new ClusterDesk({
    settings: openClusterSettings(config.clusters),
    open: (cluster) => openCluster(cluster, (secret) => readSecret(secret, process.env)),
  })
  const published = publishedFileTable(store, now)
  const probes = publishingProbeTable(store, now)
  const publishingStore = { published, probes, audit, env: process.env }
  const onUnexpected = (error: unknown) => log.error({ err: error }, 'a question to a node failed')
  const migrations = makeMigrations({
    ...publishingStore,
    clusters,
    tokens,
    journal: migrationTable(store, now),
    now,
    onUnexpected,
    onEvent: (event) => {
      logMigration(log, event)
      events.publish(event.type, { ...event.data })
    },
  })
  lookWhenSomethingHappens(events, migrations)
  const routes = makeRoutes({
    tokens,
    clusters,
    migrations,
    published,
    probes,
    publishing: (opened) => publishingParts(opened, publishingStore),
    onUnexpected,
    provisioning: new TokenProvisioning({ tokens, provisioners, now }),
    usb: () => usb.status(),
    audit,
    history: audit,
    requests: signingRequestTable(store, now),
    events,
    unlockLimit: makeFailureLimit(10, 60, monotonic),
    idempotency: new Idempotency(monotonic),
    boot,
    startedAt: now(),
    version,
    now,
  })
  const app = makeApp({
    routes,
    keys,
    allowedHosts: config.allowedHosts,
    log,
    now: monotonic,
    isStopping: () => stopping,
  })
  const listeners = await listen(app, config, inherited)
  const ready = tokens.start().then(async () => {
    usb.start()
    if (stopping) return
    await migrations
      .begin()
      .catch((error: unknown) => log.error({ err: error }, 'the open migrations could not be read'))
    log.info({ socket: listeners.socket, port: listeners.port, boot, version }, 'ready')
  })
  return {
    socket: listeners.socket,
    port: listeners.port,
    ready,
    async stop() {
      stopping = true
      events.end()
      await listeners.close(GRACE)
      // A write that nobody waits for any more is not cut short. What a migration was doing then is found in doubt.
      const settled = migrations.halt().then(() => clusters.settled())
      await Promise.race([settled, sleep(WRITE_GRACE, undefined, { ref: false })])
      const provisioning = [...provisioners.values()].map((provisioner) => provisioner.close())
      await Promise.all([tokens.close(), usb.close(), ...provisioning])
      await store.close()
      log.info('stopped')
    },
  }
}

/** Facts of an entry may be long; they are in the journal. */
function logMigration(log: Logger, { type, data }: MigrationEvent): void {
  const { migration, cluster } = data
  if (type === 'migration.broken') log.error({ event: type, ...data }, type)
  else if (type === 'migration.entry') {
    log.info({ event: type, migration, cluster, step: data.step, kind: data.kind }, type)
  } else if (type === 'migration.state') log.info({ event: type, ...data }, type)
}

/** What a migration waits for comes by hands that know nothing of it. */
function lookWhenSomethingHappens(events: EventLog, migrations: MigrationDesk): void {
  const look = ({ type }: { readonly type: string }) => {
    if (type.startsWith('token.') || type === 'cluster.probed') migrations.lookAgain()
  }
  events.subscribe(undefined, look, () => undefined)
}

async function openGuard(store: StoreDatabase, stateFolder: string, log: Logger): Promise<PinGuard> {
  const { attempts, interrupted } = await pinAttemptTable(store, now)
  if (interrupted > 0) log.warn({ interrupted }, 'PIN tries were interrupted; each counts as one')
  return new PinGuard({ attempts, fingerprint: await openPinFingerprints(stateFolder) })
}
