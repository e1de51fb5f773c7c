import { type ModulePort, type ModuleSnapshot, TokenError } from '../../drivers/token.js'

export type ScanResult = { readonly snapshot: ModuleSnapshot } | { readonly error: TokenError }

/** The scans of one module, one at a time; requests meanwhile share the one that follows. */
export class ModuleScans {
  readonly #port: ModulePort
  readonly #onResult: (result: ScanResult) => void
  #running: Promise<void> | undefined
  #next: Promise<void> | undefined
  #evenParked = false

  constructor(port: ModulePort, onResult: (result: ScanResult) => void) {
    this.#port = port
    this.#onResult = onResult
  }

  /** Resolves after a scan that began after this call. Never rejects: failures are results. */
  rescan(evenParked = false): Promise<void> {
    this.#evenParked ||= evenParked
    if (this.#running === undefined) {
      this.#running = this.#scan().finally(() => {
        this.#running = undefined
      })
      return this.#running
    }
    this.#next ??= this.#running.then(() => {
      this.#next = undefined
      return this.rescan()
    })
    return this.#next
  }

  async #scan(): Promise<void> {
    this.#onResult(await this.#look())
  }

  async #look(): Promise<ScanResult> {
    const evenParked = this.#evenParked
    this.#evenParked = false
    try {
      return { snapshot: await this.#port.scan({ evenParked }) }
    } catch (error) {
      if (error instanceof TokenError) return { error }
      const detail = `The scan of ${this.#port.name} failed for a reason of the daemon's own.`
      return { error: new TokenError('MODULE_FAILED', detail, { module: this.#port.name }) }
    }
  }
}
