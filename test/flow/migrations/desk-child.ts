/** The daemon of a rehearsal: store, tokens, clusters and migrations as `main.ts` puts them together, without HTTP. */

import { ClusterDesk } from '../../../daemon/cluster/cluster-desk.js'
import { openClusterSettings } from '../../../daemon/cluster/configuration/cluster-settings.js'
import { readSecret } from '../../../daemon/cluster/configuration/read-secret.js'
import { openCluster } from '../../../daemon/cluster/open-cluster.js'
import { probe } from '../../../daemon/cluster/publishing/probe.js'
import type { ProbeRequest } from '../../../daemon/cluster/publishing/publishing.js'
import { publishingParts } from '../../../daemon/cluster/publishing-parts.js'
import { makeMigrations } from '../../../daemon/migration/desk/migration-desk.js'
import type { Caller } from '../../../daemon/principal.js'
import { toProblem } from '../../../daemon/problems.js'
import { auditTable } from '../../../daemon/store/audit-table.js'
import { openDatabase, storeFile } from '../../../daemon/store/database.js'
import { lastFormerSequence } from '../../../daemon/store/former-audit.js'
import type { MigrationJournal } from '../../../daemon/store/migration-journal.js'
import { migrationTable } from '../../../daemon/store/migration-table.js'
import { pinAttemptTable } from '../../../daemon/store/pin-attempt-table.js'
import { openPinFingerprints } from '../../../daemon/store/pin-fingerprint.js'
import { publishedFileTable } from '../../../daemon/store/published-file-table.js'
import { publishingProbeTable } from '../../../daemon/store/publishing-probe-table.js'
import { tokenTable } from '../../../daemon/store/token-table.js'
import { PinGuard } from '../../../daemon/tokens/pin-guard.js'
import { Tokens } from '../../../daemon/tokens/tokens.js'
import { readCertificate } from '../../../daemon/trust/certificate/certificate.js'
import { openModule } from '../../../drivers/pkcs11/pkcs11-client.js'
import type { DeskReply, DeskRequest, DeskSettings, KillPoint } from './desk-messages.js'

const settings: DeskSettings = JSON.parse(process.argv[2] ?? '')
const now = (): Date => new Date()
const reply = (message: DeskReply): void => void process.send?.(message)

/** Whoever started this one is gone. */
process.once('disconnect', () => process.kill(process.pid, 'SIGKILL'))

const store = await openDatabase(storeFile(settings.stateFolder))
const audit = auditTable(store, now, await lastFormerSequence(settings.stateFolder))
const { attempts } = await pinAttemptTable(store, now)
const tokens = new Tokens({
  modules: settings.modules.map(openModule),
  readCertificate,
  audit,
  memory: tokenTable(store, now),
  guard: new PinGuard({ attempts, fingerprint: await openPinFingerprints(settings.stateFolder) }),
  signDeadline: 20_000,
  onEvent: () => migrations.lookAgain(),
  onForgotten: () => undefined,
})
const clusters = new ClusterDesk({
  settings: openClusterSettings({ file: settings.clusters, isNamed: true, lab: `${settings.clusters}.lab` }),
  open: (cluster) => openCluster(cluster, (secret) => readSecret(secret, process.env)),
})
const published = publishedFileTable(store, now)
const probes = publishingProbeTable(store, now)
let release = (): void => undefined
const journal = holding(killing(migrationTable(store, now), settings.killAt), settings.holdAt)

const migrations = makeMigrations({
  clusters,
  tokens,
  journal,
  published,
  probes,
  audit,
  env: process.env,
  now,
  onEvent: () => undefined,
  onUnexpected: tellUnexpected,
  pace: { first: 50, most: 500, looks: 5 },
})

const methods: Record<string, (...args: never[]) => unknown> = {
  ...migrations,
  probe: (caller: Caller, cluster: string, request: ProbeRequest) =>
    clusters.change(cluster, 'probe', (opened) =>
      probe({ ...publishingParts(opened, { published, probes, audit, env: process.env }) }, caller, request),
    ),
  journal: (id: string) => journal.entries(id),
  release: () => release(),
  close: async () => {
    await migrations.halt()
    await tokens.close()
    await store.close()
  },
}

/** Nothing of the kind is to be expected here. */
function tellUnexpected(error: unknown): void {
  process.stderr.write(`${error instanceof Error ? error.stack : error}\n`)
}

/** The process ends, as with kill -9, when this entry is about to be written, or is on disk. */
function killing(table: MigrationJournal, point: KillPoint | undefined): MigrationJournal {
  const die = async (): Promise<never> => {
    process.kill(process.pid, 'SIGKILL')
    return await new Promise<never>(() => undefined)
  }
  return {
    ...table,
    append: async (id, entry, options) => {
      const isPoint =
        point !== undefined && entry.step?.endsWith(point.step) === true && entry.kind === point.entry
      if (isPoint && point.when === 'before') await die()
      const written = await table.append(id, entry, options)
      if (isPoint && written !== undefined) await die()
      return written
    },
  }
}

/** Waits once before the intent of the step is written. */
function holding(table: MigrationJournal, step: string | undefined): MigrationJournal {
  let isOver = step === undefined
  return {
    ...table,
    append: async (id, entry, options) => {
      if (!isOver && entry.kind === 'intent' && entry.step?.endsWith(step ?? '') === true) {
        isOver = true
        reply({ isHeld: true })
        await new Promise<void>((resolve) => {
          release = resolve
        })
      }
      return await table.append(id, entry, options)
    },
  }
}

process.on('message', ({ id, method, args }: DeskRequest) => {
  const work = methods[method]
  if (work === undefined) throw new Error(`there is no ${method}`)
  Promise.resolve(work(...(args as never[]))).then(
    (result) => reply({ id, result }),
    (error: unknown) => {
      const { code, detail, at } = toProblem(error)
      if (code === 'INTERNAL') tellUnexpected(error)
      reply({ id, problem: { code, detail, at } })
    },
  )
})
await tokens.start()
await migrations.begin()
reply({ isReady: true })
