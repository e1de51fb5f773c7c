/** `ctl-bridge doctor`: what this machine has, what it lacks, and what mends it. Needs no daemon. */
import { readConfig } from '../../config.js'
import { printable } from '../../ctl/text.js'
import type { Check } from '../../doctor/check.js'
import { examineMachine } from '../../examine-machine.js'
import { exitCodes } from '../../problems/exit-codes.js'
import { reportLines } from '../../trust/show/wrap-words.js'
import type { CommandContext } from '../command.js'
import { jsonText } from '../json-text.js'

export async function run({ values, place, terminal }: CommandContext): Promise<number> {
  const config = readConfig(values.config, place)
  const checks = await examineMachine(config, (what) => {
    if (!terminal.json) terminal.note(`${printable(what)} …\n`)
  })
  const good = checks.every((check) => check.verdict !== 'wrong')
  if (terminal.json) terminal.print(jsonText({ good, checks }, 2))
  else terminal.print(reportLines(checks.flatMap(checkLines), terminal.width))
  if (good) return exitCodes.done
  const wrong = checks.filter(({ verdict }) => verdict === 'wrong')
  return wrong.every(({ code }) => code.startsWith('CLUSTER')) ? exitCodes.machine : exitCodes.token
}

const marks: Readonly<Record<Check['verdict'], string>> = { ok: 'ok   ', note: 'note ', wrong: 'WRONG' }

function checkLines({ verdict, found, remedy }: Check): string[] {
  return [`${marks[verdict]}  ${found}`, ...(remedy === undefined ? [] : [`       do: ${remedy}`])]
}
