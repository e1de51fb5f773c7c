/** What the lab knows of a phone: what its screen and its status messages would tell, and how the last reset ended. */
import { createHash } from 'node:crypto'
import { type Decision, type Refusal, refusals } from './decide.js'
import type { Registration } from './register.js'

export type Checksum = 'md5' | 'sha1'

export type TrustListOutcome =
  /** Not reset since the phone was made. */
  | { readonly kind: 'as installed' }
  | { readonly kind: 'up to date' }
  | { readonly kind: 'updated' }
  | { readonly kind: 'updated through TVS' }
  | { readonly kind: 'rejected'; readonly why: Refusal }
  /** The server has none; the phone keeps what it has. */
  | { readonly kind: 'no file' }
  | { readonly kind: 'unreachable'; readonly why: string }
  /** Devices without Security By Default know no ITL. */
  | { readonly kind: 'not asked' }

export interface HeldTrustList {
  /** Hex, as this model shows it; undefined when the phone holds none. */
  readonly checksum: string | undefined
  readonly outcome: TrustListOutcome
}

export interface PhoneRecord {
  readonly device: string
  readonly model: string
  readonly securityByDefault: boolean
  readonly shows: Checksum
  readonly ctl: HeldTrustList
  readonly itl: HeldTrustList
  readonly registration: Registration
  /** Of the last reset. */
  readonly statusMessages: readonly string[]
  readonly resets: number
  /** Milliseconds and bytes of the last reset. */
  readonly took: number
  readonly bytes: number
}

/** `rejected: unknown signer, and no TVS answers` */
export function outcomeText(outcome: TrustListOutcome): string {
  return 'why' in outcome ? `${outcome.kind}: ${outcome.why}` : outcome.kind
}

/** It refused the CTL, or is locked out of CallManager. */
export function isInTrouble({ ctl, registration }: PhoneRecord): boolean {
  return ctl.outcome.kind === 'rejected' || registration === 'locked out'
}

/** It refused a signer whom it can never get to know by itself: the change is undone, or somebody walks to it. */
export function isStranded({ ctl: { outcome } }: PhoneRecord): boolean {
  return (
    outcome.kind === 'rejected' &&
    (outcome.why === refusals.unknownSigner || outcome.why === refusals.nobodyToAsk)
  )
}

export function outcomeOf(decision: Decision, cause: string): TrustListOutcome {
  if (decision.do === 'install') return { kind: decision.why === 'TVS' ? 'updated through TVS' : 'updated' }
  if (decision.do === 'reject') return { kind: 'rejected', why: decision.why }
  if (decision.do === 'keep' && decision.why === 'identical') return { kind: 'up to date' }
  if (decision.do === 'keep' && decision.why === 'no file') return { kind: 'no file' }
  return { kind: 'unreachable', why: cause }
}

export function checksumOf(bytes: Uint8Array | undefined, shows: Checksum): string | undefined {
  return bytes === undefined ? undefined : createHash(shows).update(bytes).digest('hex')
}

/** The messages that phones show for their trust lists, in the words of the documentation. */
export function statusMessagesOf(
  ctl: TrustListOutcome,
  itl: TrustListOutcome,
  holdsAny: boolean,
): readonly string[] {
  const kinds = [ctl.kind, itl.kind]
  return [
    ...(ctl.kind === 'no file' ? ['File Not Found <CTLFile.tlv>'] : []),
    ...(kinds.some((kind) => kind === 'updated' || kind === 'updated through TVS')
      ? ['Trust List Updated']
      : []),
    ...(kinds.includes('rejected') ? ['Trust List Update Failed'] : []),
    ...(holdsAny ? [] : ['No Trust List Installed']),
  ]
}
