/** The port that a migration asks after tokens. It never sees a PIN: custodians unlock tokens themselves. */
export type TokenStanding =
  /** For this very step. */
  | { readonly is: 'unlocked'; readonly holder: string }
  | { readonly is: 'locked' }
  | { readonly is: 'absent' }
  /** Somebody has unlocked it for something else. */
  | { readonly is: 'held'; readonly holder: string }
  | { readonly is: 'unusable'; readonly why: string }

export interface PluggedToken {
  readonly serial: string
  readonly label: string
}

export interface TokenDesk {
  /** `keyId`: of the step, see `step-principal.ts`. `others`: what else is plugged in. */
  readonly standing: (
    serial: string,
    keyId: string,
  ) => Promise<{ readonly planned: TokenStanding; readonly others: readonly PluggedToken[] }>
}
