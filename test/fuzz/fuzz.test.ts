import { spawnSync } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import test from 'ava'
import { decodeCtlFile } from '../../daemon/ctl/ctl-file.js'
import { judgeFully } from './judge-input.js'
import { makeInput } from './make-input.js'
import { PLANTED_SEED, planted } from './planted-targets.js'
import { memoryGrowth, runFuzz } from './run-fuzz.js'
import { targets } from './targets.js'

const options = {
  from: 0,
  seconds: 600,
  jobs: 1,
  hangSeconds: 10,
  maxFindings: 20,
  onFinding: () => undefined,
  onProgress: () => undefined,
}

test('a seed and a number make the same input every time, another seed another', (t) => {
  t.deepEqual(makeInput(1, 12), makeInput(1, 12))
  t.notDeepEqual(makeInput(1, 12), makeInput(2, 12))
  t.notDeepEqual(makeInput(1, 12), makeInput(1, 13))
})

test('the inputs reach every refusal of the decoder, and a good part of them decodes', (t) => {
  const codes = new Set<string>()
  let decoded = 0
  const inputs = 4000
  for (let index = 0; index < inputs; index++) {
    try {
      decodeCtlFile(makeInput(3, index))
      decoded++
    } catch (error) {
      codes.add((error as { code: string }).code)
    }
  }
  t.true(decoded > inputs / 10, String(decoded))
  // CTL_TOO_LARGE comes in longer runs: such inputs are slow to make.
  for (const code of [
    'EMPTY',
    'TRUNCATED',
    'LENGTH_WRONG',
    'CONTAINER_WRONG',
    'LENGTH_LIES',
    'TRAILING_BYTES',
  ]) {
    t.true(codes.has(`CTL_${code}`), code)
  }
  for (const code of ['FIELD_MISSING', 'FIELD_DUPLICATE', 'FIELD_MISPLACED', 'TEXT_WRONG', 'VALUE_UNKNOWN']) {
    t.true(codes.has(`CTL_${code}`), code)
  }
})

test('nothing is found in 4000 inputs, and every target ran', async (t) => {
  const result = await runFuzz({
    ...options,
    seed: 20,
    inputs: 4000,
    hangSeconds: 60,
    table: new URL('targets.js', import.meta.url).href,
  })
  t.deepEqual(result.found, [])
  t.is(result.inputs, 4000)
  for (const { name } of targets) t.true((result.counts[name] ?? 0) > 10, name)
  t.true(result.memory.length > 0)
})

test('a bug that throws, ends the process or hangs is found with its input, and the rest is still judged', async (t) => {
  const result = await runFuzz({
    ...options,
    seed: PLANTED_SEED,
    inputs: 60,
    table: new URL('planted-targets.js', import.meta.url).href,
  })
  const byIndex = result.found.toSorted((one, other) => one.index - other.index)
  t.deepEqual(
    byIndex.map(({ index }) => index),
    [planted.throws, planted.ends, planted.hangs, planted.unknownCode],
  )
  t.regex(byIndex[0]?.what ?? '', /TypeError: planted/)
  t.is(byIndex[1]?.what, 'the process ended (exit code 9)')
  t.is(byIndex[2]?.what, 'no sign of life for 10 seconds')
  t.regex(byIndex[3]?.what ?? '', /CtlError: planted/)
  t.deepEqual(
    byIndex.map(({ target }) => target),
    ['planted', 'target 2', 'target 2', 'planted'],
  )
  t.is(result.inputs, 60)
})

test('a target that takes longer than its input allows is found', (t) => {
  const slow = (milliseconds: number) => () => {
    const before = process.cpuUsage()
    while (process.cpuUsage(before).user < milliseconds * 1000);
  }
  const target = { name: 'slow', takes: 'all', oneIn: 1 } as const
  t.regex(
    judgeFully([{ ...target, run: slow(600) }], new Uint8Array(10))[0]?.what ?? '',
    /10 bytes took \d+ ms/,
  )
  // Larger inputs may take longer.
  t.deepEqual(judgeFully([{ ...target, run: slow(600) }], new Uint8Array(1_000_000)), [])
})

test('memory that grows with the inputs is seen, noise is not', (t) => {
  const points = (...heaps: number[]) => heaps.map((heap, index) => ({ job: 0, inputs: index, heap, rss: 0 }))
  t.is(memoryGrowth(points(50, 10, 12, 9, 14, 11, 10)), 1)
  t.is(memoryGrowth(points(5, 10, 20, 30, 40, 50, 60)), 30)
  t.is(memoryGrowth(points(5, 10)), 0)
})

test('one input is replayed by its seed and number, and its bytes are kept', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'ctl-bridge-fuzz-test-'))
  t.teardown(() => rm(folder, { recursive: true, force: true }))
  const main = fileURLToPath(new URL('main.js', import.meta.url))
  const run = (...args: string[]) =>
    spawnSync(process.execPath, [main, '--out', folder, ...args], { encoding: 'utf8' })
  const { status, stdout } = run('--seed', '5', '--only', '77')
  t.is(status, 0, stdout)
  t.regex(stdout, /seed 5, input 77: \d+ bytes[\s\S]*every target holds/)
  t.deepEqual(new Uint8Array(await readFile(join(folder, '5-77.tlv'))), Uint8Array.from(makeInput(5, 77)))
  t.is(run('--seed', 'x').status, 2)
})
