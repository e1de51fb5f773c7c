/** How the command tells what went wrong: one line what, one line where, one line what to do. */

import { printable } from '../ctl/text.js'
import { exitCodes } from '../problems/exit-codes.js'
import { type Problem, problems, toProblem } from '../problems.js'
import { jsonText } from './json-text.js'

/** A problem that came over HTTP keeps the texts of the daemon. */
export class ProblemAnswer extends Error {
  override readonly name = 'ProblemAnswer'
  readonly problem: Problem

  constructor(problem: Problem) {
    super(problem.title)
    this.problem = problem
  }
}

/** Returns the exit code. With `json`, the problem goes to standard output as one object. */
export function reportProblem(error: unknown, json: boolean): number {
  const problem = error instanceof ProblemAnswer ? error.problem : toProblem(error)
  if (json) process.stdout.write(jsonText({ problem }))
  else process.stderr.write(problemText(problem))
  if (problem.code === 'INTERNAL') process.stderr.write(`${(error as Error).stack ?? error}\n`)
  return exitCodes[problems[problem.code]?.exit ?? 'daemon']
}

/** `Reached` of the token ports in words. */
const reachedTexts: Readonly<Record<string, string>> = {
  no: 'the token was not asked',
  maybe: 'the token may have been asked',
  yes: 'the token was asked',
}

/** Whether the token was asked matters for tries and for calls that were cut short. */
function reachedText(code: string, value: string | number): string | [] {
  const matters = code.startsWith('PIN_') || value === 'maybe'
  return matters ? (reachedTexts[value] ?? String(value)) : []
}

export function problemText(problem: Problem): string {
  const where = Object.entries(problem.at).flatMap(([name, value]) =>
    name === 'reached' ? reachedText(problem.code, value) : `${name} ${value}`,
  )
  const rows = [
    `ctl-bridge: ${problem.title} (${problem.code}).`,
    `  What:  ${problem.detail}`,
    ...(where.length > 0 ? [`  Where: ${where.join(', ')}`] : []),
    `  Do:    ${problem.remedy}`,
  ]
  return `${rows.map(printable).join('\n')}\n`
}
