import { type ChildProcess, fork } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { tokenName } from '../known-tokens.js'
import type { UsbIds, UsbReport } from './usb-messages.js'

const HOST = fileURLToPath(new URL('./usb-host.js', import.meta.url))

/** Without it the USB library crashes its process. */
const DEVICES = '/sys/bus/usb/devices'

/**
 * Milliseconds after a change at which there is a hint again: a token needs time until its module can see it,
 * and a reader until pcscd has it. No two are so far apart that a look between them would be missed for a second.
 */
const HINT_AGAIN_AFTER = [500, 1_000, 1_500, 2_000, 2_600, 3_200, 3_800, 4_400, 5_000]

/** Milliseconds until the next try when there is no USB, or its host died: at first, and at most. */
const FIRST_PAUSE = 1_000
const LONGEST_PAUSE = 60_000

export interface UsbDevice extends UsbIds {
  /** What `known-tokens.ts` calls it. */
  readonly name: string
}

export interface UsbStatus {
  readonly state: 'ready' | 'unavailable'
  /** One sentence when unavailable. */
  readonly detail?: string
  /** Devices of vendors that make tokens. A match is no proof of a token. */
  readonly devices: readonly UsbDevice[]
}

export interface UsbHintsOptions {
  /** Something was plugged in or pulled out: a scan may show it now, or a little later. */
  readonly onHint: () => void
  /** Milliseconds after a change at which `onHint` is called again. */
  readonly hintAgainAfter?: readonly number[]
}

/**
 * Tells when USB devices of token vendors come and go. A hint is never the truth; the slot list of a
 * fresh scan is. Without USB everything works, only later.
 */
export class UsbHints {
  readonly #onHint: () => void
  readonly #hintAgainAfter: readonly number[]
  #hints: readonly NodeJS.Timeout[] = []
  #restart: NodeJS.Timeout | undefined
  #status: UsbStatus = unavailable('USB was not looked at yet.')
  #child: ChildProcess | undefined
  #failures = 0
  #closed = false

  constructor({ onHint, hintAgainAfter = HINT_AGAIN_AFTER }: UsbHintsOptions) {
    this.#onHint = onHint
    this.#hintAgainAfter = hintAgainAfter
  }

  status(): UsbStatus {
    return this.#status
  }

  /** Resolves when the child process is gone. */
  async close(): Promise<void> {
    this.#closed = true
    this.#cancelHints()
    clearTimeout(this.#restart)
    const child = this.#child
    if (child === undefined) return
    const gone = new Promise((resolve) => child.once('exit', resolve))
    child.kill('SIGKILL')
    await gone
  }

  start(): void {
    if (this.#closed) return
    if (!existsSync(DEVICES)) {
      this.#fail(`This machine shows no USB: there is no ${DEVICES}.`)
      return
    }
    const child = fork(HOST, [], { execArgv: [], stdio: ['ignore', 'ignore', 'ignore', 'ipc'] })
    this.#child = child
    let ended = false
    const end = (how: string) => {
      if (ended) return
      ended = true
      this.#child = undefined
      this.#fail(`The process that watches USB ${how}.`)
    }
    child.on('message', (report: UsbReport) => this.#take(report))
    child.once('exit', (code, signal) =>
      end(signal === null ? `ended with code ${code}` : `was ended by ${signal}`),
    )
    child.once('error', ({ message }) => {
      if (child.pid === undefined) end(`does not start: ${message}`)
    })
  }

  #take({ devices }: UsbReport): void {
    this.#failures = 0
    const named = devices.map((ids) => ({
      ...ids,
      name: tokenName(ids.vendorId, ids.productId) ?? 'a device of a vendor of tokens',
    }))
    this.#status = { state: 'ready', devices: named }
    this.#hint()
  }

  /** The hints of a former change are over: those of this one begin now and last longer. */
  #hint(): void {
    if (this.#closed) return
    this.#cancelHints()
    this.#hints = this.#hintAgainAfter.map((pause) => setTimeout(this.#onHint, pause).unref())
    this.#onHint()
  }

  #cancelHints(): void {
    for (const timer of this.#hints) clearTimeout(timer)
  }

  #fail(detail: string): void {
    if (this.#closed) return
    this.#status = unavailable(detail)
    const pause = Math.min(FIRST_PAUSE * 2 ** Math.min(this.#failures, 20), LONGEST_PAUSE)
    this.#failures += 1
    this.#restart = setTimeout(() => this.start(), pause).unref()
  }
}

function unavailable(detail: string): UsbStatus {
  return { state: 'unavailable', detail, devices: [] }
}
