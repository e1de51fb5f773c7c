import test from 'ava'
import fc from 'fast-check'
import { actionNatures } from '../../../daemon/migration/runner/action-nature.js'
import { type RunEntry, readEntry } from '../../../daemon/migration/runner/run-entry.js'
import { mayAct, type Stand, standOf } from '../../../daemon/migration/runner/stand-of.js'
import { aPlan } from './sample-plan.js'

const plan = aPlan()

const failed = { result: 'failed', code: 'NODE_UNREACHABLE', detail: 'd', remedy: 'r', at: {} }
const shapes: readonly Pick<RunEntry, 'kind' | 'facts'>[] = [
  { kind: 'intent', facts: { marks: { 0: 'm' } } },
  { kind: 'outcome', facts: { result: 'done', lines: [] } },
  { kind: 'outcome', facts: { result: 'unknown', code: 'NODE_OUTCOME_UNKNOWN', detail: 'd', at: {} } },
  { kind: 'outcome', facts: { ...failed, goesOn: false } },
  { kind: 'outcome', facts: { ...failed, goesOn: true } },
  { kind: 'observed', facts: { done: true, already: false, seen: [] } },
  { kind: 'observed', facts: { findings: [] } },
  { kind: 'said', facts: { statement: 'GO', note: '' } },
  { kind: 'said', facts: { again: true, note: '' } },
  { kind: 'acknowledged', facts: { code: 'DEVICES_WITHOUT_SBD', note: '' } },
  { kind: 'stopped', facts: { by: 'person', code: 'MIGRATION_STOPPED', detail: 'd', remedy: 'r', at: {} } },
  { kind: 'resumed', facts: { by: 'person' } },
] as Pick<RunEntry, 'kind' | 'facts'>[]

const entryOf = (shape: number, step: string | undefined, sequence: number): RunEntry => {
  const { kind, facts } = shapes[shape % shapes.length] as (typeof shapes)[number]
  const principal = { keyId: 'a', name: 'Anna' }
  return readEntry({ sequence, at: '', kind, facts, principal, ...(step !== undefined && { step }) })
}

const standIf = (entries: readonly RunEntry[]): Stand | undefined => {
  try {
    return standOf(plan, entries)
  } catch {
    return undefined
  }
}

/** Every journal that is let grow: of random entries those are taken that do not contradict the plan. */
const journals = fc
  .tuple(
    fc.nat({ max: plan.steps.length }),
    fc.array(fc.tuple(fc.nat(), fc.nat({ max: plan.steps.length })), { maxLength: 120 }),
  )
  .map(([done, wishes]) => {
    const entries = plan.steps.slice(0, done).map(({ id }, index) => entryOf(5, id, index + 1))
    for (const [shape, place] of wishes) {
      // Mostly the step that is next, now and then another.
      const next = standIf(entries)?.done.length ?? 0
      const step = plan.steps[shape % 7 === 0 ? place : next]?.id
      const grown = [...entries, entryOf(shape, step, entries.length + 1)]
      if (standIf(grown) !== undefined) entries.push(grown.at(-1) as RunEntry)
    }
    return entries
  })

/** What must be so of a journal after which the daemon acts: read from its entries, not from standOf. */
function whatIsUnsafe(entries: readonly RunEntry[]): string | undefined {
  const done = entries.filter(({ kind, facts }) => kind === 'observed' && 'done' in facts)
  const step = plan.steps[done.length]
  if (step === undefined) return 'nothing is left to do'
  if (done.some((entry, index) => entry.step !== plan.steps[index]?.id)) return 'steps are done out of order'
  if (step.actor === 'person' || step.does.do === 'hard-stop' || step.does.do === 'wait')
    return 'not the daemon’s'
  const brake = entries.findLast(
    ({ kind, facts }) => kind === 'stopped' || kind === 'resumed' || ('goesOn' in facts && !facts.goesOn),
  )
  if (brake !== undefined && brake.kind !== 'resumed') return 'it is stopped'
  const { changesPhones, repeat } = actionNatures[step.does.do]
  const isStopped = done.some(({ step: id }) => id === '06-stop')
  if (changesPhones && !isStopped) return 'the hard stop is not passed'
  if (step.id === '13-all' && !done.some(({ step: id }) => id === '12-pilots')) return 'the pilots come first'
  const own = entries.filter((entry) => entry.step === step.id)
  const turnsOn = own.findLast(
    ({ kind, facts }) => kind === 'intent' || kind === 'outcome' || (kind === 'said' && 'again' in facts),
  )
  if (turnsOn === undefined) return undefined
  if (turnsOn.kind === 'said') return undefined
  if (turnsOn.kind === 'intent') return repeat === 'freely' ? undefined : 'it was possibly sent'
  const { result } = turnsOn.facts as { result: string }
  return result === 'failed' ? undefined : `its outcome is ${result}`
}

