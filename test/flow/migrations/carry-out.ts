/** Carries a migration through: does what its view asks people for, until it ends, stops, or the daemon is gone. */
import type { MigrationView, StepView } from '../../../daemon/migration/desk/migrations.js'
import type { Condition, StatementCode } from '../../../daemon/migration/plan/plan.js'
import { TEST_PIN } from '../../../softhsm/sast-token.js'
import { DeskGone, DeskProblem } from './desk-process.js'
import type { People } from './people.js'
import { anna, type Rehearsal } from './rehearsal.js'

/** What it takes of a rehearsal, whatever the cluster is. */
export interface Carried extends Pick<Rehearsal, 'daemon'> {
  readonly people: Pick<People, 'doStep' | 'resetAndRead' | 'hasHappened'>
}

/** What has been done for a migration so far: it outlives the daemon, as people do. */
export interface Progress {
  /** Ids of steps of people that are done. */
  readonly done: Set<string>
  unlocks: number
  agains: number
}

export const newProgress = (): Progress => ({ done: new Set(), unlocks: 0, agains: 0 })

export interface CarryOutOptions {
  readonly progress?: Progress
  /** Called before people do anything for a view; true ends the carrying there. */
  readonly until?: (view: MigrationView) => boolean | Promise<boolean>
  /** What people do may fail now; they try again later. */
  readonly isTroubled?: boolean
  /** Milliseconds without any change after which it is given up, with what it waits for. */
  readonly patience?: number
}

export type Ended =
  | { readonly is: 'ended' | 'stopped' | 'until' | 'barred'; readonly view: MigrationView }
  | { readonly is: 'gone' }

const LOOK_EVERY = 25
const usualPatience = 60_000

/** `barred`: findings that are errors stand at the hard stop, and no person answers those. */
export async function carryOut(
  rehearsal: Carried,
  id: string,
  options: CarryOutOptions = {},
): Promise<Ended> {
  const progress = options.progress ?? newProgress()
  let last = { text: '', at: performance.now() }
  try {
    for (;;) {
      const view = await rehearsal.daemon().desk.get(id)
      const text = JSON.stringify([
        view.state,
        view.current,
        view.steps.map(({ phase }) => phase),
        view.waits,
      ])
      if (text !== last.text) last = { text, at: performance.now() }
      if (!['running', 'waiting', 'stopped'].includes(view.state)) return { is: 'ended', view }
      if (await options.until?.(view)) return { is: 'until', view }
      if (view.stopped !== undefined) return { is: 'stopped', view }
      if (isBarred(view)) return { is: 'barred', view }
      await answer(rehearsal, view, progress, options.isTroubled === true)
      if (performance.now() - last.at > (options.patience ?? usualPatience)) throw stuck(view)
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY))
    }
  } catch (error) {
    if (error instanceof DeskGone) return { is: 'gone' }
    throw error
  }
}

const stuck = ({ current, waits, findings }: MigrationView): Error =>
  new Error(`it stands at ${current} and waits for ${JSON.stringify({ waits, findings }, null, 1)}`)

const stepOf = ({ steps, current }: MigrationView): StepView | undefined =>
  steps.find(({ id }) => id === current)

function isBarred(view: MigrationView): boolean {
  return (
    stepOf(view)?.does.do === 'hard-stop' &&
    view.waits.some(({ what, holds }) => what === 'no finding is an error' && holds === false)
  )
}

async function answer(
  rehearsal: Carried,
  view: MigrationView,
  progress: Progress,
  isTroubled: boolean,
): Promise<void> {
  const step = stepOf(view)
  if (step === undefined) return
  try {
    await answerWaits(rehearsal, view, step, progress)
    if (step.phase !== 'told' || step.actor !== 'person' || progress.done.has(step.id)) return
    await doStep(rehearsal, view, step)
    progress.done.add(step.id)
  } catch (error) {
    if (error instanceof DeskGone || !(isTroubled || isLate(error))) throw error
  }
}

/** The migration went on meanwhile. */
const isLate = (error: unknown): boolean =>
  error instanceof DeskProblem &&
  ['MIGRATION_STEP_NOT_CURRENT', 'MIGRATION_NOTHING_TO_ANSWER', 'MIGRATION_ENDED'].includes(error.code)

async function answerWaits(
  { daemon, people }: Carried,
  { id, waits }: MigrationView,
  step: StepView,
  progress: Progress,
): Promise<void> {
  const { desk } = daemon()
  for (const { what, evidence } of waits) {
    const code = /acknowledges (\w+)/.exec(what)?.[1]
    if (code !== undefined) await desk.acknowledge(anna, id, code, 'known')
    const statement = /^somebody says (\w+)/.exec(what)?.[1]
    const isAsked = statement !== 'GO' || !waits.some((row) => row.what.includes('acknowledges'))
    if (statement !== undefined && isAsked) await desk.say(anna, id, statement as StatementCode, '')
    // Nobody types a PIN while another token is in the port.
    const isIn = evidence.some(({ text }) => text.startsWith('It is plugged in'))
    if (step.actor === 'token' && what.startsWith('token ') && isIn) {
      await desk.unlock(anna, id, TEST_PIN, { finalTry: false, repeatPin: false })
      progress.unlocks += 1
    }
    if (what.startsWith('it is known whether') && !people.hasHappened(step)) {
      await desk.again(anna, id, 'looked, and it was not done')
      progress.agains += 1
    }
  }
}

async function doStep({ daemon, people }: Carried, view: MigrationView, step: StepView): Promise<void> {
  const { desk } = daemon()
  const handOut = (name: string) => desk.file(view.id, name)
  await people.doStep(step, handOut)
  if (step.does.do !== 'reset-phones') return
  const which = step.does.which
  const readings = await people.resetAndRead(which, await handOut(fileOf(view, step)))
  await desk.enter(anna, view.id, readings)
}

/** The file that the phones are to take, by its name among the files of the migration. */
function fileOf({ files }: MigrationView, { until }: StepView): string {
  const isOfPhones = (one: Condition) => one.is === 'pilots-accepted' || one.is === 'fleet-answered'
  const condition = until.find(isOfPhones)
  if (condition === undefined || !('what' in condition)) throw new Error('the step says no file')
  if (condition.what !== 'before') return condition.what
  return files.find(({ name }) => /^before\/.*\/CTLFile\.tlv$/.test(name))?.name ?? 'before'
}
