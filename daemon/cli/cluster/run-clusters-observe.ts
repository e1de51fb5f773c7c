/** `ctl-bridge clusters observe NAME`: what every node serves and says now. */
import { setTimeout as sleep } from 'node:timers/promises'
import { exitCodes } from '../../problems/exit-codes.js'
import type { ClusterObservationAnswer } from '../answers.js'
import { type ApiClient, openApi } from '../api-client.js'
import type { CommandContext } from '../command.js'
import { jsonText } from '../json-text.js'
import { clusterPath } from './cluster-path.js'
import { observationText } from './observation-text.js'
import { wholeSeconds } from './whole-seconds.js'
import { withClusterProgress } from './with-cluster-progress.js'

export async function run(context: CommandContext): Promise<number> {
  const { operands, values, terminal } = context
  const [name = ''] = operands
  const every = wholeSeconds('clusters observe', 'watch', values.watch)
  const api = await openApi(context)
  for (;;) {
    const observation = await observe(api, name)
    if (every === undefined) {
      terminal.print(terminal.json ? jsonText(observation, 2) : observationText(observation, terminal.width))
      return exitCodeOf(observation)
    }
    terminal.print(watchedText(observation, context))
    await sleep(every * 1000)
  }
}

const observe = (api: ApiClient, name: string): Promise<ClusterObservationAnswer> =>
  withClusterProgress(api, name, 'cluster.observing', () =>
    api.postJson<ClusterObservationAnswer>(`${clusterPath(name)}/observe`, undefined),
  )

/** A terminal is cleared first; elsewhere one follows the other, as JSON one a line. */
function watchedText(observation: ClusterObservationAnswer, { terminal }: CommandContext): string {
  if (terminal.json) return jsonText(observation)
  const text = observationText(observation, terminal.width)
  // ECMA-48: cursor home, erase the screen.
  return terminal.width === undefined ? `${text}\n` : `\x1b[H\x1b[2J${text}`
}

const exitCodeOf = ({ disagreements, unanswered }: ClusterObservationAnswer): number =>
  disagreements.length + unanswered.length === 0 ? exitCodes.done : exitCodes.node
