/** `ctl-bridge migrate rollback [ID]`: shows the way back and who takes it, asks, and goes. */
import { randomUUID } from 'node:crypto'
import { exitCodes } from '../../problems/exit-codes.js'
import type { MigrationAnswer, PlanAnswer } from '../answers.js'
import { openApi } from '../api-client.js'
import { confirmCluster } from '../cluster/confirm-cluster.js'
import type { CommandContext } from '../command.js'
import { jsonText } from '../json-text.js'
import { printMigration } from './after-change.js'
import { chooseMigration } from './choose-migration.js'
import { followMigration } from './follow-migration.js'
import { planExitCode } from './migration-exit-code.js'
import { migrationPath } from './migration-path.js'
import { isImpossible, planAnswerText } from './plan-answer-text.js'

export async function run(context: CommandContext): Promise<number> {
  const { operands, switches, terminal } = context
  const api = await openApi(context)
  const { id, cluster } = await chooseMigration(api, operands[0], true)
  const path = `${migrationPath(id)}/rollback`
  const answer = await api.getJson<PlanAnswer>(path)
  if (switches.has('dry-run') || isImpossible(answer.plan)) {
    terminal.print(terminal.json ? jsonText(answer, 2) : planAnswerText(answer, terminal.width))
    return planExitCode(answer)
  }
  terminal.note(planAnswerText(answer, terminal.width))
  if (!switches.has('yes')) await confirmCluster(cluster)
  const headers = { 'Idempotency-Key': randomUUID() }
  const back = await api.postJson<MigrationAnswer>(path, undefined, headers)
  if (!switches.has('detach')) return followMigration(api, back, context)
  await printMigration(context, api, back)
  return exitCodes.done
}
