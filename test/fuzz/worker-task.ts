/** What a worker of the fuzz run is told, and what it tells. */
import type { Counts, Finding } from './judge-input.js'

export interface WorkerTask {
  readonly seed: number
  readonly from: number
  readonly step: number
  readonly end: number
  /** Milliseconds since 1970. */
  readonly until: number
  readonly noteFile: string
  /** Module with the table `targets`. */
  readonly table: string
}

export type WorkerReport =
  | { readonly kind: 'ready' }
  | { readonly kind: 'progress'; readonly next: number; readonly counts: Counts }
  | { readonly kind: 'memory'; readonly inputs: number; readonly heap: number; readonly rss: number }
  | { readonly kind: 'finding'; readonly index: number; readonly findings: readonly Finding[] }
  | { readonly kind: 'done'; readonly next: number; readonly counts: Counts }

/** Two numbers of 8 bytes: the input and the position of the target. */
export const NOTE_BYTES = 16
