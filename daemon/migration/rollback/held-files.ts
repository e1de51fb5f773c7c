/**
 * Which CTL files phones may hold by now: what was served before, and what this migration may have had served. A phone
 * fetches whenever it starts, so a file counts from the moment on at which a node may have served it. Pure.
 */
import { sameBytes } from '../../ctl/bytes.js'
import { begunSteps, isDone, type MigrationRecord, startFile, tftpNodes } from '../migration-record.js'
import type { Step } from '../plan/plan.js'
import { makesFiles } from '../runner/action-nature.js'
import type { Situation } from '../situation/situation.js'

export interface HeldFile {
  /** As people call it: `the file from before`. Unique in a list. */
  readonly name: string
  /** `none`: no CTL. `unknown`: there may be such a file, and its bytes are kept nowhere. */
  readonly bytes: Uint8Array | 'none' | 'unknown'
}

/** Names of the artifacts that phones can come to hold. */
export const fileTitles = {
  before: 'the file from before',
  bridge: 'the bridge file',
  new: 'the new file',
} as const

/** `now`: what is served at present, which tells of files that nobody told the journal of. */
export function heldFiles(record: MigrationRecord, now?: Situation): HeldFile[] {
  const earlier =
    record.takenBack === undefined
      ? []
      : heldFiles(record.takenBack).map(({ name, bytes }) => ({
          name: `${name} (migration taken back)`,
          bytes,
        }))
  const known = distinct([...earlier, ...startFiles(record), ...broughtFiles(record)])
  const served = now === undefined ? [] : servedFiles(now)
  const all = distinct([...known, ...served])
  // What the cluster built and nobody kept is told by what it serves now.
  const isShown = all.length > known.length
  const isMissing = buildsOfUnknown(record) && !isShown
  return isMissing ? [...all, { name: 'a file that the cluster built', bytes: 'unknown' }] : all
}

function startFiles(record: MigrationRecord): HeldFile[] {
  const nodes = tftpNodes(record.situation)
  const files = distinct(
    nodes.flatMap((node) => {
      const bytes = startFile(record, node)
      return bytes === undefined ? [] : [{ name: node, bytes }]
    }),
  )
  if (files.length === 0) return [{ name: fileTitles.before, bytes: 'unknown' }]
  return files.map(({ name, bytes }) => {
    if (bytes === 'none') return { name: 'no CTL', bytes }
    return { name: files.length === 1 ? fileTitles.before : `${fileTitles.before} on ${name}`, bytes }
  })
}

function broughtFiles(record: MigrationRecord): HeldFile[] {
  const names = begunSteps(record).flatMap(({ does }) =>
    does.do === 'publish' || does.do === 'keep-served' ? [does.artifact] : [],
  )
  return names.flatMap((artifact) => {
    const bytes = record.files.get(artifact)
    if (bytes === undefined || bytes === 'none') return []
    return [{ name: artifact === 'new' || artifact === 'bridge' ? fileTitles[artifact] : artifact, bytes }]
  })
}

function servedFiles({ nodes }: Situation): HeldFile[] {
  return nodes.flatMap(({ name, ctl }) =>
    ctl !== undefined && 'seen' in ctl && ctl.seen !== 'none'
      ? [{ name: `what ${name} serves now`, bytes: ctl.seen }]
      : [],
  )
}

/**
 * Whether a node may have served a file that the cluster built and that was not kept. It lies on every node from then
 * on until it is overwritten, and is served once Cisco Tftp is restarted (domain: the lab does so as well).
 */
function buildsOfUnknown(record: MigrationRecord): boolean {
  const steps = begunSteps(record)
  return steps.some((step, index) => {
    if (!makesFiles(step.does)) return false
    const later = steps.slice(index + 1)
    if (later.some(({ does }) => does.do === 'keep-served' && record.files.has(does.artifact))) return false
    return later.some(
      ({ does }, place) =>
        does.do === 'restart' &&
        does.service === 'Cisco Tftp' &&
        !isOverwritten(record, later.slice(0, place), does.node),
    )
  })
}

const isOverwritten = (record: MigrationRecord, steps: readonly Step[], node: string): boolean =>
  steps.some(
    (step) =>
      (step.does.do === 'publish' || step.does.do === 'restore-files') &&
      step.does.nodes.includes(node) &&
      isDone(record, step),
  )

/** The first of those with the same bytes. */
function distinct(files: readonly HeldFile[]): HeldFile[] {
  return files.filter(
    (file, index) => !files.slice(0, index).some((other) => isSame(other.bytes, file.bytes)),
  )
}

function isSame(one: HeldFile['bytes'], other: HeldFile['bytes']): boolean {
  if (typeof one === 'string' || typeof other === 'string') return one === other
  return sameBytes(one, other)
}
