/** Runs the command on a pseudo-terminal (script(1) of util-linux) and types when it asks. */
import { spawn } from 'node:child_process'
import { COMMAND } from './run-command.js'

const quote = (word: string): string => `'${word.replaceAll("'", "'\\''")}'`

/** Types `keys` once the screen shows `question`. Resolves with all that was on the screen. */
export function runOnTerminal(args: readonly string[], question: string, keys: string): Promise<string> {
  const line = [process.execPath, COMMAND, ...args].map(quote).join(' ')
  const child = spawn('script', ['--quiet', '--return', '--command', line, '/dev/null'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  let screen = ''
  let typed = false
  child.stdout.on('data', (part) => {
    screen += part
    if (typed || !screen.includes(question)) return
    typed = true
    child.stdin.write(keys)
  })
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', () => resolve(screen))
  })
}
