/**
 * Every problem code with its HTTP status, exit code, title and remedy: the one table behind the API's
 * problem documents, the command's messages and docs/problems.md.
 */

import type { TokenErrorCode } from '../drivers/token.js'
import type { BridgeErrorCode } from './bridge-error.js'
import type { CtlErrorCode } from './ctl/ctl-error.js'
import { clusterProblems } from './problems/cluster-problems.js'
import { daemonProblems } from './problems/daemon-problems.js'
import { fileProblems } from './problems/file-problems.js'
import { migrationProblems } from './problems/migration-problems.js'
import type { ProblemEntry } from './problems/problem-entry.js'
import { tokenProblems } from './problems/token-problems.js'
import type { LeaseErrorCode } from './tokens/lease-error.js'

export type ProblemCode = CtlErrorCode | TokenErrorCode | LeaseErrorCode | BridgeErrorCode

export const problems: Readonly<Record<ProblemCode, ProblemEntry>> = {
  ...fileProblems,
  ...tokenProblems,
  ...daemonProblems,
  ...clusterProblems,
  ...migrationProblems,
}

/** An RFC 9457 problem document; `type` is `urn:ctl-bridge:problem:<code>`. */
export interface Problem {
  readonly type: string
  readonly code: ProblemCode
  readonly title: string
  readonly status: number
  readonly detail: string
  readonly remedy: string
  /** Where: offset, tag, record, token, module, pointer …, whatever the code has. */
  readonly at: Readonly<Record<string, string | number>>
}

interface CodedError extends Error {
  readonly code: ProblemCode
  readonly place: Readonly<Record<string, string | number | undefined>>
}

function isCoded(error: unknown): error is CodedError {
  return (
    error instanceof Error &&
    'code' in error &&
    'place' in error &&
    Object.hasOwn(problems, String(error.code))
  )
}

/** Any error as a problem; what is not one of ours becomes INTERNAL without its text. */
export function toProblem(error: unknown): Problem {
  const coded = isCoded(error)
  const code = coded ? error.code : 'INTERNAL'
  const entry = problems[code]
  const at = Object.entries(coded ? error.place : {}).filter((pair) => pair[1] !== undefined)
  return {
    type: `urn:ctl-bridge:problem:${code}`,
    code,
    title: entry.title,
    status: entry.status,
    detail: coded ? error.message : 'Something failed inside the daemon.',
    remedy: entry.remedy,
    at: Object.fromEntries(at) as Record<string, string | number>,
  }
}
