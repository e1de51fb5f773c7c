/**
 * The port of the signing requests that were made here: they wait for their answer for days, through
 * restarts of the daemon.
 *
 * Adapter: `signing-request-table.ts`.
 */
export interface KeptRequest {
  readonly id: string
  /** As it is sent. */
  readonly text: string
  /** ISO 8601, UTC, written by the adapter. */
  readonly at: string
  readonly principal: RequestPrincipal
  readonly state: 'open' | 'signed'
  /** There once the state is `signed`. */
  readonly answered?: {
    readonly at: string
    readonly principal: RequestPrincipal
    readonly text: string
    /** The signed file. */
    readonly file: Uint8Array
  }
}

export interface RequestPrincipal {
  readonly keyId: string
  readonly name: string
}

export interface SigningRequests {
  /** Resolves when the request is on disk. The same one again changes nothing. */
  add(request: Pick<KeptRequest, 'id' | 'text' | 'principal'>): Promise<void>
  get(id: string): Promise<KeptRequest | undefined>
  /** At most `limit`, the latest first. */
  latest(limit: number): Promise<readonly KeptRequest[]>
  /** Resolves with whether the request was open and is signed now. */
  answer(
    id: string,
    answer: { readonly principal: RequestPrincipal; readonly text: string; readonly file: Uint8Array },
  ): Promise<boolean>
}
