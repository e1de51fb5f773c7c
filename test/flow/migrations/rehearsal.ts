/**
 * A rehearsal: a lab with phones, a daemon that carries migrations out, and the people that it waits for. Lab, daemon
 * and people share nothing but sockets and files.
 */
import type { KeyObject } from 'node:crypto'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ExecutionContext } from 'ava'
import { parse, stringify } from 'smol-toml'
import type { MigrationView, StartRequest } from '../../../daemon/migration/desk/migrations.js'
import type { StatementCode } from '../../../daemon/migration/plan/plan.js'
import type { Caller } from '../../../daemon/principal.js'
import type { LabRelease, LabState, TvsPolicy } from '../../../lab/model/lab-cluster.js'
import type { PhoneRecord } from '../../../lab/phones/phone-record.js'
import { type RunningLab, startLab } from '../../../lab/up/start-lab.js'
import { makeSastToken } from '../../../softhsm/sast-token.js'
import { FaultyModule } from '../../drivers/faulty-module.js'
import { HANG_LIMIT } from '../../drivers/temporary-softhsm.js'
import { typingAt } from '../../lab/cli/by-hand.js'
import { pooledKeys } from '../../lab/model/temporary-lab.js'
import type { DeskSettings, KillPoint } from './desk-messages.js'
import { type DeskProcess, startDesk } from './desk-process.js'
import { sha256 } from './files-after.js'
import { gatherPeople, type People } from './people.js'

export interface RehearsalOptions {
  /** Default: 10.5.2. */
  readonly release?: LabRelease
  readonly state?: LabState
  /** Default: 2. */
  readonly nodes?: number
  /** Default: 9, a phone of each model. */
  readonly phones?: number
  readonly tvsPolicy?: TvsPolicy
  /**
   * How a file gets onto the nodes. `both`: the publisher by a folder, the others by a person. Default: directory.
   */
  readonly publishing?: 'directory' | 'guided' | 'both'
  /** What the settings name. Default: all. */
  readonly reach?: { readonly cli?: boolean; readonly axl?: boolean }
  /** Default: a key of the pool. */
  readonly newKey?: (bits: number) => Promise<KeyObject>
  /** Milliseconds that a service takes to start. */
  readonly restartTime?: number
  /** Milliseconds until TVS reads a changed CTL file again. */
  readonly tvsDelay?: number
  readonly killAt?: KillPoint
  /** A token that no file lists is plugged in as well. */
  readonly hasSpare?: boolean
  /** What the id of a step ends with, before which the daemon waits. */
  readonly holdAt?: string
}

export interface Rehearsal {
  readonly t: ExecutionContext
  readonly running: RunningLab
  readonly people: People
  readonly faulty: FaultyModule
  /** Serials; the last was made last. */
  readonly tokens: readonly string[]
  readonly spare?: { readonly serial: string; readonly sha256: string }
  /** The daemon of now. */
  readonly daemon: () => DeskProcess
  /** On the same state folder, after the one before has ended. */
  readonly restartDaemon: (killAt?: KillPoint) => Promise<DeskProcess>
  readonly reports: () => Promise<readonly PhoneRecord[]>
}

/** Who administers and who keeps the tokens. */
export const anna: Caller = {
  principal: { keyId: 'anna', name: 'Anna', scopes: ['read', 'operate', 'sign', 'admin'] },
  requestId: 'rehearsal',
}

export const allStatements: readonly StatementCode[] = [
  'BACKUP_TAKEN',
  'ROLLBACK_PARAMETER_OFF',
  'NOT_FIPS',
  'REPLICATION_HEALTHY',
  'LICENCE_PRESENT',
  'CONSUMERS_INFORMED',
]

