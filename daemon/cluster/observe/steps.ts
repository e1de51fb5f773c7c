import type { Asked } from './observation.js'

/** A question that was answered, or failed. */
export interface ObservationStep {
  readonly node: string
  /** `CTL over TFTP` */
  readonly question: string
  readonly outcome: Asked<unknown>['state']
  /** Problem code, when it failed. */
  readonly code?: string
  readonly done: number
  /** As far as it is known: what TVS is asked shows when the files are there. */
  readonly of: number
}

/** Counts questions and tells of each that is done. */
export class Steps {
  readonly #onStep: (step: ObservationStep) => void
  #done = 0
  #of = 0

  constructor(onStep: (step: ObservationStep) => void) {
    this.#onStep = onStep
  }

  expect(more: number): void {
    this.#of += more
  }

  async take<T>(node: string, question: string, asking: Promise<Asked<T>>): Promise<Asked<T>> {
    const asked = await asking
    this.#done += 1
    const code = asked.state === 'failed' ? asked.problem.code : undefined
    this.#onStep({
      node,
      question,
      outcome: asked.state,
      ...(code !== undefined && { code }),
      done: this.#done,
      of: this.#of,
    })
    return asked
  }
}
