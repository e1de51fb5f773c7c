import type { TokenErrorCode } from '../../drivers/token.js'

/** Why a lease ended. */
export type LockReason =
  | 'asked'
  | 'expired'
  | 'uses-spent'
  | 'unlocked-anew'
  | 'pin-change'
  | 'provisioning'
  | 'token-removed'
  | 'host-ended'
  | 'login-lost'
  | 'pin-refused'
  | 'signature-wrong'
  | 'daemon-stops'

/** Everything about tokens that a person could see change. */
export type TokenEvent =
  | {
      readonly type: 'token.inserted'
      readonly data: {
        readonly serial: string
        readonly module: string
        /** Whether no daemon over this state folder has seen it before. */
        readonly first: boolean
      }
    }
  | {
      /** `token.changed`: anything in the view, the state included. `token.forgotten`: it is in no list any more. */
      readonly type: 'token.removed' | 'token.changed' | 'token.forgotten'
      readonly data: { readonly serial: string; readonly module: string }
    }
  | {
      readonly type: 'token.unlocked'
      readonly data: {
        readonly serial: string
        readonly holder: string
        /** ISO 8601. */
        readonly until: string
        readonly usesLeft: number
      }
    }
  | {
      readonly type: 'token.locked'
      readonly data: { readonly serial: string; readonly holder: string; readonly why: LockReason }
    }
  | {
      readonly type: 'module.failed'
      readonly data: { readonly module: string; readonly code: TokenErrorCode; readonly detail: string }
    }
  | { readonly type: 'module.ready'; readonly data: { readonly module: string; readonly tokens: number } }

export type OnTokenEvent = (event: TokenEvent) => void
