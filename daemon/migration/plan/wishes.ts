/** What a person asks of a plan beside the cluster. */
import type { CtlEdit } from './plan.js'

export interface PlanWishes {
  /** Serials, in the order of the file. */
  readonly tokens: readonly string[]
  /** Serial of the one that signs. Left out: the last, as the CTL Client does with the token in the port at the end. */
  readonly signer?: string
  readonly edits: readonly CtlEdit[]
  readonly regenerate?: RegenerateWish
  /** No token of the file can sign any more: phones are asked to take the next file through TVS. */
  readonly tokensLost?: boolean
}

export interface RegenerateWish {
  readonly what: 'CallManager' | 'ITLRecovery'
  readonly node: string
  /**
   * `utils ctl reset localkey` first: CallManager, which phones trust, signs a file that names the new ITLRecovery, and
   * only then does that sign. From 12.0.
   */
  readonly through?: 'local-key'
  /** It was regenerated already: this plan goes on from there, as the way out for phones that are locked out. */
  readonly isDone?: boolean
}
