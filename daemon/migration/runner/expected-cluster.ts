/**
 * What each node may serve, and the mode that the cluster may be in, if nobody but this migration changes it: pure, of
 * plan, situation and journal. What is seen beside it was done by somebody else.
 */
import type { SecurityMode } from '../../cluster/ports.js'
import type { Action, Condition, Plan } from '../plan/plan.js'
import type { Situation } from '../situation/situation.js'
import { makesFiles } from './action-nature.js'
import type { Evidence, Glance } from './eyes.js'
import type { RunEntry } from './run-entry.js'

/** `any` where it was never seen, or the cluster makes the file itself. */
type Allowed<T> = ReadonlySet<T> | 'any'

export interface ExpectedCluster {
  readonly modes: Allowed<SecurityMode>
  /** Lower-case hex SHA-256, or `none`, by node. */
  readonly files: ReadonlyMap<string, Allowed<string>>
}

export type Hashes = Readonly<Record<string, string | undefined>>

export interface KnownHashes {
  /** What each node served when the plan was made. */
  readonly start: Hashes
  /** The same, or of a way back: what each node had before the migration that it takes back. */
  readonly before: Hashes
  /** Of what the migration made, by name. */
  readonly artifacts: Hashes
}

export function expectedCluster(
  { steps }: Plan,
  situation: Situation,
  entries: readonly RunEntry[],
  hashes: KnownHashes,
): ExpectedCluster {
  const nodes = situation.nodes.filter(({ runs }) => runs.includes('tftp')).map(({ name }) => name)
  const one = <T>(value: T | undefined): Allowed<T> => (value === undefined ? 'any' : new Set([value]))
  const state = {
    modes: one('seen' in situation.mode ? situation.mode.seen : undefined) as Allowed<SecurityMode>,
    files: new Map<string, Allowed<string>>(nodes.map((node) => [node, one(hashes.start[node])])),
  }
  for (const { id, does, until } of steps) {
    const own = entries.filter((entry) => entry.step === id)
    const done = own.find((entry) => entry.kind === 'observed' && 'done' in entry.facts)
    if (done === undefined && !own.some(({ kind }) => kind === 'intent')) break
    widen(state, does, hashes)
    const served = done?.kind === 'observed' && 'done' in done.facts ? done.facts.files : undefined
    if (done !== undefined) for (const condition of until) narrow(state, condition, hashes, served ?? {})
  }
  return state
}

interface Growing {
  modes: Allowed<SecurityMode>
  readonly files: Map<string, Allowed<string>>
}

const added = <T>(allowed: Allowed<T> | undefined, value: T): Allowed<T> =>
  allowed === undefined || allowed === 'any' ? 'any' : new Set([...allowed, value])

/** From the intent on, a node may serve the file from before or the one that the step brings. */
function widen(state: Growing, does: Action, { before, artifacts }: KnownHashes): void {
  const all = [...state.files.keys()]
  if (does.do === 'publish') {
    for (const node of does.nodes) {
      const hash = does.artifact === 'before' ? before[node] : artifacts[does.artifact]
      state.files.set(node, hash === undefined ? 'any' : added(state.files.get(node), hash))
    }
  } else if (does.do === 'restore-files') {
    for (const node of does.nodes) state.files.set(node, added(state.files.get(node), before[node] ?? 'none'))
  } else if (does.do === 'delete-stale-ctl') {
    for (const node of does.nodes) state.files.set(node, added(state.files.get(node), 'none'))
  } else if (makesFiles(does)) {
    for (const node of all) state.files.set(node, 'any')
  }
  if (does.do === 'set-mode') state.modes = added(state.modes, does.mode)
}

function narrow(state: Growing, condition: Condition, hashes: KnownHashes, served: Hashes): void {
  const fix = (nodes: readonly string[], hashOf: (node: string) => string | undefined) => {
    for (const node of nodes) {
      const hash = hashOf(node)
      if (hash !== undefined) state.files.set(node, new Set([hash]))
    }
  }
  if (condition.is === 'mode') state.modes = new Set([condition.mode])
  if (condition.is === 'serves-kept') fix(condition.nodes, (node) => hashes.before[node] ?? 'none')
  if (condition.is === 'serves-no-ctl') fix(condition.nodes, () => 'none')
  if (condition.is === 'signed-by') fix(condition.nodes, (node) => served[node])
  if (condition.is !== 'serves') return
  const { what } = condition
  fix(condition.nodes, (node) => (what === 'before' ? hashes.before[node] : hashes.artifacts[what]))
}

const short = (hash: string): string =>
  hash === 'none' ? 'no file' : `a file with SHA-256 ${hash.slice(0, 16)}…`

/** Where what is seen is not what is expected; nothing where it was not seen. */
export function strangeIn({ modes, files }: ExpectedCluster, glance: Glance): Evidence[] {
  const strange: Evidence[] = []
  if ('seen' in glance.mode && modes !== 'any' && !modes.has(glance.mode.seen)) {
    strange.push({ text: `the mode is ${glance.mode.seen}, not ${[...modes].join(' or ')}` })
  }
  for (const [node, allowed] of files) {
    const file = glance.files[node]
    if (file === undefined || !('seen' in file) || allowed === 'any' || allowed.has(file.seen)) continue
    const expected = [...allowed].map(short).join(' or ')
    strange.push({ node, text: `serves ${short(file.seen)}, not ${expected}` })
  }
  return strange
}
