/** One turn of a migration: looks, and does one thing, or says what it waits for or why it stops. */
import { BridgeError } from '../../bridge-error.js'
import { act } from './act.js'
import { actionNatures, onlyWaits } from './action-nature.js'
import { atHardStop } from './at-hard-stop.js'
import { allHold, lookAt, open, rowsOf } from './look.js'
import { markDone } from './mark-done.js'
import { begin } from './needs.js'
import type { SeenRow } from './run-entry.js'
import { on, type Turn, type TurnAt } from './run-parts.js'
import { mayAct } from './stand-of.js'

export async function takeTurn(turn: TurnAt): Promise<Turn> {
  const { step, stand } = turn
  if (stand.phase === 'new' && (step.actor === 'person' || onlyWaits(step.does))) return tell(turn)
  if (stand.phase === 'told') return step.does.do === 'hard-stop' ? atHardStop(turn) : awaitEffect(turn)
  if (stand.phase === 'acted') return awaitEffect(turn)
  if (stand.phase === 'in-doubt') return inDoubt(turn)
  const there = await effectThere(turn)
  return there === undefined ? act(turn) : markDone(turn, there, true)
}

/** A person's step, or one that only waits. What is there already need not be asked for. */
async function tell(turn: TurnAt): Promise<Turn> {
  const { does } = turn.step
  const there = onlyWaits(does) ? undefined : await effectThere(turn)
  if (there !== undefined) return markDone(turn, there, true)
  return begin(turn, async ({ marks }) => {
    await turn.write({ kind: 'intent', facts: { marks } }, { state: 'running', guarded: true })
    return on
  })
}

/** What is seen of the effect that the step is there for, when all of it holds and doing it would do nothing. */
async function effectThere(turn: TurnAt): Promise<SeenRow[] | undefined> {
  const { step, stand, parts, migration } = turn
  const { does, until } = step
  if (does.do === 'compose' || does.do === 'sign') {
    const isKept = (await parts.journal.artifact(migration, does.artifact)) !== undefined
    return isKept ? [{ what: `${does.artifact} is kept`, holds: true, evidence: [] }] : undefined
  }
  const isEvent = actionNatures[does.do].effect === 'event'
  // Of an event only a mark tells, and marks are there after the first try alone.
  if (until.length === 0 || (isEvent && stand.phase === 'new')) return undefined
  const rows = rowsOf(await lookAt(turn, until, isEvent ? 'in-doubt' : 'before'))
  return allHold(rows) ? rows : undefined
}

async function awaitEffect(turn: TurnAt): Promise<Turn> {
  const { step, stand } = turn
  const isEvent = actionNatures[step.does.do].effect === 'event'
  // That a person did it is seen, or it is not known: there is no outcome to go by.
  const rows = rowsOf(
    await lookAt(turn, conditionsOf(turn), stand.phase === 'told' && isEvent ? 'in-doubt' : 'after'),
  )
  const lost = rows.find(({ never }) => never !== undefined)
  if (lost !== undefined) return { is: 'stop', error: refused(turn, lost) }
  return allHold(rows) ? markDone(turn, rows, false) : { is: 'wait', for: open(rows) }
}

function conditionsOf({ step }: TurnAt): TurnAt['step']['until'] {
  const { does, until } = step
  if (does.do !== 'confirm' || until.some(({ is }) => is === 'said')) return until
  return [...until, { is: 'said', statement: does.statement }]
}

const refused = ({ step }: TurnAt, { what, never }: SeenRow): BridgeError =>
  new BridgeError('MIGRATION_EFFECT_REFUSED', `Awaited: ${what}. ${never}`, { step: step.id })

/** It was possibly sent. What is seen decides; where that does not, a person does. */
async function inDoubt(turn: TurnAt): Promise<Turn> {
  const { step, stand } = turn
  const rows = rowsOf(await lookAt(turn, step.until, 'in-doubt'))
  if (step.until.length > 0 && allHold(rows)) return markDone(turn, rows, false)
  if (mayAct(stand)) {
    const there = await effectThere(turn)
    return there === undefined ? act(turn) : markDone(turn, there, false)
  }
  const doubt: SeenRow = {
    what: `it is known whether this was done: ${step.title}`,
    holds: 'unknown',
    evidence: [
      { text: 'It was begun, and how it ended is not known. It is not done again by itself.' },
      {
        text:
          step.until.length > 0
            ? 'If its effect is seen, the migration goes on. If you are sure that it was not done, say again.'
            : 'Its effect is not seen here. Say again: done twice, it comes to the same.',
      },
    ],
  }
  return { is: 'wait', for: [doubt, ...open(rows)] }
}
