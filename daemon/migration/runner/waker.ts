/** Sleeps for a while, or until it is woken; a wake that comes just before is not lost. */
import type { Clock } from '../../tokens/clock.js'

export class Waker {
  readonly #clock: Clock
  #isWoken = false
  #ring: (() => void) | undefined

  constructor(clock: Clock) {
    this.#clock = clock
  }

  wake(): void {
    this.#isWoken = true
    this.#ring?.()
  }

  async sleep(milliseconds: number): Promise<void> {
    if (!this.#isWoken) {
      await new Promise<void>((resolve) => {
        const cancel = this.#clock.after(milliseconds, resolve)
        this.#ring = () => {
          cancel()
          resolve()
        }
      })
    }
    this.#ring = undefined
    this.#isWoken = false
  }
}
