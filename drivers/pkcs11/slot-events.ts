import type { HostProcess } from './host-process.js'
import { pauseBeforeScan } from './scan-schedule.js'

/** Milliseconds: the first and the longest pause between two waits; events come in bursts. */
const FIRST_PAUSE = 100
const LONGEST_PAUSE = 800
/** Milliseconds without an event after which the burst is over. */
const QUIET = 2_000

export interface SlotEventsOptions {
  /** A wait host with the library loaded. */
  readonly startHost: () => Promise<HostProcess>
  readonly onEvent: () => void
  /** Whether a host may be started again by itself; where it may not, the next `begin` does it. */
  readonly mayStart: () => boolean
}

/**
 * One host that stands in C_WaitForSlotEvent, where the module has it. Blocking, because the other form
 * would have a host ask some times a second for ever; it blocks that process only. A host that dies is
 * started again after a pause; a module without slot events is not asked twice.
 */
export class SlotEvents {
  readonly #startHost: () => Promise<HostProcess>
  readonly #onEvent: () => void
  readonly #mayStart: () => boolean
  #host: HostProcess | undefined
  #timer: NodeJS.Timeout | undefined
  #state: 'idle' | 'waiting' | 'pausing' | 'unsupported' | 'stopped' = 'idle'
  #failures = 0
  #pause = FIRST_PAUSE

  constructor({ startHost, onEvent, mayStart }: SlotEventsOptions) {
    this.#startHost = startHost
    this.#onEvent = onEvent
    this.#mayStart = mayStart
  }

  /**
   * To be called after every scan that worked: a module that does not even load needs no second process.
   * Nothing happens in the pause after a failure, which is a hint to scan: a library that always fails
   * would be scanned and asked again without end.
   */
  begin(): void {
    if (this.#state !== 'idle') return
    this.#state = 'waiting'
    void this.#run()
  }

  /** The wait host itself ends with the module's other hosts. */
  stop(): void {
    this.#state = 'stopped'
    clearTimeout(this.#timer)
    void this.#host?.end()
  }

  async #run(): Promise<void> {
    try {
      this.#host = await this.#startHost()
      // From here on the library keeps events for this host; what changed before, a scan shows.
      this.#onEvent()
      await this.#wait(this.#host)
      this.#state = this.#stopped() ? 'stopped' : 'unsupported'
    } catch {
      if (!this.#stopped()) this.#startAgain()
    } finally {
      const host = this.#host
      this.#host = undefined
      await host?.end()
    }
  }

  /** Returns when the module cannot tell. */
  async #wait(host: HostProcess): Promise<void> {
    while (!this.#stopped()) {
      const began = performance.now()
      const answer = await host.request('wait', null, Number.POSITIVE_INFINITY)
      if (answer === 'unsupported' || this.#stopped()) return
      this.#failures = 0
      this.#onEvent()
      await this.#rest(performance.now() - began)
    }
  }

  /** A module that answers at once for ever costs no more than a rescan now and then. */
  #rest(waited: number): Promise<void> {
    this.#pause = waited > QUIET ? FIRST_PAUSE : Math.min(this.#pause * 2, LONGEST_PAUSE)
    return new Promise((resolve) => {
      setTimeout(resolve, this.#pause).unref()
    })
  }

  #startAgain(): void {
    this.#failures += 1
    this.#state = 'pausing'
    // Its end may be news as well: pcscd was restarted, the reader is gone.
    this.#onEvent()
    const again = () => {
      this.#state = 'idle'
      if (this.#mayStart()) this.begin()
    }
    this.#timer = setTimeout(again, pauseBeforeScan(this.#failures, 0)).unref()
  }

  #stopped(): boolean {
    return this.#state === 'stopped'
  }
}
