/** How long and how much a node may talk. One table, so that a slow cluster is served by one change. */

export interface CliLimits {
  /** Milliseconds until the connection is logged in. */
  readonly login: number
  /** Milliseconds until the first prompt: an old server takes half a minute to start its command line. */
  readonly greeting: number
  /** Milliseconds for a command that only looks. */
  readonly look: number
  /** Milliseconds for a command that writes trust lists on every node: on big clusters it is silent for minutes. */
  readonly change: number
  /** Milliseconds for the restart of a service: CallManager with thousands of phones takes long. */
  readonly restart: number
  /** Milliseconds for a file to be pushed away. */
  readonly push: number
  /** Milliseconds of silence after which what stands in the last line is whole. */
  readonly settled: number
  /** Milliseconds of silence after which a last line that looks like a question is one. */
  readonly quiet: number
  /** The most that a command may print, in characters. */
  readonly printed: number
  /** The longest line, in characters. */
  readonly line: number
}

export const usualCliLimits: CliLimits = {
  login: 30_000,
  greeting: 90_000,
  look: 120_000,
  change: 15 * 60_000,
  restart: 15 * 60_000,
  push: 15 * 60_000,
  settled: 100,
  quiet: 5000,
  printed: 4_000_000,
  line: 64_000,
}
