/**
 * Whether a phone takes a trust list that it fetched: facts in, a decision out. No socket, clock or disk. Written from
 * the published behaviour of phones (TAC 118893, Security Guides) and from nothing else of this product.
 */
import { type PhoneRules, TRUST_LIST_CEILING } from './phone-rules.js'
import {
  certificatesWithRole,
  holdsSigner,
  isEqual,
  isSignedBy,
  ownSigner,
  readTrustList,
  role,
  type SignerQuestion,
  signerQuestion,
  type TrustList,
  timeOf,
} from './trust-list.js'

export type TrustListKind = 'CTL' | 'ITL'

export type Fetched =
  | { readonly kind: 'file'; readonly bytes: Uint8Array }
  /** The server says that it has no such file. */
  | { readonly kind: 'none' }
  /** The server sent more than a phone loads. */
  | { readonly kind: 'too large' }
  /** No server answered. */
  | { readonly kind: 'unreachable'; readonly cause: string }

/** How the question to TVS ended. */
export type TvsVerdict =
  | { readonly kind: 'answer'; readonly isTrusted: boolean; readonly roles: readonly number[] }
  | { readonly kind: 'unreachable' }
  /** What answered showed a certificate that the phone's ITL does not name with the role TVS. */
  | { readonly kind: 'unknown certificate' }
  /** The phone has no ITL, or its configuration names no TVS. */
  | { readonly kind: 'nobody to ask' }

export interface TrustListFacts {
  readonly kind: TrustListKind
  readonly fetched: Fetched
  readonly installedCtl: Uint8Array | undefined
  readonly installedItl: Uint8Array | undefined
  readonly securityByDefault: boolean
  readonly rules: PhoneRules
  /** undefined: not asked yet. */
  readonly tvs?: TvsVerdict
}

export const refusals = {
  unreadable: 'the file cannot be read',
  tooLarge: 'the file is larger than 64 KiB',
  badSignature: 'the signature does not fit the file',
  signerNotInFile: 'the file does not hold the certificate of its signer',
  older: 'the file is older than the installed one',
  unknownSigner: 'unknown signer, and this device cannot ask TVS',
  nobodyToAsk: 'unknown signer, and no TVS to ask',
  tvsUnreachable: 'unknown signer, and no TVS answers',
  tvsCertificate: 'unknown signer, and TVS shows a certificate not in the ITL',
  tvsSaysNo: 'unknown signer, and TVS does not know it',
  tvsRole: 'unknown signer, and TVS does not give it the role it needs',
} as const

export type Refusal = (typeof refusals)[keyof typeof refusals]

export type Decision =
  | { readonly do: 'keep'; readonly why: 'identical' | 'no file' | 'unreachable' }
  | { readonly do: 'install'; readonly why: 'first one' | 'known signer' | 'TVS'; readonly bytes: Uint8Array }
  | { readonly do: 'reject'; readonly why: Refusal }
  | { readonly do: 'ask TVS'; readonly question: SignerQuestion }

const reject = (why: Refusal): Decision => ({ do: 'reject', why })

/** Decides; when it says to ask TVS, decide again with the same facts and the verdict. */
export function decide(facts: TrustListFacts): Decision {
  const { fetched } = facts
  if (fetched.kind === 'none') return { do: 'keep', why: 'no file' }
  if (fetched.kind === 'unreachable') return { do: 'keep', why: 'unreachable' }
  if (fetched.kind === 'too large' || fetched.bytes.length > TRUST_LIST_CEILING) {
    return reject(refusals.tooLarge)
  }
  if (isEqual(fetched.bytes, installed(facts))) return { do: 'keep', why: 'identical' }
  const list = readTrustList(fetched.bytes)
  return list === undefined ? reject(refusals.unreadable) : decideOnSigner(facts, list)
}

const installed = (facts: TrustListFacts): Uint8Array | undefined =>
  facts.kind === 'CTL' ? facts.installedCtl : facts.installedItl

