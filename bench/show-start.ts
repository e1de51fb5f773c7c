/**
 * How long `ctl-bridge show` takes from start to end, against Node alone: `npm run bench`. The runs are interleaved, so
 * that a busy machine slows both alike. Figures are printed and judged by people; a busy machine proves nothing.
 */
import { spawnSync } from 'node:child_process'
import { cpus, loadavg } from 'node:os'
import { fileURLToPath } from 'node:url'

const file = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url))
const ctl = file('test/vectors/tac-118893-token-signed.tlv')
const command = file('dist/daemon/cli/main.js')

const lines: Readonly<Record<string, readonly string[]>> = {
  'node -e 0': ['-e', '0'],
  'ctl-bridge show': [command, 'show', ctl],
  'ctl-bridge show --long': [command, 'show', '--long', ctl],
  'ctl-bridge verify': [command, 'verify', ctl],
}

/** Milliseconds. */
function timeOf(args: readonly string[]): number {
  const start = process.hrtime.bigint()
  const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' })
  if (status !== 0) throw new Error(`node ${args.join(' ')} ended with ${status}: ${stderr}`)
  return Number(process.hrtime.bigint() - start) / 1e6
}

function median(times: readonly number[]): number {
  return times.toSorted((one, other) => one - other)[Math.floor(times.length / 2)] ?? 0
}

const runs = Number(process.argv[2] ?? 41)
if (!Number.isInteger(runs) || runs < 1) {
  process.stderr.write('npm run bench -- RUNS: a number of runs, 41 if left out.\n')
  process.exit(2)
}
const times = new Map<string, number[]>(Object.keys(lines).map((name) => [name, []]))
for (let run = 0; run < runs; run++) {
  for (const [name, args] of Object.entries(lines)) times.get(name)?.push(timeOf(args))
}

const base = times.get('node -e 0') ?? []
const load = loadavg()[0]?.toFixed(1)
process.stdout.write(
  `A file of 5 records; ${runs} runs of each, interleaved. Node ${process.version}, ${cpus().length} CPUs, load ${load}.\n\n`,
)
process.stdout.write(`${'median ms'.padStart(34)}   least ms   against node: medians, least\n`)
for (const [name, measured] of times) {
  const [middle, least] = [median(measured), Math.min(...measured)]
  const ratios = `${(middle / median(base)).toFixed(2)}, ${(least / Math.min(...base)).toFixed(2)}`
  process.stdout.write(
    `${name.padEnd(24)}${middle.toFixed(1).padStart(10)}${least.toFixed(1).padStart(11)}   ${ratios}\n`,
  )
}
process.stdout.write('\nThe aim: show within 2.20 of node, by the medians.\n')
