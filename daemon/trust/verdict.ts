import type { CtlErrorCode, CtlErrorPlace } from '../ctl/ctl-error.js'
import type { CtlDigest } from '../ctl/tags.js'

export interface CtlProblem {
  readonly code: CtlErrorCode
  /** One sentence. */
  readonly detail: string
  /** Where: offset, tag, record. */
  readonly at: CtlErrorPlace
}

export type FindingCode =
  | 'CERTIFICATE_EXPIRED'
  | 'CERTIFICATE_NOT_YET_VALID'
  | 'FILE_OVER_SIZE_CEILING'
  | 'ONE_SAST_ONLY'
  | 'SIGNER_NAME_DIFFERS'
  | 'TIMESTAMP_MISSING'

/** Something worth knowing about a file, valid or not. */
export interface Finding {
  readonly code: FindingCode
  readonly severity: 'info' | 'warning'
  /** Number of the record, from 1. */
  readonly record?: number
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

export interface CtlVerdict {
  readonly verdict: 'valid' | 'invalid'
  /** The first thing that is wrong; there when the verdict is invalid. */
  readonly problem?: CtlProblem
  readonly signer?: CtlSigner
  readonly digest?: CtlDigest
  readonly findings: readonly Finding[]
}
