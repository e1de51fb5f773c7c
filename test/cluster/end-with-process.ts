/** A test process that crashes leaves no server behind. */
import type { ChildProcess } from 'node:child_process'

const running = new Set<ChildProcess>()
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

/** The returned function takes the promise back. */
export function endWithProcess(child: ChildProcess): () => void {
  running.add(child)
  return () => running.delete(child)
}
