import type { CtlErrorCode, CtlErrorPlace } from '../../ctl/ctl-error.js'
import type { CtlDigest } from '../../ctl/tags.js'
import { type FindingCode, findingTable } from './finding-table.js'

export interface CtlProblem {
  readonly code: CtlErrorCode
  /** One sentence. */
  readonly detail: string
  /** Where: offset, tag, record. */
  readonly at: CtlErrorPlace
}

/** Something worth knowing about a file, valid or not. */
export interface Finding {
  readonly code: FindingCode
  readonly severity: 'info' | 'warning'
  /** Number of the record, from 1. */
  readonly record?: number
  /** Tag number of the field in question. */
  readonly tag?: number
  readonly detail: string
  readonly remedy: string
}

export interface CtlSigner {
  /** Number of the first SAST record that is the signer's, from 1. */
  readonly record: number
  /** Texts as in the record, serial as colon hex in the record's byte order. */
  readonly subject: string
  readonly issuer: string
  readonly serial: string
  /** Lower-case hex. */
  readonly certificateSha256: string
  readonly keyBits: number
}

/**
 * Where a record's certificate comes from: `root` it chains to a given root or is one, `self-signed`,
 * `issuer-not-given` nobody here issued it, `broken` a certificate with the issuer's name is here and did not sign
 * it, `not-checked` OpenSSL cannot read it.
 */
export type ChainState = 'root' | 'self-signed' | 'issuer-not-given' | 'broken' | 'not-checked'

export interface RecordChain {
  /** Number of the record, from 1. */
  readonly record: number
  readonly chain: ChainState
  /** SHA-256 of the root, lower-case hex. */
  readonly rootSha256?: string
}

export interface CtlVerdict {
  readonly verdict: 'valid' | 'invalid'
  /** The first thing that is wrong; there when the verdict is invalid. */
  readonly problem?: CtlProblem
  /** Everything that is wrong, `problem` first. A file that does not decode has one. */
  readonly problems: readonly CtlProblem[]
  readonly signer?: CtlSigner
  readonly digest?: CtlDigest
  /** One for each record with a readable certificate; there when roots were given. */
  readonly chains?: readonly RecordChain[]
  /** Never makes a file invalid. */
  readonly findings: readonly Finding[]
}

/** A finding with what the table says of its code. */
export function finding(
  code: FindingCode,
  detail: string,
  place: { readonly record?: number; readonly tag?: number } = {},
): Finding {
  const { severity, remedy } = findingTable[code]
  return { code, severity, ...place, detail, remedy }
}

/** A text from a file in quotes, short enough for a sentence. What would not print is for the reader to escape. */
export function quoted(text: string): string {
  const most = 200
  return `“${text.length > most ? `${text.slice(0, most)}…` : text}”`
}
