/**
 * Whether the daemon still lives while an answer is waited for. A token may take minutes, and only the
 * daemon knows its deadlines; but it answers /healthz meanwhile, unless it was stopped (SIGSTOP, a
 * frozen container) or hangs.
 */
import { request } from 'node:http'

export interface Pulse {
  /** Milliseconds between two questions. */
  readonly every: number
  /** Milliseconds that one may stay unanswered. */
  readonly patience: number
}

/** A disk that stalls under the store holds the daemon up for seconds, not for this long. */
export const DAEMON_PULSE: Pulse = { every: 2_000, patience: 20_000 }

/** Calls `silent` once when the daemon does not answer any more. Returns the function that ends the watch. */
export function watchPulse(socketPath: string, silent: () => void, pulse: Pulse = DAEMON_PULSE): () => void {
  let ended = false
  let call: ReturnType<typeof request> | undefined
  let timer = setTimeout(ask, pulse.every)

  function ask(): void {
    timer = setTimeout(() => {
      end()
      silent()
    }, pulse.patience)
    call = request({ socketPath, path: '/healthz', headers: { Host: 'localhost' }, agent: false })
    call.on('response', (response) => {
      response.resume()
      askLater()
    })
    // A daemon that ended breaks the connection of the request itself, which says more.
    call.on('error', askLater)
    call.end()
  }

  function askLater(): void {
    if (ended) return
    clearTimeout(timer)
    timer = setTimeout(ask, pulse.every)
  }

  function end(): void {
    ended = true
    clearTimeout(timer)
    call?.destroy()
  }
  return end
}
