export type LeaseErrorCode =
  /** Somebody else has unlocked this token, or an unlock is under way. */
  | 'TOKEN_IN_USE'
  /** Seconds or uses outside what a lease may have. */
  | 'LEASE_LIMITS'

export interface LeaseErrorPlace {
  readonly token: string
  /** Name of the principal who holds the lease. */
  readonly holder?: string
}

export class LeaseError extends Error {
  override readonly name = 'LeaseError'
  readonly code: LeaseErrorCode
  readonly place: LeaseErrorPlace

  constructor(code: LeaseErrorCode, detail: string, place: LeaseErrorPlace) {
    super(detail)
    this.code = code
    this.place = place
  }
}
