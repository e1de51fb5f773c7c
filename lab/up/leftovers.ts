/** What a lab that was killed left behind: a folder, and perhaps the daemon that it had started. */
import { existsSync, readFileSync } from 'node:fs'
import { rm, writeFile } from 'node:fs/promises'
import { setTimeout as passes } from 'node:timers/promises'
import { isLabRunning } from '../control/control-client.js'
import { LabProblem, labFolder } from '../lab-folder.js'

interface LabProcesses {
  readonly lab: number
  readonly daemon?: number
}

const END_WITHIN = 5000

export async function noteProcesses(folder: string, processes: LabProcesses): Promise<void> {
  await writeFile(labFolder(folder).processes, `${JSON.stringify(processes)}\n`, { mode: 0o600 })
}

/** Resolves with whether there was something. Rejects when a lab runs there. */
export async function cleanUp(folder: string): Promise<boolean> {
  const paths = labFolder(folder)
  if (!existsSync(folder)) return false
  if (await isLabRunning(folder)) {
    throw new LabProblem('A lab runs already. End it first: ctl-bridge lab down', 4)
  }
  const { lab, daemon } = readProcesses(paths.processes)
  if (lab !== undefined && lab !== process.pid && isOf(lab, folder)) {
    throw new LabProblem(`A lab is starting or ending (process ${lab}). Try again when it is done.`, 4)
  }
  // Only a process whose command line names this very folder: numbers are given anew.
  if (daemon !== undefined && isOf(daemon, paths.daemonSettings)) await end(daemon, paths.daemonSettings)
  await rm(folder, { recursive: true, force: true })
  return true
}

function readProcesses(file: string): Partial<LabProcesses> {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    return {}
  }
}

function isOf(pid: number, word: string): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').includes(word)
  } catch {
    return false
  }
}

async function end(pid: number, word: string): Promise<void> {
  process.kill(pid, 'SIGTERM')
  for (let waited = 0; waited < END_WITHIN && isOf(pid, word); waited += 50) await passes(50)
  if (isOf(pid, word)) process.kill(pid, 'SIGKILL')
}
