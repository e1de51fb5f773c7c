/** Command line → what a command runs with, by the description of the command. */
import { parseArgs } from 'node:util'
import { BridgeError } from '../bridge-error.js'
import type { CommandContext, CommandDescription } from './command.js'
import { commonOptions } from './commands/shared-options.js'

export type ParsedArguments = Pick<CommandContext, 'operands' | 'values' | 'lists' | 'switches'>

/** Throws USAGE. `--help` and `--version` ask for nothing else to be right. */
export function parseArguments(command: CommandDescription, args: readonly string[]): ParsedArguments {
  const options = [...command.options, ...commonOptions]
  const parsed = readOptions(command, args)
  const given = (name: string): readonly string[] =>
    [(parsed.values as Readonly<Record<string, unknown>>)[name] ?? []].flat().map(String)
  const switches = new Set(
    options.filter((option) => !option.value && given(option.name).length > 0).map(({ name }) => name),
  )
  if (!switches.has('help')) check(command, given, parsed.positionals)
  return {
    operands: parsed.positionals,
    values: Object.fromEntries(
      options.filter(({ value, many }) => value && !many).map(({ name }) => [name, given(name)[0]]),
    ),
    lists: Object.fromEntries(options.filter(({ many }) => many).map(({ name }) => [name, given(name)])),
    switches,
  }
}

function readOptions(command: CommandDescription, args: readonly string[]) {
  const options = [...command.options, ...commonOptions].map((option) => [
    option.name,
    option.value ? { type: 'string' as const, multiple: true as const } : { type: 'boolean' as const },
  ])
  try {
    return parseArgs({
      args: [...args],
      options: Object.fromEntries(options),
      allowPositionals: true,
      strict: true,
    })
  } catch (error) {
    const [first] = (error as Error).message.split('. ')
    throw usage(command, `${first}.`)
  }
}

function check(
  command: CommandDescription,
  given: (name: string) => readonly string[],
  operands: readonly string[],
): void {
  const missing = command.operands[operands.length]
  if (missing !== undefined && !missing.optional) throw usage(command, `${missing.name} is missing.`)
  const isOpen = command.operands.at(-1)?.many === true
  if (operands.length > command.operands.length && !isOpen) {
    throw usage(command, `${JSON.stringify(operands[command.operands.length])} is one argument too many.`)
  }
  for (const option of command.options) {
    const values = given(option.name)
    if (option.required && values.length === 0)
      throw usage(command, `--${option.name} ${option.value} is missing.`)
    if (option.value && !option.many && values.length > 1)
      throw usage(command, `--${option.name} stands twice.`)
    const wrong = values.find((value) => option.choices && !option.choices.includes(value))
    if (wrong !== undefined) {
      throw usage(
        command,
        `--${option.name} is one of ${option.choices?.join(', ')}, not ${JSON.stringify(wrong)}.`,
      )
    }
  }
}

const usage = (command: CommandDescription, detail: string): BridgeError =>
  new BridgeError('USAGE', `ctl-bridge ${command.name}: ${detail}`)
