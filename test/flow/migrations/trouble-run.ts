/** Something goes wrong while a step is under way: the migration stops or waits, says why, and goes on when it is mended. */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { ExecutionContext } from 'ava'
import type { MigrationView } from '../../../daemon/migration/desk/migrations.js'
import { plug, unplug } from '../../../softhsm/tokens-folder.js'
import { carryOut, type Ended, newProgress, type Progress } from './carry-out.js'
import { onlyFile, signerOf } from './files-after.js'
import type { Wanted } from './plan-rows.js'
import { anna, probeAll, type Rehearsal, rehearsal, startMigration } from './rehearsal.js'

export interface Trouble {
  readonly name: string
  readonly begin: (setting: Rehearsal) => Promise<void>
  readonly end: (setting: Rehearsal) => Promise<void>
  /** Words of which one must be in what it says while it is held up. */
  readonly words: RegExp
}

const lastNode = ({ running: { lab } }: Rehearsal) => lab.nodes[lab.nodes.length - 1]
const limitFiles = async ({ daemon }: Rehearsal, limit: string): Promise<void> => {
  await promisify(execFile)('prlimit', ['--pid', String(daemon().pid), `--fsize=${limit}`])
}
const signer = ({ tokens }: Rehearsal): string => tokens.at(-1) ?? ''

export const troubles: readonly Trouble[] = [
  {
    name: 'the token is pulled',
    begin: (setting) => unplug(setting.running.paths.tokens, signer(setting)),
    end: (setting) => plug(setting.running.paths.tokens, signer(setting)),
    words: /not plugged in|Take it out|TOKEN_REMOVED/,
  },
  {
    name: 'a node is down',
    begin: async (setting) => lastNode(setting)?.setFaults({ down: true }),
    end: async (setting) => lastNode(setting)?.setFaults({ down: false }),
    words: /lab-sub1/,
  },
  {
    name: 'TVS of a node is down',
    begin: async (setting) => lastNode(setting)?.setFaults({ tvsDown: true }),
    end: async (setting) => lastNode(setting)?.setFaults({ tvsDown: false }),
    words: /TVS|lab-sub1/,
  },
  {
    name: 'the disk under the store is full',
    begin: (setting) => limitFiles(setting, '0:unlimited'),
    end: (setting) => limitFiles(setting, 'unlimited'),
    words: /disk|store|full|space/i,
  },
]

/** What the migration says while it does not go on; undefined when nothing holds it up. */
export function complaint({ stopped, waits }: MigrationView): string | undefined {
  if (stopped !== undefined) return `${stopped.code}: ${stopped.detail} ${stopped.remedy}`
  const open = waits.filter(({ holds }) => holds !== true)
  if (open.length === 0) return undefined
  return open
    .map(({ what, evidence }) => [what, ...evidence.map((row) => `${row.node ?? ''} ${row.text}`)].join(' '))
    .join('\n')
}

/** An error at the hard stop goes by itself, when preflight is made again after what caused it was mended. */
async function carriedOn(setting: Rehearsal, id: string, progress: Progress): Promise<Ended> {
  const since = performance.now()
  for (;;) {
    const end = await carryOut(setting, id, { progress })
    if (end.is !== 'barred' || performance.now() - since > PATIENCE) return end
    await new Promise((resolve) => setTimeout(resolve, 250))
  }
}

/** Milliseconds: longer than the longest pause between two looks. */
const PATIENCE = 60_000

/** Resolves with how it was held up at the step, or `not held up`, or `not begun` where there was nothing to do. */
export async function troubled(
  t: ExecutionContext,
  trouble: Trouble,
  step: string,
  wanted: (setting: Rehearsal) => Wanted,
): Promise<string> {
  const setting = await rehearsal(t, { state: 'tokenless', holdAt: step })
  await probeAll(setting)
  const { id } = await startMigration(setting, wanted(setting))
  const progress = newProgress()
  const isAt = ({ current }: MigrationView) => current?.endsWith(step) === true
  const arrived = await carryOut(setting, id, { progress, until: () => setting.daemon().isHeld() })
  if (arrived.is !== 'until') {
    t.is(arrived.is, 'ended')
    return 'not begun'
  }
  await trouble.begin(setting)
  await setting.daemon().desk.release()
  let said: string | undefined
  const isHeldUp = (view: MigrationView) => {
    const words = complaint(view)
    if (words === undefined || !trouble.words.test(words)) return !isAt(view)
    said = words
    return true
  }
  await carryOut(setting, id, { progress, until: isHeldUp, isTroubled: true })
  await trouble.end(setting)
  const { desk } = setting.daemon()
  let end = await carriedOn(setting, id, progress)
  // One trouble may stop it twice: at what it was doing, and at what it looked at meanwhile.
  for (let resumes = 0; resumes < 2 && end.is === 'stopped'; resumes += 1) {
    t.truthy(end.view.stopped?.remedy)
    said ??= complaint(end.view)
    await desk.resume(anna, id)
    end = await carriedOn(setting, id, progress)
  }
  t.is(end.is, 'ended', `${trouble.name} at ${step}: ${'view' in end ? complaint(end.view) : ''}`)
  if ('view' in end) t.is(end.view.state, 'done', `${trouble.name} at ${step}`)
  const file = onlyFile(setting)
  t.is(file && signerOf(setting, file), 'token', `${trouble.name} at ${step}`)
  t.is(await setting.faulty.count('C_Login'), progress.unlocks, `${trouble.name} at ${step}`)
  return said ?? 'not held up'
}
