import { exitCodes } from '../../problems/exit-codes.js'
import { type ProblemCode, problems } from '../../problems.js'
import type { MigrationAnswer, PlanAnswer } from '../answers.js'
import { isImpossible } from './plan-answer-text.js'

/** That of the problem that it is stopped by; else done. */
export function migrationExitCode({ state, stopped }: MigrationAnswer): number {
  if (state !== 'stopped') return exitCodes.done
  return exitCodes[problems[stopped?.code as ProblemCode]?.exit ?? 'daemon']
}

/** Whether it would be carried out as things are now. */
export function planExitCode({ plan, findings }: PlanAnswer): number {
  const isRefused = isImpossible(plan) || findings.some(({ severity }) => severity === 'error')
  return isRefused ? exitCodes.daemon : exitCodes.done
}
