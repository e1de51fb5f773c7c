/**
 * Parameters of the cluster. What they are called in processconfig is not published: these names are tried [inferred].
 * One that is there speaks for itself; where none is, the operator is asked.
 */
import { type PlanGround, seen } from '../plan/ground.js'
import { found, type PreflightFinding } from './finding.js'
import type { PreflightRequest } from './preflight.js'

export const parameterNames = {
  rollback: ['RollBackToPre8.0', 'RollbackToPre80', 'PrepareClusterForRollbackToPre80'],
  digest: ['TFTPFileSignatureAlgorithm', 'SignatureAlgorithm'],
} as const

/** `other`: a value that cannot be told; `not seen`: no such parameter, or nobody asked. */
type State = 'off' | 'on' | 'other' | 'not seen'

function parameterValue({ situation }: PlanGround, names: readonly string[]): string | undefined {
  const values = seen(situation.parameters) ?? {}
  return names.map((name) => values[name]).find((value) => value !== undefined)
}

function stateOf(value: string | undefined, on: RegExp, off: RegExp): State {
  if (value === undefined) return 'not seen'
  if (on.test(value)) return 'on'
  return off.test(value) ? 'off' : 'other'
}

export const rollbackState = (ground: PlanGround): State =>
  stateOf(parameterValue(ground, parameterNames.rollback), /^(1|t|true|yes)$/i, /^(0|f|false|no)$/i)

/** `on`: SHA-512. */
export const sha512State = (ground: PlanGround): State =>
  stateOf(parameterValue(ground, parameterNames.digest), /512/, /^sha-?1$/i)

export function parameterFindings({ ground }: PreflightRequest): PreflightFinding[] {
  if (ground.situation.kind !== 'cucm') return []
  return [
    ...(rollbackState(ground) === 'on'
      ? [
          found(
            'ROLLBACK_PARAMETER_SET',
            `Its value is ${JSON.stringify(parameterValue(ground, parameterNames.rollback))}.`,
          ),
        ]
      : []),
    ...(sha512State(ground) === 'on'
      ? [
          found(
            'SHA512_SET',
            `Its value is ${JSON.stringify(parameterValue(ground, parameterNames.digest))}.`,
          ),
        ]
      : []),
  ]
}
