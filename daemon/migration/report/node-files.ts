/** What each node served before and was last seen to serve. Pure, of the journal: nothing is asked of a node. */
import { begunSteps, isDone, type MigrationRecord, startFile, tftpNodes } from '../migration-record.js'
import { sha256 } from '../plan/ground.js'
import type { Action, Condition, Step } from '../plan/plan.js'
import { beforeName } from '../runner/artifact-names.js'
import type { RunEntry } from '../runner/run-entry.js'
import { fileState } from './file-facts.js'
import type { FileState, NodeFiles } from './report.js'

const CTL = 'CTLFile.tlv'
const ITL = 'ITLFile.tlv'

export function nodeFiles(record: MigrationRecord): NodeFiles[] {
  return tftpNodes(record.situation).flatMap((node) => [ctlOf(record, node), ...itlOf(record, node)])
}

function ctlOf(record: MigrationRecord, node: string): NodeFiles {
  const { situation } = record
  const start = startFile(record, node)
  let after: NodeFiles['after']
  let unseenSince: string | undefined
  for (const step of begunSteps(record)) {
    if (mayChange(step.does, node)) unseenSince ??= step.id
    const entry = isDone(record, step) ? doneEntry(record, step) : undefined
    const file = entry && seenAt(record, step, entry, node)
    if (entry === undefined || file === undefined) continue
    after = { file, step: step.id, at: entry.at }
    unseenSince = undefined
  }
  return {
    node,
    file: CTL,
    before: start === undefined ? undefined : fileState(start, situation),
    ...(after !== undefined && { after }),
    ...(unseenSince !== undefined && { unseenSince }),
  }
}

/** Migrations write no ITL; it is kept because what phones do rests on it. */
function itlOf({ files, situation }: MigrationRecord, node: string): NodeFiles[] {
  const kept = files.get(beforeName(node, ITL))
  return kept === undefined ? [] : [{ node, file: ITL, before: fileState(kept, situation) }]
}

function mayChange(action: Action, node: string): boolean {
  switch (action.do) {
    case 'publish':
    case 'restore-files':
      return action.nodes.includes(node)
    case 'set-mode':
    case 'update-ctl-file':
    case 'reset-local-key':
    case 'delete-stale-ctl':
      return true
    default:
      return false
  }
}

type DoneEntry = RunEntry & { readonly kind: 'observed' }

const doneEntry = ({ entries }: MigrationRecord, step: Step): DoneEntry | undefined =>
  entries.find(
    (entry): entry is DoneEntry =>
      entry.step === step.id && entry.kind === 'observed' && 'done' in entry.facts,
  )

function seenAt(
  record: MigrationRecord,
  { until }: Step,
  { facts }: DoneEntry,
  node: string,
): FileState | undefined {
  for (const condition of until) {
    const bytes = bytesOf(record, condition, node)
    if (bytes !== undefined) return fileState(bytes, record.situation)
  }
  const sum = 'done' in facts ? facts.files?.[node] : undefined
  return sum === undefined ? undefined : bySum(record, sum)
}

function bytesOf(
  record: MigrationRecord,
  condition: Condition,
  node: string,
): Uint8Array | 'none' | undefined {
  if (!('nodes' in condition) || !condition.nodes.includes(node)) return undefined
  const before = () => startFile(record.takenBack ?? record, node)
  if (condition.is === 'serves-kept') return before()
  if (condition.is === 'serves-no-ctl') return 'none'
  if (condition.is !== 'serves') return undefined
  return condition.what === 'before' ? before() : record.files.get(condition.what)
}

/** Of a file that the cluster built the journal notes the hash; its bytes may be kept under a name. */
function bySum({ files, situation }: MigrationRecord, sum: string): FileState {
  if (sum === 'none') return 'none'
  const bytes = [...files.values()].find((file) => file !== 'none' && sha256(file) === sum)
  return bytes === undefined || bytes === 'none' ? { sha256: sum } : fileState(bytes, situation)
}
