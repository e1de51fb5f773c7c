/** Runs the command on a pseudo-terminal (script(1) of util-linux) and types when it asks. */
import { spawn } from 'node:child_process'
import { COMMAND } from './run-command.js'

export const quote = (word: string): string => `'${word.replaceAll("'", "'\\''")}'`

/** What is typed once the screen shows the question. */
export interface TypedAnswer {
  readonly question: string
  /** Made then, where something else happens first. */
  readonly keys: string | (() => string)
}

/** Types `keys` once the screen shows `question`. Resolves with all that was on the screen. */
export function runOnTerminal(args: readonly string[], question: string, keys: string): Promise<string> {
  return answerOnTerminal(args, [{ question, keys }])
}

/** As `runOnTerminal`, one question after the other; each is looked for behind the one before. */
export function answerOnTerminal(
  args: readonly string[],
  answers: readonly TypedAnswer[],
  env: Readonly<Record<string, string>> = {},
): Promise<string> {
  return typeOnTerminal([process.execPath, COMMAND, ...args].map(quote).join(' '), answers, env)
}

/** As `answerOnTerminal`, for any line of the shell. */
export function typeOnTerminal(
  line: string,
  answers: readonly TypedAnswer[],
  env: Readonly<Record<string, string | undefined>> = {},
): Promise<string> {
  const child = spawn('script', ['--quiet', '--return', '--command', line, '/dev/null'], {
    stdio: ['pipe', 'pipe', 'inherit'],
    // Whatever terminal the tests were started on.
    env: { ...process.env, TERM: 'xterm', NO_COLOR: '', ...env },
  })
  const waiting = [...answers]
  let screen = ''
  let read = 0
  const answer = () => {
    for (let [next] = waiting; next !== undefined && screen.includes(next.question, read); [next] = waiting) {
      read = screen.indexOf(next.question, read) + next.question.length
      waiting.shift()
      child.stdin.write(typeof next.keys === 'string' ? next.keys : next.keys())
    }
  }
  child.stdout.on('data', (part) => {
    screen += part
    answer()
  })
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', () => resolve(screen))
  })
}
