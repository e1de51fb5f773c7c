/** What `ctl-bridge lab up` and, in another terminal of 80 columns, `ctl-bridge clusters observe lab` print. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { COMMAND } from '../cli/run-command.js'
import { quote, typeOnTerminal } from '../cli/run-on-terminal.js'
import { newAccount } from '../flow/lab/lab-room.js'

export interface LabTranscript {
  readonly up: string
  readonly observe: string
}

export async function labTranscript(...options: readonly string[]): Promise<LabTranscript> {
  const { env, remove } = await newAccount()
  const lab = spawn(process.execPath, [COMMAND, 'lab', 'up', ...options], {
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true,
    env: { ...process.env, ...env },
  })
  const ended = once(lab, 'exit')
  try {
    let up = ''
    await new Promise<void>((resolve, reject) => {
      lab.stdout.on('data', (part) => {
        up += part
        if (up.includes('Ctrl-C ends the lab')) resolve()
      })
      void ended.then(() => reject(new Error(`the lab ended: ${up}`)))
    })
    const line = [process.execPath, COMMAND, 'clusters', 'observe', 'lab'].map(quote).join(' ')
    const screen = await typeOnTerminal(`stty cols 80; ${line}`, [], env)
    const folder = join(env.XDG_RUNTIME_DIR ?? '', 'ctl-bridge')
    return {
      // A person's own runtime folder in place of the test's.
      up: up.replaceAll(folder, '/run/user/1000/ctl-bridge'),
      observe: afterProgress(screen.replaceAll('\r', '')),
    }
  } finally {
    if (lab.exitCode === null) process.kill(-(lab.pid ?? 0), 'SIGINT')
    await ended
    await remove()
  }
}

/** The line that tells of progress is erased at the end (ECMA-48, EL). */
const afterProgress = (screen: string): string => screen.slice(screen.lastIndexOf('\x1b[K') + 3)

const block = (command: string, text: string): string => `\`\`\`text\n$ ${command}\n${text}\`\`\`\n`
const blocks = /```text\n\$ (ctl-bridge [^\n]*)\n([\s\S]*?)```\n/g

/** The page with these transcripts in place of its own. */
export function withTranscript(page: string, { up, observe }: LabTranscript): string {
  return page.replace(blocks, (whole, command: string) =>
    command === 'ctl-bridge lab up'
      ? block(command, up)
      : command === 'ctl-bridge clusters observe lab'
        ? block(command, observe)
        : whole,
  )
}

export function transcriptOf(page: string): LabTranscript {
  const found = new Map([...page.matchAll(blocks)].map(([, command = '', text = '']) => [command, text]))
  return {
    up: found.get('ctl-bridge lab up') ?? '',
    observe: found.get('ctl-bridge clusters observe lab') ?? '',
  }
}
