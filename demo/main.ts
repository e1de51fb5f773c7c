/** `npm run demo`: a cluster made of processes goes back from tokenless to tokens, with SoftHSM in place of the USB tokens. */
import { access, constants, mkdir, mkdtemp, readdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { softhsmModule } from '../softhsm/tokens-folder.js'
import { Api } from './api.js'
import { type DaemonProcess, startDaemonProcess } from './daemon-process.js'
import { type LabProcess, startLabProcess } from './lab-process.js'
import { standInAt } from './stand-in.js'
import { tellStory } from './story.js'
import { type Outcome, writeSummary } from './summary.js'
import { tellLab, tellNext, tellOpening, tellServing } from './tell-frame.js'
import { endMeanwhile, say, tellMeanwhile } from './telling.js'

const USAGE = `Usage: npm run demo [-- OPTIONS]

Starts a CUCM cluster made of processes, with phones, in mixed mode without tokens,
and takes it back to a CTL signed by a token: plan, preflight, migration, report.

  --json FILE     write a summary: files, checksums, signer, steps, findings, phones
  --folder DIR    where everything is kept (default: a new folder for temporary files)
  --nodes N       how many nodes the cluster has, from 1 to 8 (default: 3)
  --phones N      how many phones, from 9 to 2000 (default: 60)
  --serve         leave cluster and daemon running until Ctrl-C, to try them by hand
  --port N        TCP port of the daemon (default: 8470 with --serve, else any free one)
  --help          show this
`

const NODES = 3
const MOST_NODES = 8
const PHONES = 60
/** One of each model at least; more than that ask for much patience. */
const [FEWEST_PHONES, MOST_PHONES] = [9, 2000]
/** Seconds; CUCM takes minutes for both. */
const TVS_DELAY = 3
const REPLICATION_DELAY = 1
/** A Unix socket's path has at most 107 bytes; the longest here is that of the lab. */
const LONGEST_FOLDER = 107 - '/lab/control.sock'.length

/** Ctrl-C, SIGTERM or a closed terminal: neither lab nor daemon must outlive the demo. */
const asked = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => asked.abort())

class UsageError extends Error {}

const OPTIONS = {
  json: { type: 'string' },
  folder: { type: 'string' },
  nodes: { type: 'string' },
  phones: { type: 'string' },
  serve: { type: 'boolean', default: false },
  port: { type: 'string' },
  help: { type: 'boolean', default: false },
} as const

function readArguments() {
  try {
    return parseArgs({ options: OPTIONS }).values
  } catch (error) {
    throw new UsageError((error as Error).message)
  }
}

function numberOf(option: string, text: string, least: number, most: number): number {
  if (/^\d{1,5}$/.test(text) && Number(text) >= least && Number(text) <= most) return Number(text)
  throw new UsageError(`--${option} takes a number from ${least} to ${most}, not ${text}.`)
}

async function main(): Promise<number> {
  const { json, serve, ...given } = readArguments()
  if (given.help) {
    process.stdout.write(USAGE)
    return 0
  }
  const port = numberOf('port', given.port ?? (serve ? '8470' : '0'), 0, 65_535)
  const nodes = numberOf('nodes', given.nodes ?? `${NODES}`, 1, MOST_NODES)
  const phones = numberOf('phones', given.phones ?? `${PHONES}`, FEWEST_PHONES, MOST_PHONES)
  if (json !== undefined) await access(dirname(resolve(json)), constants.W_OK)
  const folder = await prepareFolder(given.folder)
  tellOpening(folder)
  const lab = await startLabProcess(
    {
      folder: join(folder, 'lab'),
      nodes,
      phones,
      tvsDelay: TVS_DELAY,
      replicationDelay: REPLICATION_DELAY,
      onProgress: (line) => {
        if (!asked.signal.aborted) tellMeanwhile(`   ${line}`)
      },
    },
    asked.signal,
  )
  try {
    return await withLab(lab, { folder, port, json, serve })
  } finally {
    await lab.stop()
  }
}

interface Wish {
  readonly folder: string
  readonly port: number
  readonly json: string | undefined
  readonly serve: boolean
}

async function withLab(lab: LabProcess, { folder, port, json, serve }: Wish): Promise<number> {
  const module = softhsmModule(join(folder, 'lab', 'tokens'), 'lab')
  const daemon = await startDaemonProcess(folder, module, port, asked.signal)
  try {
    const api = new Api(daemon.url, daemon.key, asked.signal)
    const gone = Promise.race([lab.lost, lost(daemon)])
    // Heard of by the race below, or nobody waits any more.
    gone.catch(() => undefined)
    await tellLab(lab, { tvsDelay: TVS_DELAY, replicationDelay: REPLICATION_DELAY }, daemon, api)
    const stage = { api, lab, standIn: standInAt(lab.status), until: asked.signal }
    const outcome = await Promise.race([tellStory(stage, folder), gone])
    if (json !== undefined) await writeSummary(resolve(json), outcome)
    const code = conclude(outcome)
    tellNext(outcome, folder, serve)
    if (code === 0 && serve) {
      tellServing(daemon)
      await Promise.race([stopAsked(), gone])
    }
    return code
  } finally {
    await daemon.stop()
  }
}

function conclude({ problems }: Outcome): number {
  say()
  if (problems.length === 0) {
    say('The new file verifies, and the phones hold what preflight said they would.')
    return 0
  }
  for (const problem of problems) say(`NOT AS IT SHOULD BE: ${problem}`)
  return 1
}

async function lost({ ended }: DaemonProcess): Promise<never> {
  await ended
  throw new Error('The daemon ended by itself.')
}

const stopAsked = (): Promise<void> =>
  new Promise((resolve) => {
    if (asked.signal.aborted) resolve()
    asked.signal.addEventListener('abort', () => resolve())
  })

async function prepareFolder(wanted: string | undefined): Promise<string> {
  if (wanted === undefined) return mkdtemp(join(tmpdir(), 'ctl-bridge-demo-'))
  const folder = resolve(wanted)
  if (Buffer.byteLength(folder) > LONGEST_FOLDER) {
    throw new Error(
      `${folder} is too long a path for the sockets in it; name a folder of at most ${LONGEST_FOLDER} bytes.`,
    )
  }
  await mkdir(folder, { recursive: true, mode: 0o700 })
  if ((await readdir(folder)).length > 0) throw new Error(`${folder} is not empty; name a new folder.`)
  return folder
}

try {
  process.exitCode = await main()
} catch (error) {
  endMeanwhile()
  const reason = asked.signal.aborted ? 'Stopped.' : (error as Error).message
  const hint = error instanceof UsageError ? '\nnpm run demo -- --help tells more.' : ''
  process.stderr.write(`demo: ${reason}${hint}\n`)
  process.exitCode = error instanceof UsageError ? 2 : 1
}
