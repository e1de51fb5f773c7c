/** Questions to a node, whose failures are answers too. */
import { type Problem, type ProblemCode, toProblem } from '../../problems.js'
import type { Asked } from './observation.js'

/** Told of errors that are none of ours: they belong into the log. */
export type OnUnexpected = (error: unknown) => void

export async function ask<T>(work: () => Promise<T>, onUnexpected: OnUnexpected): Promise<Asked<T>> {
  try {
    return { state: 'answered', answer: await work() }
  } catch (error) {
    const problem = toProblem(error)
    if (problem.code === 'INTERNAL') onUnexpected(error)
    return { state: 'failed', problem }
  }
}

export const notAsked = (why: string): Asked<never> => ({ state: 'not-asked', why })

/** After one of these the next question would fail the same way, and a refused password would count again. */
const final: readonly ProblemCode[] = [
  'NODE_LOGIN_REFUSED',
  'NODE_CERTIFICATE_UNKNOWN',
  'NODE_HOST_KEY_UNKNOWN',
  'NODE_UNREACHABLE',
  'NODE_TIMEOUT',
  'SECRET_UNREADABLE',
]

/** Asks one after the other over one way; what would fail as the one before is not asked any more. */
export class InTurn {
  readonly #onUnexpected: OnUnexpected
  #ended: Problem | undefined
  #last: Promise<unknown> = Promise.resolve()

  constructor(onUnexpected: OnUnexpected) {
    this.#onUnexpected = onUnexpected
  }

  ask<T>(work: () => Promise<T>): Promise<Asked<T>> {
    const turn = this.#last.then(async (): Promise<Asked<T>> => {
      if (this.#ended !== undefined) return notAsked(`The question before failed: ${this.#ended.detail}`)
      const asked = await ask(work, this.#onUnexpected)
      if (asked.state === 'failed' && final.includes(asked.problem.code)) this.#ended = asked.problem
      return asked
    })
    this.#last = turn
    return turn
  }
}
