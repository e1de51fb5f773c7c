/** The folder in which a running lab lives and tells what it is. All of it goes when the lab ends. */
import { join } from 'node:path'

export interface LabFolder {
  readonly folder: string
  /** The process and its children, for whoever must clean up after a lab that was killed. */
  readonly processes: string
  /** Unix socket; a lab runs exactly when it answers. */
  readonly control: string
  /** The cluster as the daemon reads it. */
  readonly clusters: string
  /** Password of the lab's user, one line. */
  readonly password: string
  /** Settings of the daemon that the lab starts. */
  readonly daemonSettings: string
  /** SoftHSM's tokens. */
  readonly tokens: string
  /** Keys and certificates of the tokens as PEM. */
  readonly sast: string
  /** Disks of the nodes, and their logs. */
  readonly nodes: string
}

export function labFolder(folder: string): LabFolder {
  const at = (name: string) => join(folder, name)
  return {
    folder,
    processes: at('processes.json'),
    control: at('control.sock'),
    clusters: at('clusters.toml'),
    password: at('password'),
    daemonSettings: join(folder, 'daemon', 'config.toml'),
    tokens: at('tokens'),
    sast: at('sast'),
    nodes: at('nodes'),
  }
}

/** What the lab cannot do, in a sentence that says what to do instead. */
export class LabProblem extends Error {
  readonly exitCode: number

  constructor(message: string, exitCode = 5) {
    super(message)
    this.exitCode = exitCode
  }
}
