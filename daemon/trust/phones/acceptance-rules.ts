/**
 * The rules by which phones take or refuse a CTL, as data: what each rule answers, how sure that is, who says so
 * and what to do. `phone-acceptance.ts` finds the rule that applies.
 */

export type AcceptanceAnswer = 'accepts' | 'accepts-through-tvs' | 'refuses' | 'unknown'

/** `stated`: a source says so. `inferred`: it follows from one and is written nowhere. `unknown`: nobody says. */
export type Sureness = 'stated' | 'inferred' | 'unknown'

export type AcceptanceReason =
  | 'ALREADY_INSTALLED'
  | 'CHECKSUM_NOT_GIVEN'
  | 'CHECKSUM_UNREADABLE'
  | 'CLASS_NOT_KNOWN'
  | 'DIGEST_UNPROVEN'
  | 'FILE_TOO_LARGE'
  | 'FIRST_FILE'
  | 'FIRST_FILE_WITH_ITL'
  | 'HOLDING_NOT_KNOWN'
  | 'INSTALLED_FILE_WRONG'
  | 'ITL_BLANK'
  | 'ITL_FILE_WRONG'
  | 'ITL_HOLDS_SIGNER'
  | 'ITL_NOT_GIVEN'
  | 'ITL_WITHOUT_TVS'
  | 'NEW_FILE_WRONG'
  | 'NO_SECURITY_BY_DEFAULT'
  | 'SIGNER_IS_SAST'
  | 'SIGNER_NAMED_OTHERWISE'
  | 'TIMESTAMP_OLDER'
  | 'TVS_NOT_ASKED'
  | 'TVS_REFUSES'
  | 'TVS_VOUCHES'

export interface AcceptanceRule {
  readonly answer: AcceptanceAnswer
  readonly sure: Sureness
  /** What to do. */
  readonly remedy: string
  /** Documents that state it, or that it is inferred from. Empty where none was found. */
  readonly sources: readonly string[]
}

const tokenless = 'TAC 118893 (mixed mode with tokenless CTL)'
const securityByDefault = 'TAC 116232 (Security By Default and ITL)'
const securityGuide = 'CUCM Security Guide 9.1 to 12.5'
const regeneration = 'TAC 214231 (certificate regeneration)'

const readOnScreen =
  'Read the CTL checksum on the screen of one phone of each kind and give it as a third column.'

