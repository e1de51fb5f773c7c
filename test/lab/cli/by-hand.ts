/** A person at the lab's command line: the stock ssh client on a pseudo-terminal, and what is typed when it asks. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ExecutionContext } from 'ava'
import { type CliServer, startCliServer } from '../../../lab/cli/cli-server.js'
import type { LabCluster, LabNode } from '../../../lab/model/lab-cluster.js'
import type { LabOptions } from '../../../lab/model/make-lab-cluster.js'
import { quote, type TypedAnswer, typeOnTerminal } from '../../cli/run-on-terminal.js'
import { sshProgram } from '../../cluster/ssh-server.js'
import { temporaryLab } from '../model/temporary-lab.js'

export interface HandledLab {
  readonly lab: LabCluster
  readonly server: CliServer
  /** Logs in, types each line once the prompt is there, and quits. Resolves with all that was on the screen. */
  readonly type: (...lines: readonly Typed[]) => Promise<string>
  readonly typeAt: (node: LabNode, lines: readonly Typed[], options?: SshOptions) => Promise<string>
}

/** A line typed at the prompt, or keys that are typed at what the screen asks. */
export type Typed = string | TypedAnswer

export interface SshOptions {
  readonly password?: string
  /** Of the terminal. Default: no size, and so no paging. */
  readonly rows?: number
  /** How the password is asked for. Default: password. */
  readonly method?: 'password' | 'keyboard-interactive'
  /** In place of the shell. */
  readonly remote?: string
}

export const PROMPT = 'admin:'

export async function labByHand(
  t: ExecutionContext,
  options: Omit<LabOptions, 'folder'> = {},
): Promise<HandledLab> {
  const lab = await temporaryLab(t, options)
  const servers = await Promise.all(lab.nodes.map((node) => startCliServer(lab, node)))
  t.teardown(() => Promise.all(servers.map((server) => server.close())))
  const typeAt = await typingAt(t, lab)
  const [server] = servers
  if (server === undefined) throw new Error('the lab has no node')
  return { lab, server, type: (...lines) => typeAt(lab.publisher, lines), typeAt }
}

/** Logs in with the stock client at a node whose command line listens, and types. */
export async function typingAt(
  t: ExecutionContext,
  { credentials }: Pick<LabCluster, 'credentials'>,
): Promise<HandledLab['typeAt']> {
  const folder = await mkdtemp(join(tmpdir(), 'ctl-bridge-ssh-'))
  t.teardown(() => rm(folder, { recursive: true, force: true }))
  return async (node, lines, ssh = {}) => {
    const answers = [
      { question: 'assword:', keys: `${ssh.password ?? credentials.password}\n` },
      ...keysOf(lines),
    ]
    const { program, env } = await sshProgram('ssh')
    const client = sshLine(program, node, credentials.user, folder, ssh)
    const sized = ssh.rows === undefined ? client : `stty rows ${ssh.rows} cols 80; ${client}`
    return (await typeOnTerminal(sized, answers, env)).replaceAll('\r', '')
  }
}

function sshLine(
  program: string,
  node: LabNode,
  user: string,
  folder: string,
  { remote, method = 'password' }: SshOptions,
): string {
  const options = [
    'StrictHostKeyChecking=accept-new',
    `UserKnownHostsFile=${join(folder, 'known-hosts')}`,
    'PubkeyAuthentication=no',
    `PreferredAuthentications=${method}`,
    'NumberOfPasswordPrompts=1',
    'LogLevel=ERROR',
  ].flatMap((option) => ['-o', option])
  const words = [program, '-F', '/dev/null', ...options, '-p', `${node.ports.ssh}`, `${user}@${node.address}`]
  return [...words, ...(remote === undefined ? [] : [remote])].map(quote).join(' ')
}

const keysOf = (lines: readonly Typed[]): TypedAnswer[] =>
  [...lines, 'quit'].map((line) =>
    typeof line === 'string' ? { question: PROMPT, keys: `${line}\n` } : line,
  )
