#!/usr/bin/env node
/** The command `ctl-bridge`: finds the command, parses, runs, and turns what goes wrong into an exit code. */
import { here } from '../place.js'
import { version } from '../version.js'
import type { CommandDescription } from './command.js'
import { commands } from './commands.js'

async function main(args: readonly string[]): Promise<number> {
  const [name, ...rest] = args
  if (name === '--version' || name === 'version') return print(`ctl-bridge ${version}\n`)
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') return help(rest)
  // After -- an argument is a file, whatever it is called.
  const options = args.includes('--') ? args.slice(0, args.indexOf('--')) : args
  const json = options.includes('--json')
  try {
    return await run(name, rest, json)
  } catch (error) {
    const { reportProblem } = await import('./report-problem.js')
    return reportProblem(error, json)
  }
}

async function run(name: string, args: readonly string[], json: boolean): Promise<number> {
  const { parseArguments } = await import('./parse-arguments.js')
  const command = find([name, ...args])
  const [word] = args
  const group = groupOf(name)
  // What follows `clusters` is a word of another command of its kind, or a mistake: it takes nothing itself.
  const isHalf = command === undefined || (command.name === name && command.operands.length === 0)
  if (group.length > 0 && isHalf && word !== undefined && !word.startsWith('-')) {
    throw await unknown(`${name} ${word}`, group)
  }
  if (command === undefined && group.length > 0) return help([name])
  if (command === undefined) throw await unknown(name)
  const parsed = parseArguments(command, args.slice(wordsOf(command).length - 1))
  if (parsed.switches.has('help')) return help([command.name])
  const { run: runCommand } = await command.load()
  const terminal = {
    print: (text: string) => void process.stdout.write(text),
    note: (text: string) => void process.stderr.write(text),
    json,
    colour: hasColour(process.stdout.isTTY, process.env),
    width: process.stdout.isTTY ? process.stdout.columns : undefined,
  }
  return runCommand({ ...parsed, place: here(), terminal })
}

/** https://no-color.org: any value but the empty one. */
function hasColour(isTerminal: boolean, { NO_COLOR: refused, TERM: kind }: NodeJS.ProcessEnv): boolean {
  return isTerminal && !refused && kind !== undefined && kind !== 'dumb'
}

async function help(words: readonly string[]): Promise<number> {
  const { groupPage, helpPage, overview } = await import('./help.js')
  const [name = '', ...rest] = words.flatMap((word) => word.split(' '))
  const command = find([name, ...rest])
  if (command !== undefined) return print(helpPage(command))
  const group = groupOf(name)
  return print(group.length > 0 ? groupPage(name, group) : overview(version))
}

/** Commands of two words or more that begin with this one. */
const groupOf = (name: string): readonly CommandDescription[] =>
  commands.filter((command) => command.name.startsWith(`${name} `))

async function unknown(name: string, group: readonly CommandDescription[] = []): Promise<Error> {
  const { BridgeError } = await import('../bridge-error.js')
  const names = group.map((command) => command.name).join(', ')
  const others = names === '' ? '' : ` There are ${names}.`
  return new BridgeError('USAGE', `There is no command ${JSON.stringify(name)}.${others}`)
}

const wordsOf = ({ name }: CommandDescription): string[] => name.split(' ')

/** By the words that the line begins with. `clusters` stands before `clusters show`: the last one that fits is meant. */
const find = (line: readonly string[]): CommandDescription | undefined =>
  commands.findLast((command) => wordsOf(command).every((word, index) => line[index] === word))

function print(text: string): number {
  process.stdout.write(text)
  return 0
}

// A reader that has seen enough (`ctl-bridge show F | head`) is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') return
  process.stderr.write(`ctl-bridge: standard output cannot be written (${error.code ?? error.message}).\n`)
  process.exit(5)
})
process.exitCode = await main(process.argv.slice(2))
