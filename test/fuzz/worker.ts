/**
 * The process that does the work and may crash or hang. It notes each input and target in a file before it runs
 * them, so that its parent can name what ended it.
 */
import { openSync, writeSync } from 'node:fs'
import { performance } from 'node:perf_hooks'
import { type Counts, judgeInput } from './judge-input.js'
import { makeInput } from './make-input.js'
import type { FuzzTarget } from './targets.js'
import { NOTE_BYTES, type WorkerReport, type WorkerTask } from './worker-task.js'

const REPORT_EVERY_MS = 200
const MEMORY_EVERY_MS = 5000

// Most inputs are refused, and a stack for each takes a tenth of the time; --only shows the stack of a finding.
Error.stackTraceLimit = 0

const send = (report: WorkerReport) => process.send?.(report)

process.once('message', (task: WorkerTask) => void work(task))

async function work(task: WorkerTask): Promise<void> {
  const { targets } = (await import(task.table)) as { readonly targets: readonly FuzzTarget[] }
  const note = openSync(task.noteFile, 'r+')
  send({ kind: 'ready' })
  const noted = new DataView(new ArrayBuffer(NOTE_BYTES))
  const counts: Counts = {}
  const reports = { next: performance.now() + REPORT_EVERY_MS, memory: 0 }
  let done = 0
  let index = task.from
  const onTarget = (position: number) => {
    noted.setFloat64(0, index)
    noted.setFloat64(8, position)
    writeSync(note, noted, 0, NOTE_BYTES, 0)
  }
  for (; index < task.end && Date.now() < task.until; index += task.step) {
    const findings = judgeInput(targets, makeInput(task.seed, index), index, counts, onTarget)
    if (findings.length > 0) send({ kind: 'finding', index, findings })
    done++
    if (performance.now() < reports.next) continue
    send({ kind: 'progress', next: index + task.step, counts })
    if (performance.now() >= reports.memory) {
      sendMemory(done)
      reports.memory = performance.now() + MEMORY_EVERY_MS
    }
    // Lets the channel empty; a worker that never turns to it keeps every report in memory.
    await new Promise((resolve) => setImmediate(resolve))
    reports.next = performance.now() + REPORT_EVERY_MS
  }
  sendMemory(done)
  send({ kind: 'done', next: index, counts })
  process.disconnect()
}

/** What is left after a collection; with --expose-gc. */
function sendMemory(inputs: number): void {
  global.gc?.()
  const { heapUsed, external, rss } = process.memoryUsage()
  send({ kind: 'memory', inputs, heap: heapUsed + external, rss })
}
