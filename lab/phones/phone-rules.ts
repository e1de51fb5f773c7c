/**
 * What nobody has published about phones, as settings, so that a rehearsal can be run both ways. The defaults are the
 * lab's own: the cautious side where a mistake would strand people.
 */
export interface PhoneRules {
  /**
   * A phone with an ITL and no CTL, and a first CTL whose signer the ITL does not hold (a token's): taken on trust, or
   * only when TVS knows the signer.
   */
  readonly firstCtlBesideItl: 'trusts' | 'asks TVS'
  /** A file with a TIMESTAMP before that of the installed one. */
  readonly olderFile: 'accepts' | 'rejects'
  /** Whether a phone also remembers for 24 hours that TVS said no. */
  readonly remembersRefusals: boolean
  /** What is fetched, in which order; the phones of the documentation ask in this one, others may not. */
  readonly fetchOrder: readonly FetchedKind[]
}

export type FetchedKind = 'CTL' | 'ITL' | 'configuration'

export const defaultRules: PhoneRules = {
  firstCtlBesideItl: 'asks TVS',
  olderFile: 'accepts',
  remembersRefusals: false,
  fetchOrder: ['CTL', 'ITL', 'configuration'],
}

/**
 * Above this a phone does not load a trust list. The documentation says so of an ITL (more than 39 certificates); that
 * a CTL has the same ceiling is inferred.
 */
export const TRUST_LIST_CEILING = 65_536

/** How long a phone keeps an answer of TVS that names no time of its own: a day, in seconds. */
export const TVS_ANSWER_KEPT = 24 * 60 * 60

/** The names that a phone asks for, in this order, until the server has one. */
export function namesOf(kind: FetchedKind, device: string): readonly string[] {
  if (kind === 'CTL') return [`CTL${device}.tlv`]
  if (kind === 'ITL') return [`ITL${device}.tlv`, 'ITLFile.tlv']
  return [`${device}.cnf.xml`]
}
