/** What a person asks of a plan beside the cluster. */
import type { CtlEdit } from './plan.js'

export interface PlanWishes {
  /** Serials, in the order of the file. */
  readonly tokens: readonly string[]
  /** Serial of the one that signs. Left out: the last, as the CTL Client does with the token in the port at the end. */
  readonly signer?: string
  readonly edits: readonly CtlEdit[]
  readonly regenerate?: { readonly what: 'CallManager' | 'ITLRecovery'; readonly node: string }
}
