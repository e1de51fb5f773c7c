/** `npm run fuzz`: looks for inputs that crash, hang or are not what the invariants say. */
import { randomInt } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { judgeFully } from './judge-input.js'
import { makeInput } from './make-input.js'
import { type FuzzResult, memoryGrowth, runFuzz } from './run-fuzz.js'
import { targets } from './targets.js'

const usage = `Usage: npm run fuzz -- [--seconds N] [--inputs N] [--seed N] [--jobs N] [--from N] [--only N]

  --seconds N  stop after so many seconds; default 60, or no limit with --inputs
  --inputs N   stop after so many inputs
  --seed N     the same seed makes the same inputs; default: another each time, printed
  --jobs N     processes; default: one a processor
  --from N     number of the first input
  --only N     one input through every target, with its bytes
  --out DIR    where inputs with findings go; default .cache/fuzz
`

/** More than the noise of a heap after collection, less than a kept byte an input in a long run. */
const GROWTH_ALLOWED = 8 * 1024 * 1024

/** As good as no limit; messages between processes cannot hold Infinity. */
const YEAR = 365 * 24 * 3600

function readOptions() {
  const text = { type: 'string' } as const
  const { values } = parseArgs({
    options: {
      seconds: text,
      inputs: text,
      seed: text,
      jobs: text,
      from: text,
      only: text,
      out: text,
      help: { type: 'boolean' },
    },
  })
  const number = (name: 'seconds' | 'inputs' | 'seed' | 'jobs' | 'from' | 'only', otherwise: number) => {
    const value = values[name] === undefined ? otherwise : Number(values[name])
    if (Number.isInteger(value) && value >= 0) return value
    throw new Error(`--${name} is a whole number, not ${values[name]}.`)
  }
  return {
    help: values.help ?? false,
    seconds: number('seconds', values.inputs === undefined ? 60 : YEAR),
    inputs: number('inputs', 2 ** 40),
    seed: number('seed', randomInt(2 ** 31)),
    jobs: Math.max(1, number('jobs', availableParallelism())),
    from: number('from', 0),
    only: values.only === undefined ? undefined : number('only', 0),
    out: values.out ?? '.cache/fuzz',
  }
}

const print = (line: string) => void process.stdout.write(`${line}\n`)

function keep(folder: string, seed: number, index: number): string {
  mkdirSync(folder, { recursive: true })
  const path = join(folder, `${seed}-${index}.tlv`)
  writeFileSync(path, makeInput(seed, index))
  return path
}

function replay(seed: number, index: number, folder: string): number {
  const bytes = makeInput(seed, index)
  print(`seed ${seed}, input ${index}: ${bytes.length} bytes, kept as ${keep(folder, seed, index)}`)
  const findings = judgeFully(targets, bytes)
  for (const { target, what } of findings) print(`FOUND in ${target}: ${what}`)
  if (findings.length === 0) print('every target holds')
  return findings.length > 0 ? 1 : 0
}

function printResult({ inputs, counts, found, memory }: FuzzResult, seconds: number): void {
  print(`${inputs} inputs in ${seconds.toFixed(1)} s, ${Math.round(inputs / seconds)} a second`)
  print(`  decoded  ${counts.decoded ?? 0}`)
  for (const { name } of targets) print(`  ${name.padEnd(14)} ${counts[name] ?? 0} runs`)
  const codes = Object.entries(counts).filter(([name]) => name.startsWith('decode '))
  print(`  refused by ${codes.map(([name, count]) => `${name.slice('decode '.length)} ${count}`).join(', ')}`)
  for (const job of new Set(memory.map((point) => point.job))) {
    const heaps = memory.filter((point) => point.job === job).map(({ heap }) => heap / 1024 / 1024)
    const step = Math.ceil(heaps.length / 12)
    const shown = heaps.filter((_, index) => index % step === 0).map((heap) => heap.toFixed(1))
    const most = Math.max(...heaps).toFixed(1)
    print(`  heap of process ${job} after collection, MiB: ${shown.join(', ')}; at most ${most}`)
  }
  print(`  findings ${found.length}`)
}

async function main(): Promise<number> {
  const options = readOptions()
  if (options.help) {
    process.stdout.write(usage)
    return 0
  }
  const { seed, out } = options
  if (options.only !== undefined) return replay(seed, options.only, out)
  print(`seed ${seed}, ${options.jobs} processes`)
  const start = Date.now()
  const result = await runFuzz({
    ...options,
    // A busy machine may leave a process alone for a while.
    hangSeconds: 60,
    table: new URL('targets.js', import.meta.url).href,
    maxFindings: 20,
    onFinding: ({ index, target, what }) => {
      print(`FOUND: seed ${seed}, input ${index}, ${target}: ${what}`)
      print(`  kept as ${keep(out, seed, index)}; again: npm run fuzz -- --seed ${seed} --only ${index}`)
    },
    onProgress: (inputs) => print(`${inputs} inputs`),
  })
  printResult(result, (Date.now() - start) / 1000)
  const growth = memoryGrowth(result.memory)
  if (growth > GROWTH_ALLOWED) print(`FOUND: memory grew by ${growth} bytes`)
  return result.found.length > 0 || growth > GROWTH_ALLOWED ? 1 : 0
}

try {
  process.exitCode = await main()
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n${usage}`)
  process.exitCode = 2
}