/** The lab is up and its phones have booted: they hold what the nodes serve. */
export async function rehearsal(t: ExecutionContext, options: RehearsalOptions = {}): Promise<Rehearsal> {
  const folder = await mkdtemp(join(tmpdir(), 'ctl-bridge-rehearsal-'))
  t.teardown(() => rm(folder, { recursive: true, force: true }))
  const running = await startLab({
    folder: join(folder, 'lab'),
    daemon: undefined,
    onProgress: () => undefined,
    newKey: options.newKey ?? pooledKeys(),
    nodes: options.nodes ?? 2,
    phones: options.phones ?? 9,
    ...(options.release !== undefined && { release: options.release }),
    ...(options.state !== undefined && { state: options.state }),
    ...(options.restartTime !== undefined && { restartTime: options.restartTime }),
    ...(options.tvsDelay !== undefined && { tvsDelay: options.tvsDelay }),
    ...(options.tvsPolicy !== undefined && { tvsPolicy: options.tvsPolicy }),
  })
  t.teardown(() => running.close())
  const { module, tokens } = running.tokens
  if (module === undefined) throw new Error('SoftHSM is not there')
  const spare = options.hasSpare ? await plugSpare(running) : undefined
  const faulty = await FaultyModule.inFrontOf(module, join(folder, 'faulty'))
  await running.phones.reset('all')
  const stateFolder = join(folder, 'state')
  await mkdir(stateFolder, { mode: 0o700 })
  const base: DeskSettings = {
    stateFolder,
    clusters: await settingsFor(running, join(folder, 'clusters.toml'), options),
    modules: [faulty.settings({ deadline: HANG_LIMIT })],
    ...(options.holdAt !== undefined && { holdAt: options.holdAt }),
  }
  const withKill = (killAt: KillPoint | undefined): DeskSettings => ({
    ...base,
    ...(killAt !== undefined && { killAt }),
  })
  let daemon = await startDesk(t, withKill(options.killAt))
  t.teardown(() => daemon.kill())
  return {
    t,
    running,
    people: gatherPeople(running, await typingAt(t, running.lab)),
    faulty,
    tokens: tokens.flatMap(({ serial }) => serial ?? []),
    ...(spare && { spare }),
    daemon: () => daemon,
    restartDaemon: async (killAt) => {
      await daemon.ended
      daemon = await startDesk(t, withKill(killAt))
      return daemon
    },
    reports: async () => (await running.phones.report()).phones,
  }
}

async function plugSpare({ paths }: RunningLab): Promise<NonNullable<Rehearsal['spare']>> {
  const { serial, certificate } = await makeSastToken({ folder: paths.tokens, label: 'Lab SAST spare' })
  return { serial, sha256: sha256(certificate) }
}

interface ClusterTable {
  readonly nodes: readonly { readonly name: string }[]
  readonly axl?: unknown
  readonly cli?: unknown
}

/** The lab's own registration, with the ways of this rehearsal. */
async function settingsFor(
  { lab, paths }: RunningLab,
  file: string,
  { publishing = 'directory', reach = {} }: RehearsalOptions,
): Promise<string> {
  const table = parse(await readFile(paths.clusters, 'utf8')) as unknown as { clusters: ClusterTable[] }
  const clusters = table.clusters.map(({ nodes, axl, cli, ...rest }) => ({
    ...rest,
    ...(reach.axl !== false && { axl }),
    ...(reach.cli !== false && { cli }),
    nodes: nodes.map((node, index) => {
      const isGuided = publishing === 'guided' || (publishing === 'both' && index > 0)
      const disk = lab.nodes.find(({ name }) => name === node.name)?.tftpFolder
      return isGuided ? node : { ...node, publishing: { to: 'directory', folder: disk } }
    }),
  }))
  await writeFile(file, stringify({ clusters }), { mode: 0o600 })
  return file
}

/** Tries publishing on each node, with a person where that is the way. */
export async function probeAll({ running: { lab }, people, daemon }: Rehearsal): Promise<void> {
  for (const { name } of lab.nodes) {
    const { desk } = daemon()
    const report = await desk.probe(anna, lab.name, { node: name })
    if (report.outcome === 'guided') {
      await people.uploadSame(name)
      const { outcome, problem } = await desk.probe(anna, lab.name, { node: name, uploaded: report.kept })
      if (outcome !== 'works-as-said') throw new Error(`the probe of ${name}: ${problem?.detail}`)
    }
  }
}

export async function startMigration(
  { running: { lab }, daemon }: Rehearsal,
  request: Omit<StartRequest, 'cluster' | 'said'>,
): Promise<MigrationView> {
  return await daemon().desk.start(anna, { ...request, cluster: lab.name, said: allStatements })
}
