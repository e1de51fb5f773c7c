/** `ctl-bridge migrate start CLUSTER PLAN`: shows the plan and what preflight finds, asks, begins, and follows. */
import { randomUUID } from 'node:crypto'
import { exitCodes } from '../../problems/exit-codes.js'
import type { MigrationAnswer, PlanAnswer } from '../answers.js'
import { openApi } from '../api-client.js'
import { confirmCluster } from '../cluster/confirm-cluster.js'
import type { CommandContext } from '../command.js'
import { jsonText } from '../json-text.js'
import { printMigration } from './after-change.js'
import { followMigration } from './follow-migration.js'
import { isImpossible, planAnswerText } from './plan-answer-text.js'
import { readPlanRequest } from './plan-request.js'
import { readStatements } from './read-statements.js'

export async function run(context: CommandContext): Promise<number> {
  const { operands, lists, switches, terminal } = context
  const [cluster = ''] = operands
  const said = readStatements(lists.said ?? [])
  const api = await openApi(context)
  const request = await readPlanRequest(context, api)
  const answer = await api.postJson<PlanAnswer>('/v1/migrations/plan', request)
  if (isImpossible(answer.plan)) {
    terminal.print(terminal.json ? jsonText(answer, 2) : planAnswerText(answer, terminal.width))
    return exitCodes.daemon
  }
  terminal.note(planAnswerText(answer, terminal.width))
  if (answer.findings.some(({ severity }) => severity === 'error')) {
    terminal.note('There are errors: it will go no further than its hard stop until they are mended.\n')
  }
  if (!switches.has('yes')) await confirmCluster(cluster)
  const body = { ...request, said }
  const migration = await api.postJson<MigrationAnswer>('/v1/migrations', body, {
    'Idempotency-Key': randomUUID(),
  })
  if (!switches.has('detach')) return followMigration(api, migration, context)
  await printMigration(context, api, migration)
  return exitCodes.done
}
