/** Tells of a migration while it runs: each step once, who does it, and what it waits for. */
import type { Migration, MigrationStep } from './api.js'
import { count, isOnTerminal, say, tell, tellMeanwhile, wrapped } from './telling.js'

/** Shorter waits are not worth a line. */
const WORTH_A_LINE = 1_500
const WIDTH_OF_NUMBER = 4
const WIDTH_OF_ACTOR = 8
const INDENT = 3 + WIDTH_OF_NUMBER + WIDTH_OF_ACTOR

export class StepDisplay {
  #step: string | undefined
  #since = 0
  #told = new Set<string>()

  /** Called with every look at the migration. */
  show({ steps, current, waits }: Migration): void {
    this.#begin(steps, current)
    const open = waits.filter(({ holds }) => holds !== true).map(({ what }) => what)
    const does = steps.find(({ id }) => id === current)?.does.do
    // Answered for the person at once, and told then.
    if (does === undefined || does === 'hard-stop' || does === 'sign' || open.length === 0) return
    const seconds = (performance.now() - this.#since) / 1000
    const [first = '', ...others] = open
    const more = others.length > 0 ? `, and ${others.length} more` : ''
    if (isOnTerminal()) {
      tellMeanwhile(`${' '.repeat(INDENT)}waits ${seconds.toFixed(0)} s: ${first}${more}`)
    } else if (seconds * 1000 >= WORTH_A_LINE) {
      for (const what of open) this.#once(`waits: ${what}`)
    }
  }

  /** What is done for a person in this step. */
  did(text: string): void {
    tell(text, INDENT)
  }

  #begin(steps: Migration['steps'], current: string | undefined): void {
    if (current === this.#step) return
    const from = this.#step === undefined ? 0 : steps.findIndex(({ id }) => id === this.#step) + 1
    const to = current === undefined ? steps.length - 1 : steps.findIndex(({ id }) => id === current)
    this.#tookLong()
    for (const [index, { actor, title }] of steps.entries()) {
      if (index < from || index > to) continue
      const number = `${index + 1}`.padStart(WIDTH_OF_NUMBER - 2).padEnd(WIDTH_OF_NUMBER)
      say(`   ${number}${actor.padEnd(WIDTH_OF_ACTOR)}${wrapped(title, INDENT)}`)
    }
    this.#step = current
    this.#since = performance.now()
    this.#told = new Set()
  }

  #tookLong(): void {
    const took = performance.now() - this.#since
    if (this.#step !== undefined && took >= WORTH_A_LINE) this.did(`done after ${(took / 1000).toFixed(1)} s`)
  }

  #once(text: string): void {
    if (this.#told.has(text)) return
    this.#told.add(text)
    this.did(text)
  }
}

/** Before it starts: how many steps each has to do. */
export function tellSteps(steps: readonly { readonly actor: MigrationStep['actor'] }[]): void {
  const of = (actor: MigrationStep['actor']) => steps.filter((step) => step.actor === actor).length
  say(
    `   ${count(steps.length, 'step')}: ${of('daemon')} of the daemon, ${of('person')} of a person, ${of('token')} of a token’s custodian.`,
  )
}
