/** Divides the inputs among processes, watches over them, and gathers what they find. */
import { type ChildProcess, fork } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Counts, Finding } from './judge-input.js'
import { NOTE_BYTES, type WorkerReport, type WorkerTask } from './worker-task.js'

export interface FuzzOptions {
  readonly seed: number
  /** Number of the first input. */
  readonly from: number
  readonly inputs: number
  readonly seconds: number
  readonly jobs: number
  /** Seconds without a sign of life after which a worker is ended. */
  readonly hangSeconds: number
  /** Module with the table `targets`, as a URL. */
  readonly table: string
  /** Stop after so many findings. */
  readonly maxFindings: number
  readonly onFinding: (found: Found) => void
  readonly onProgress: (inputs: number) => void
}

export interface Found extends Finding {
  readonly index: number
}

export interface MemoryPoint {
  readonly job: number
  readonly inputs: number
  /** Bytes after a collection: heap and external. */
  readonly heap: number
  readonly rss: number
}

export interface FuzzResult {
  readonly inputs: number
  readonly counts: Counts
  readonly found: readonly Found[]
  readonly memory: readonly MemoryPoint[]
}

export async function runFuzz(options: FuzzOptions): Promise<FuzzResult> {
  const folder = mkdtempSync(join(tmpdir(), 'ctl-bridge-fuzz-'))
  const jobs = Array.from({ length: options.jobs }, (_, job) => new FuzzJob(options, job, folder))
  const show = setInterval(() => options.onProgress(sum(jobs.map(({ inputs }) => inputs))), 5000)
  try {
    await Promise.all(jobs.map((job) => job.run()))
  } finally {
    clearInterval(show)
    rmSync(folder, { recursive: true, force: true })
  }
  return {
    inputs: sum(jobs.map(({ inputs }) => inputs)),
    counts: addCounts(jobs.flatMap(({ counts }) => counts)),
    found: jobs.flatMap(({ found }) => found),
    memory: jobs.flatMap(({ memory }) => memory),
  }
}

/** One share of the inputs: every so many-th. A worker that dies or hangs is followed by another after that input. */
class FuzzJob {
  readonly counts: Counts[] = []
  readonly found: Found[] = []
  readonly memory: MemoryPoint[] = []
  readonly #options: FuzzOptions
  readonly #job: number
  readonly #noteFile: string
  readonly #until: number
  #next: number

  constructor(options: FuzzOptions, job: number, folder: string) {
    this.#options = options
    this.#job = job
    this.#noteFile = join(folder, `note-${job}`)
    this.#until = Date.now() + options.seconds * 1000
    this.#next = options.from + job
  }

  /** Inputs that were judged. */
  get inputs(): number {
    return Math.ceil((this.#next - this.#options.from - this.#job) / this.#options.jobs)
  }

  async run(): Promise<void> {
    const { from, inputs, maxFindings } = this.#options
    while (this.#next < from + inputs && Date.now() < this.#until && this.found.length < maxFindings) {
      const ended = await this.#runWorker()
      if (ended === undefined) return
      this.#find(ended.index, [ended])
      this.#next = ended.index + this.#options.jobs
    }
  }

  /** What ended the worker before its work was done; undefined when nothing did. */
  #runWorker(): Promise<Found | undefined> {
    const { seed, from, inputs, jobs, table } = this.#options
    writeFileSync(this.#noteFile, new Uint8Array(NOTE_BYTES))
    const task: WorkerTask = {
      seed,
      from: this.#next,
      step: jobs,
      end: from + inputs,
      until: this.#until,
      noteFile: this.#noteFile,
      table,
    }
    const worker = fork(fileURLToPath(new URL('worker.js', import.meta.url)), [], {
      execArgv: ['--expose-gc', '--max-old-space-size=512'],
    })
    worker.send(task)
    return this.#watch(worker)
  }

  #watch(worker: ChildProcess): Promise<Found | undefined> {
    let counts: Counts = {}
    let isDone = false
    let isHung = false
    let watchdog: NodeJS.Timeout | undefined
    const feed = () => {
      clearTimeout(watchdog)
      watchdog = setTimeout(() => {
        isHung = true
        worker.kill('SIGKILL')
      }, this.#options.hangSeconds * 1000)
    }
    worker.on('message', (report: WorkerReport) => {
      feed()
      if (report.kind === 'ready') return
      if (report.kind === 'finding') {
        this.#find(report.index, report.findings)
        if (this.found.length >= this.#options.maxFindings) worker.kill('SIGKILL')
      } else if (report.kind === 'memory') {
        this.memory.push({ job: this.#job, inputs: report.inputs, heap: report.heap, rss: report.rss })
      } else {
        counts = report.counts
        this.#next = report.next
        isDone = report.kind === 'done'
      }
    })
    return new Promise((resolve) => {
      worker.once('close', (code, signal) => {
        clearTimeout(watchdog)
        this.counts.push(counts)
        const isEnough = this.found.length >= this.#options.maxFindings
        if (isDone || isEnough) return resolve(undefined)
        const what = isHung
          ? `no sign of life for ${this.#options.hangSeconds} seconds`
          : `the process ended (${signal ?? `exit code ${code}`})`
        resolve({ ...this.#noted(), what })
      })
    })
  }

  /** The input and the target that the worker noted last. */
  #noted(): { index: number; target: string } {
    const bytes = readFileSync(this.#noteFile)
    return { index: bytes.readDoubleBE(0), target: `target ${bytes.readDoubleBE(8) + 1}` }
  }

  #find(index: number, findings: readonly Finding[]): void {
    for (const finding of findings) {
      const found = { ...finding, index }
      this.found.push(found)
      this.#options.onFinding(found)
    }
  }
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)

function addCounts(all: readonly Counts[]): Counts {
  const total: Counts = {}
  for (const counts of all) {
    for (const [name, count] of Object.entries(counts)) total[name] = (total[name] ?? 0) + count
  }
  return total
}

/** Bytes that the memory of any job grew by, from the lowest point of its first half to that of its second. */
export function memoryGrowth(memory: readonly MemoryPoint[]): number {
  const jobs = [...new Set(memory.map(({ job }) => job))]
  const growths = jobs.map((job) => {
    const heaps = memory.filter((point) => point.job === job).map(({ heap }) => heap)
    // The first point is taken before everything was compiled.
    const points = heaps.slice(1)
    const half = Math.floor(points.length / 2)
    return half < 2 ? 0 : Math.min(...points.slice(half)) - Math.min(...points.slice(0, half))
  })
  return Math.max(0, ...growths)
}