function decideOnSigner(facts: TrustListFacts, list: TrustList): Decision {
  if (facts.rules.olderFile === 'rejects' && isOlder(list, installed(facts))) return reject(refusals.older)
  if (knownSigners(facts).some((certificate) => isSignedBy(list, certificate))) {
    return { do: 'install', why: 'known signer', bytes: list.bytes }
  }
  // Every other way rests on a certificate out of the new file itself, so that must at least have signed it.
  if (!holdsSigner(list, signerRoles[facts.kind])) return reject(refusals.signerNotInFile)
  if (ownSigner(list, signerRoles[facts.kind]) === undefined) return reject(refusals.badSignature)
  if (isTakenOnTrust(facts)) return { do: 'install', why: 'first one', bytes: list.bytes }
  return decideByTvs(facts, list)
}

function isOlder(list: TrustList, held: Uint8Array | undefined): boolean {
  const heldList = held === undefined ? undefined : readTrustList(held)
  return heldList !== undefined && timeOf(list) < timeOf(heldList)
}

/**
 * Roles whose certificate may sign such a file. A CTL is signed by a SAST. An ITL is signed by what signs the node's
 * files: CallManager's certificate up to 11.5, ITLRecovery from 12.0 [inferred].
 */
const signerRoles: Readonly<Record<TrustListKind, readonly number[]>> = {
  CTL: [role.sast],
  ITL: [role.sast, role.ccmTftp, role.tftp],
}

/** Certificates by which the phone believes a new file without asking anybody. */
function knownSigners(facts: TrustListFacts): Uint8Array[] {
  const ctl = facts.installedCtl && readTrustList(facts.installedCtl)
  const itl = facts.installedItl && readTrustList(facts.installedItl)
  if (facts.kind === 'ITL') {
    return [itl, ctl].flatMap((list) => (list ? certificatesWithRole(list, signerRoles.ITL) : []))
  }
  if (ctl) return certificatesWithRole(ctl, signerRoles.CTL)
  // Security Guide: before mixed mode the phone has an ITL alone, and takes a first CTL by what that holds.
  return itl ? certificatesWithRole(itl, signerRoles.ITL) : []
}

function isTakenOnTrust(facts: TrustListFacts): boolean {
  if (facts.installedCtl === undefined && facts.installedItl === undefined) return true
  return (
    facts.kind === 'CTL' && facts.installedCtl === undefined && facts.rules.firstCtlBesideItl === 'trusts'
  )
}

function decideByTvs(facts: TrustListFacts, list: TrustList): Decision {
  if (!facts.securityByDefault) return reject(refusals.unknownSigner)
  const { tvs } = facts
  if (tvs === undefined) return { do: 'ask TVS', question: signerQuestion(list) }
  if (tvs.kind === 'nobody to ask') return reject(refusals.nobodyToAsk)
  if (tvs.kind === 'unreachable') return reject(refusals.tvsUnreachable)
  if (tvs.kind === 'unknown certificate') return reject(refusals.tvsCertificate)
  if (!tvs.isTrusted) return reject(refusals.tvsSaysNo)
  const hasRole = tvs.roles.some((given) => signerRoles[facts.kind].includes(given))
  return hasRole ? { do: 'install', why: 'TVS', bytes: list.bytes } : reject(refusals.tvsRole)
}

/** Whether the certificate that CallManager shows is one that the phone's CTL names for it. */
export function knowsCallManager(ctl: Uint8Array | undefined, certificate: Uint8Array): boolean {
  const list = ctl && readTrustList(ctl)
  if (!list) return false
  return certificatesWithRole(list, [role.ccm, role.ccmTftp]).some((known) => isEqual(known, certificate))
}

/** Whether the certificate that TVS shows is one that the phone's ITL names for it. */
export function knowsTvs(itl: Uint8Array | undefined, certificate: Uint8Array): boolean {
  const list = itl && readTrustList(itl)
  if (!list) return false
  return certificatesWithRole(list, [role.tvs]).some((known) => isEqual(known, certificate))
}
