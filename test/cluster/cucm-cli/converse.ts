/** A node that is a list of texts, each printed when something was typed; and what a dialogue makes of it. */
import type { CliCommand } from '../../../daemon/cluster/cucm-cli/cli-command.js'
import { CliDialogue, type CliEnd, type CliStep } from '../../../daemon/cluster/cucm-cli/cli-dialogue.js'
import { usualCliLimits } from '../../../daemon/cluster/cucm-cli/cli-limits.js'

export interface Conversation<Result> {
  readonly typed: readonly string[]
  readonly end: CliEnd<Result>
}

export interface ConversationOptions {
  /** Characters that arrive together; between two parts the node is silent for a moment. */
  readonly chunk?: number
  /** How it goes on when the node has said all: silence for ever, or the line drops. */
  readonly finally?: 'silence' | 'drop'
}

export function converse<Result>(
  command: CliCommand<Result>,
  answers: readonly string[],
  { chunk = Number.MAX_SAFE_INTEGER, finally: last = 'silence' }: ConversationOptions = {},
): Conversation<Result> {
  const dialogue = new CliDialogue(command, usualCliLimits)
  const typed: string[] = []
  let end: CliEnd<Result> | undefined
  const waiting: string[] = []
  let next = 0
  const take = (step: CliStep<Result>) => {
    end ??= step.end
    if (step.type === undefined) return
    typed.push(step.type)
    // The terminal's echo, then what the node says to it.
    // Nothing may come for a moment, before the echo.
    take(dialogue.settled())
    waiting.push(`${step.type.replace('\r', '\r\n')}${answers[next++] ?? ''}`)
  }
  take(dialogue.begin())
  for (;;) {
    const text = waiting.shift()
    if (text === undefined || end !== undefined) break
    for (let at = 0; at < text.length; at += chunk) {
      take(dialogue.receive(text.slice(at, at + chunk)))
      take(dialogue.settled())
    }
  }
  if (last === 'silence') {
    take(dialogue.quiet())
    take(dialogue.late())
  } else {
    take(dialogue.dropped())
  }
  if (end === undefined) throw new Error('the dialogue does not end')
  return { typed, end }
}