test('after every beginning of every journal, the daemon acts only where it is safe', (t) => {
  let acts = 0
  let longest = 0
  fc.assert(
    fc.property(journals, (entries) => {
      longest = Math.max(longest, standOf(plan, entries).done.length)
      for (let length = 0; length <= entries.length; length++) {
        const prefix = entries.slice(0, length)
        const stand = standOf(plan, prefix)
        if (!mayAct(stand)) continue
        acts += 1
        const unsafe = whatIsUnsafe(prefix)
        if (unsafe !== undefined) throw new Error(`${unsafe} after ${JSON.stringify(prefix.at(-1))}`)
        // And what may be done may be written down.
        standOf(plan, [...prefix, entryOf(0, stand.step?.id, length + 1)])
      }
    }),
    { numRuns: 500 },
  )
  t.log(`${acts} beginnings at which the daemon acts; the longest journal has ${longest} steps done`)
  t.true(acts > 1_000 && longest === plan.steps.length)
})

test('a journal that contradicts its plan is refused with the entry’s number', (t) => {
  const refused = (entries: readonly [number, string | undefined][], told: RegExp) => {
    const journal = entries.map(([shape, step], index) => entryOf(shape, step, index + 1))
    const error = t.throws(() => standOf(plan, journal), { code: 'MIGRATION_JOURNAL_WRONG' })
    t.regex(error?.message ?? '', told)
  }
  refused([[0, '02-backup']], /^Entry 1 .*plan is at 01-keep/)
  refused([[1, '01-keep']], /^Entry 1 .*no intent/)
  refused(
    [
      [0, '01-keep'],
      [1, '01-keep'],
      [0, '01-keep'],
    ],
    /^Entry 3 .*acted/,
  )
  refused(
    [
      [10, undefined],
      [0, '01-keep'],
    ],
    /^Entry 2 .*stopped/,
  )
  refused([[8, '01-keep']], /^Entry 1 .*doubt/)
  const gap = [entryOf(0, '01-keep', 1), entryOf(1, '01-keep', 3)]
  t.throws(() => standOf(plan, gap), { code: 'MIGRATION_JOURNAL_WRONG', message: /the one before it is 1/ })
})

test('an entry whose facts are of another kind is refused', (t) => {
  const entry = { sequence: 7, at: '', principal: { keyId: 'a', name: 'Anna' }, facts: { surprise: 1 } }
  t.throws(() => readEntry({ ...entry, kind: 'outcome' }), {
    code: 'MIGRATION_JOURNAL_WRONG',
    message: /Entry 7/,
  })
})

test('a restart that was begun is not begun again by itself, a publish is; what the client calls unknown never', (t) => {
  const upTo = (id: string): RunEntry[] => {
    const before = plan.steps.slice(
      0,
      plan.steps.findIndex((step) => step.id === id),
    )
    return before.map((step, index) => entryOf(5, step.id, index + 1))
  }
  const after = (id: string, ...more: readonly number[]): boolean => {
    const entries = upTo(id)
    for (const shape of more) entries.push(entryOf(shape, id, entries.length + 1))
    return mayAct(standOf(plan, entries))
  }
  t.true(after('09-restart'))
  t.false(after('09-restart', 0))
  t.false(after('09-restart', 0, 2))
  t.true(after('09-restart', 0, 8), 'a person said again')
  t.true(after('09-restart', 0, 4))
  t.false(after('09-restart', 0, 3), 'stopped by the failure')
  t.true(after('09-restart', 0, 3, 11), 'resumed')
  t.true(after('08-publish', 0))
  t.false(after('08-publish', 0, 2))
  t.false(after('03-upload'))
})
