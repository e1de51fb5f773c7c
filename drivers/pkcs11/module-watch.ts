import { type FSWatcher, watch } from 'node:fs'
import type { ModuleSettings } from '../token.js'
import { pauseBeforeScan } from './scan-schedule.js'

/** Milliseconds: a token that comes or goes is several changes of a folder. */
const DEBOUNCE = 100

/**
 * Tells when a scan may show something new: a watched folder changed, or nobody looked for a while.
 * A hint is never the truth; the slot list of a fresh scan is.
 */
export class ModuleWatch {
  readonly #settings: ModuleSettings
  readonly #hint: () => void
  readonly #watchers = new Map<string, FSWatcher>()
  #timer: NodeJS.Timeout | undefined
  #failures = 0
  /** A hint because of a change is due: neither more changes nor the end of a scan put it off. */
  #soon = false
  #stopped = false

  constructor(settings: ModuleSettings, hint: () => void) {
    this.#settings = settings
    this.#hint = hint
    this.#watchFolders()
    this.#hintIn(pauseBeforeScan(0, settings.rescanEvery))
  }

  /** To be told after every scan: `ok` decides when the next one without a hint is due. */
  scanned(ok: boolean): void {
    this.#failures = ok ? 0 : this.#failures + 1
    if (!this.#soon) this.#hintIn(pauseBeforeScan(this.#failures, this.#settings.rescanEvery))
  }

  stop(): void {
    this.#stopped = true
    clearTimeout(this.#timer)
    for (const watcher of this.#watchers.values()) watcher.close()
    this.#watchers.clear()
  }

  #hintIn(milliseconds: number): void {
    clearTimeout(this.#timer)
    if (this.#stopped) return
    this.#timer = setTimeout(() => {
      this.#soon = false
      this.#watchFolders()
      // Whoever scans on this hint sets the timer anew; nobody has to.
      this.#hintIn(this.#settings.rescanEvery)
      this.#hint()
    }, milliseconds).unref()
  }

  /** Folders that do not exist yet are tried again at every hint. */
  #watchFolders(): void {
    for (const folder of this.#settings.watchFolders) {
      if (this.#watchers.has(folder)) continue
      try {
        const watcher = watch(folder, { persistent: false }, () => this.changed())
        watcher.on('error', () => this.#forget(folder))
        this.#watchers.set(folder, watcher)
      } catch {
        // The timer does the work meanwhile.
      }
    }
  }

  #forget(folder: string): void {
    this.#watchers.get(folder)?.close()
    this.#watchers.delete(folder)
  }

  /** Something changed: a folder, or a slot. */
  changed(): void {
    // A module that fails is not asked sooner because of a change: its pause is there to be kept.
    if (this.#failures > 0 || this.#soon) return
    this.#soon = true
    this.#hintIn(DEBOUNCE)
  }
}
