/** Help pages from the descriptions of the commands. */
import { exitCodes } from '../problems/exit-codes.js'
import { wrapWords } from '../trust/show/wrap-words.js'
import type { CommandDescription, CommandOption } from './command.js'
import { commonOptions } from './commands/shared-options.js'
import { commands } from './commands.js'

const exitMeanings: Record<keyof typeof exitCodes, string> = {
  done: 'done',
  file: 'the file is refused or does not verify',
  usage: 'the command was not understood',
  token: 'a token, module or PIN stands in the way',
  daemon: 'the daemon cannot be reached or refuses',
  machine: 'disk, permissions or settings',
  node: 'a node of the cluster cannot be reached or answers wrongly',
  internal: 'an error of ctl-bridge itself',
}

export function overview(version: string): string {
  const rows = commands.map((command) => [command.name, command.summary] as const)
  return [
    `ctl-bridge ${version}: signs Cisco CTL files with PKCS#11 tokens.`,
    '',
    'Usage: ctl-bridge COMMAND [OPTIONS]',
    '',
    'Commands:',
    table(rows),
    '',
    'ctl-bridge COMMAND --help tells more. ctl-bridge --version prints the version.',
    '',
  ].join('\n')
}

export function helpPage(command: CommandDescription): string {
  const operands = command.operands
    .map(({ name, optional, many }) => {
      const spelling = many ? `${name}…` : name
      return optional ? ` [${spelling}]` : ` ${spelling}`
    })
    .join('')
  const required = command.options.filter((option) => option.required).map((option) => ` ${spelled(option)}`)
  const options = [...command.options, ...commonOptions]
  return [
    `Usage: ctl-bridge ${command.name}${operands}${required.join('')} [OPTIONS]`,
    '',
    wrapWords(command.summary, 0),
    ...command.description.map((paragraph) => `\n${wrapWords(paragraph, 0)}`),
    ...(command.operands.length > 0
      ? ['', table(command.operands.map(({ name, summary }) => [name, summary]))]
      : []),
    '',
    'Options:',
    table(options.map((option) => [spelled(option), summaryOf(option)])),
    '',
    'Examples:',
    ...command.examples.map(({ line, summary }) => `  ${line}\n      ${summary}`),
    '',
    'Exit codes:',
    table(
      Object.entries(exitCodes).map(([name, code]) => [
        String(code),
        exitMeanings[name as keyof typeof exitCodes],
      ]),
    ),
    '',
  ].join('\n')
}

const spelled = (option: CommandOption): string => `--${option.name}${option.value ? ` ${option.value}` : ''}`

const summaryOf = ({ summary, choices }: CommandOption): string =>
  choices ? `${summary} (${choices.join(', ')})` : summary

function table(rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(...rows.map(([left]) => left.length)) + 4
  return rows.map(([left, right]) => `  ${left.padEnd(width - 2)}${wrapWords(right, width)}`).join('\n')
}
