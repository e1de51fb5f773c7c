/** Does the action of a step: the intent is on disk before, the outcome after. */
import { BridgeError } from '../../bridge-error.js'
import type { Principal } from '../../principal.js'
import { problems, toProblem } from '../../problems.js'
import { beforeName } from './artifact-names.js'
import { begin } from './needs.js'
import type { FactsOf } from './run-entry.js'
import { contextOf, on, type Turn, type TurnAt } from './run-parts.js'
import { stepKeyId } from './step-principal.js'
import { tokenRow } from './token-row.js'

/** Nothing reached the token; the step waits for it again. */
const tokenGone = ['TOKEN_LOCKED', 'TOKEN_REMOVED', 'TOKEN_IN_USE']

export function act(turn: TurnAt): Promise<Turn> {
  return begin(turn, async ({ marks }) => {
    const { step, migration, signal, write } = turn
    let principal = onBehalf(turn)
    if (step.does.do === 'sign') {
      const { row, holder } = await tokenRow(turn, step.does.token)
      if (holder === undefined) return { is: 'wait', for: [row] }
      principal = { keyId: stepKeyId(migration, step.id), name: holder, scopes: ['sign'] }
    }
    const missing = await missingCopy(turn)
    if (missing !== undefined) return { is: 'stop', error: missing }
    if (signal.aborted) return on
    // Refused when somebody stopped the migration meanwhile: then nothing is done.
    if (!(await write({ kind: 'intent', facts: { marks } }, { state: 'running', guarded: true }))) return on
    const facts = await perform(turn, principal)
    const isStop = facts.result === 'failed' && !facts.goesOn
    await write({ kind: 'outcome', facts }, { guarded: false, ...(isStop && { state: 'stopped' }) })
    return on
  })
}

async function perform(turn: TurnAt, principal: Principal): Promise<FactsOf<'outcome'>> {
  const { parts, step, migration, stand } = turn
  const context = {
    ...contextOf(turn),
    caller: { principal, requestId: `migration-${migration}-${stand.last + 1}` },
    keep: (name: string, bytes: Uint8Array | 'none') => parts.journal.keep(migration, name, bytes),
  }
  try {
    const { lines } = await parts.hands.act(step.does, context)
    return { result: 'done', lines: [...lines] }
  } catch (error) {
    const { code, detail, at } = toProblem(error)
    // What is not one of our errors says nothing about how far it came.
    if (code === 'NODE_OUTCOME_UNKNOWN' || code === 'INTERNAL') return { result: 'unknown', code, detail, at }
    const goesOn = step.does.do === 'sign' && tokenGone.includes(code)
    return { result: 'failed', code, detail, remedy: problems[code].remedy, at, goesOn }
  }
}

/** Whoever started or resumed it last. */
function onBehalf({ entries, startedBy }: TurnAt): Principal {
  const last = entries.findLast(
    ({ kind, facts }) => kind === 'resumed' && 'by' in facts && facts.by === 'person',
  )
  const { keyId, name } = last?.principal ?? startedBy
  return { keyId, name, scopes: ['operate'] }
}

async function missingCopy({ parts, migration, step }: TurnAt): Promise<BridgeError | undefined> {
  if (step.does.do !== 'publish') return undefined
  const kept = new Set((await parts.journal.artifacts(migration)).map(({ name }) => name))
  const node = step.does.nodes.find((name) => !kept.has(beforeName(name)))
  if (node === undefined) return undefined
  const detail = `What ${node} had before is not kept, so “${step.title}” is not begun.`
  return new BridgeError('MIGRATION_NO_COPY', detail, { node, step: step.id })
}
