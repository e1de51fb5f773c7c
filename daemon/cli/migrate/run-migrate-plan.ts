/** `ctl-bridge migrate plan CLUSTER PLAN`: what a migration would do; nothing is touched. */
import type { PlanAnswer } from '../answers.js'
import { openApi } from '../api-client.js'
import type { CommandContext } from '../command.js'
import { jsonText } from '../json-text.js'
import { planExitCode } from './migration-exit-code.js'
import { planAnswerText } from './plan-answer-text.js'
import { readPlanRequest } from './plan-request.js'

export async function run(context: CommandContext): Promise<number> {
  const { terminal } = context
  const api = await openApi(context)
  const request = await readPlanRequest(context, api)
  const answer = await api.postJson<PlanAnswer>('/v1/migrations/plan', request)
  terminal.print(terminal.json ? jsonText(answer, 2) : planAnswerText(answer, terminal.width))
  return planExitCode(answer)
}
