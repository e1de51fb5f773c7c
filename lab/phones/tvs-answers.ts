/** The answers of TVS that a phone remembers, by what it asked. */
import { TVS_ANSWER_KEPT } from './phone-rules.js'
import type { SignerQuestion } from './trust-list.js'
import type { TvsQueryAnswer } from './tvs-query.js'

interface KeptAnswer {
  readonly answer: TvsQueryAnswer
  /** Milliseconds since 1970. */
  readonly until: number
}

export class TvsAnswers {
  readonly #now: () => number
  readonly #kept = new Map<string, KeptAnswer>()

  constructor(now: () => number) {
    this.#now = now
  }

  find(question: SignerQuestion): TvsQueryAnswer | undefined {
    const kept = this.#kept.get(keyOf(question))
    return kept && this.#now() < kept.until ? kept.answer : undefined
  }

  keep(question: SignerQuestion, answer: TvsQueryAnswer): void {
    const seconds = answer.ttl ?? TVS_ANSWER_KEPT
    this.#kept.set(keyOf(question), { answer, until: this.#now() + seconds * 1000 })
  }
}

const keyOf = ({ subject, issuer, serial }: SignerQuestion): string =>
  [subject, issuer, serial].map((bytes) => Buffer.from(bytes).toString('hex')).join('/')
