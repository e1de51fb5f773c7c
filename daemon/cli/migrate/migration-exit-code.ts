import { exitCodes } from '../../problems/exit-codes.js'
import { type ProblemCode, problems } from '../../problems.js'
import type { MigrationAnswer, PlanAnswer } from '../answers.js'
import { isImpossible } from './plan-answer-text.js'

/** That of the problem that it is stopped by; else done. */
export function migrationExitCode({ state, stopped }: MigrationAnswer): number {
  if (state !== 'stopped') return exitCodes.done
  return exitCodes[problems[stopped?.code as ProblemCode]?.exit ?? 'daemon']
}

/** Findings are answered or mended up to the hard stop; what is impossible stays so. */
export const planExitCode = ({ plan }: PlanAnswer): number =>
  isImpossible(plan) ? exitCodes.daemon : exitCodes.done
