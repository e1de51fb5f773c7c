/** What a test and the daemon of its rehearsal say to each other over IPC. */
import type { Migrations } from '../../../daemon/migration/desk/migrations.js'
import type { ModuleSettings } from '../../../drivers/token.js'

export interface DeskSettings {
  readonly stateFolder: string
  /** File with the clusters. */
  readonly clusters: string
  readonly modules: readonly ModuleSettings[]
  readonly killAt?: KillPoint
}

/** The daemon kills itself with SIGKILL when it is about to write this entry of its journal, or has written it. */
export interface KillPoint {
  /** Id, or what it ends with. */
  readonly step: string
  readonly entry: 'intent' | 'outcome' | 'observed'
  readonly when: 'before' | 'after'
}

export type DeskMethod = Exclude<keyof Migrations, 'begin' | 'halt'> | 'probe' | 'journal' | 'close'

export interface DeskRequest {
  readonly id: number
  readonly method: DeskMethod
  readonly args: readonly unknown[]
}

export type DeskReply =
  | { readonly isReady: true }
  | { readonly id: number; readonly result: unknown }
  | {
      readonly id: number
      readonly problem: {
        readonly code: string
        readonly detail: string
        readonly at: Readonly<Record<string, string | number>>
      }
    }