export const acceptanceRules: Readonly<Record<AcceptanceReason, AcceptanceRule>> = {
  ALREADY_INSTALLED: {
    answer: 'accepts',
    sure: 'inferred',
    remedy: 'Nothing: the phone holds this very file.',
    sources: [],
  },
  CHECKSUM_NOT_GIVEN: {
    answer: 'unknown',
    sure: 'unknown',
    remedy: 'Give the file with this checksum as one more --installed.',
    sources: [],
  },
  CHECKSUM_UNREADABLE: {
    answer: 'unknown',
    sure: 'unknown',
    remedy: 'Write the MD5 (32 hex digits) or SHA-1 (40) of the phone’s screen, or none.',
    sources: [],
  },
  CLASS_NOT_KNOWN: {
    answer: 'unknown',
    sure: 'unknown',
    remedy:
      'Look the model up in Unified Reporting (Phone Feature List, Security By Default) and add it to the table: --print-models, --models.',
    sources: [tokenless],
  },
  DIGEST_UNPROVEN: {
    answer: 'unknown',
    sure: 'unknown',
    remedy: 'Sign with SHA-1, which every phone takes, or try one phone of each model first.',
    sources: [],
  },
  FILE_TOO_LARGE: {
    answer: 'refuses',
    sure: 'inferred',
    remedy: 'Leave out servers that phones do not need, until the file has at most 65536 bytes.',
    sources: [`${securityGuide}: an ITL over 64 KB fails to load; that a CTL does too is inferred`],
  },
  FIRST_FILE: {
    answer: 'accepts',
    sure: 'stated',
    remedy: 'Nothing, but be sure that the file comes from you: the first one is trusted unseen.',
    sources: [securityGuide, securityByDefault],
  },
  FIRST_FILE_WITH_ITL: {
    answer: 'unknown',
    sure: 'unknown',
    remedy:
      'Upload the signer’s certificate as Phone-SAST-trust on every node beforehand, and try one phone of each model first.',
    sources: [],
  },
  HOLDING_NOT_KNOWN: { answer: 'unknown', sure: 'unknown', remedy: readOnScreen, sources: [] },
  INSTALLED_FILE_WRONG: {
    answer: 'unknown',
    sure: 'unknown',
    remedy: 'Fetch the file that the phones hold again, in binary mode; for phones without one say none.',
    sources: [],
  },
  ITL_BLANK: {
    answer: 'refuses',
    sure: 'inferred',
    remedy:
      'Set “Prepare Cluster for Rollback to pre 8.0” back to False and wait until phones have an ITL again; or sign with a SAST of the installed CTL.',
    sources: [`${securityByDefault}: the phone checks TVS’s certificate against its ITL`],
  },
  ITL_FILE_WRONG: {
    answer: 'unknown',
    sure: 'unknown',
    remedy: 'Fetch the ITL again, in binary mode; for phones without one say none.',
    sources: [],
  },
  ITL_HOLDS_SIGNER: {
    answer: 'accepts',
    sure: 'stated',
    remedy: 'Nothing.',
    sources: [`${securityByDefault}; up to CUCM 11.5 a tokenless CTL is signed by a certificate of the ITL`],
  },
  ITL_NOT_GIVEN: {
    answer: 'unknown',
    sure: 'unknown',
    remedy: 'Give the ITL of the cluster with --itl FILE, or --itl none for phones without one.',
    sources: [securityByDefault],
  },
  ITL_WITHOUT_TVS: {
    answer: 'refuses',
    sure: 'inferred',
    remedy: 'Sign with a SAST of the installed CTL, or give phones an ITL that lists TVS first.',
    sources: [`${securityByDefault}: the phone checks TVS’s certificate against its ITL`],
  },
  NEW_FILE_WRONG: {
    answer: 'refuses',
    sure: 'stated',
    remedy: 'Do not publish this file. See ctl-bridge verify; compose or sign it again.',
    sources: [securityGuide],
  },
  NO_SECURITY_BY_DEFAULT: {
    answer: 'refuses',
    sure: 'stated',
    remedy:
      'Sign with a SAST of the installed CTL. Otherwise these devices keep the old file until somebody deletes it by hand on each of them.',
    sources: [tokenless],
  },
  SIGNER_IS_SAST: {
    answer: 'accepts',
    sure: 'stated',
    remedy: 'Nothing. Try one phone of each model first all the same.',
    sources: [tokenless, securityGuide],
  },
  SIGNER_NAMED_OTHERWISE: {
    answer: 'unknown',
    sure: 'unknown',
    remedy:
      'Copy the signer’s record from the installed file instead of making it anew, so that serial and issuer keep their bytes.',
    sources: [],
  },
  TIMESTAMP_OLDER: {
    answer: 'unknown',
    sure: 'unknown',
    remedy: 'Sign the file again with the present time, or try one phone of each model first.',
    sources: [],
  },
  TVS_NOT_ASKED: {
    answer: 'unknown',
    sure: 'stated',
    remedy:
      'Upload the signer’s certificate as Phone-SAST-trust on every node, then give it with --tvs; or sign with a SAST of the installed CTL.',
    sources: [tokenless, securityByDefault],
  },
  TVS_REFUSES: {
    answer: 'refuses',
    sure: 'stated',
    remedy:
      'Upload the signer’s certificate as Phone-SAST-trust on every node and wait until each TVS has it; or sign with a SAST of the installed CTL.',
    sources: [tokenless, regeneration],
  },
  TVS_VOUCHES: {
    answer: 'accepts-through-tvs',
    sure: 'stated',
    remedy:
      'Keep TVS running on every node that phones ask, and publish to a pilot phone first: a good answer of TVS is necessary, not proof.',
    sources: [tokenless, securityByDefault],
  },
}
