/** The journal in words, step by step. Pure. */
import type { MigrationRecord } from '../migration-record.js'
import type { Step } from '../plan/plan.js'
import { onlyWaits } from '../runner/action-nature.js'
import type { RunEntry, SeenRow } from '../runner/run-entry.js'
import type { ReportedEntry, ReportedStep, ReportedStop, StepState } from './report.js'

export function reportedSteps({ plan, entries }: MigrationRecord): ReportedStep[] {
  return plan.steps.map((step) => {
    const own = entries.filter((entry) => entry.step === step.id)
    const began = own.find(({ kind }) => kind === 'intent')
    const ended = own.find(isSeen)
    const last = own.findLast(({ kind }) => kind === 'intent' || kind === 'outcome')
    const waited = last && ended && Math.round((Date.parse(ended.at) - Date.parse(last.at)) / 1000)
    return {
      id: step.id,
      actor: step.actor,
      title: step.title,
      state: stateOf(step, own),
      ...(began !== undefined && { beganAt: began.at }),
      ...(ended !== undefined && { endedAt: ended.at }),
      // The clock may have been set in between.
      ...(waited !== undefined && waited >= 0 && { waitedSeconds: waited }),
      entries: own.map((entry) => entryLine(step, entry)),
    }
  })
}

const isSeen = ({ kind, facts }: RunEntry): boolean => kind === 'observed' && 'done' in facts

const waitsOnly = ({ actor, does }: Step): boolean => actor === 'person' || onlyWaits(does)

function stateOf(step: Step, own: readonly RunEntry[]): StepState {
  const seen = own.find(isSeen)
  if (seen?.kind === 'observed' && 'done' in seen.facts) return seen.facts.already ? 'there already' : 'done'
  const last = own.findLast(({ kind }) => kind === 'intent' || kind === 'outcome')
  if (last === undefined) return 'to come'
  if (last.kind === 'intent') return waitsOnly(step) ? 'told' : 'in doubt'
  if (last.kind !== 'outcome' || last.facts.result === 'unknown') return 'in doubt'
  return last.facts.result === 'done' ? 'acted' : 'failed'
}

function entryLine(step: Step, entry: RunEntry): ReportedEntry {
  const { sequence, at, principal } = entry
  return { number: sequence, at, by: principal.name, ...inWords(step, entry) }
}

function beginWords(step: Step): string {
  if (!waitsOnly(step)) return 'begins'
  return step.actor === 'person' ? 'tells what to do, and waits' : 'waits'
}

type Words = Pick<ReportedEntry, 'what' | 'lines'>

function inWords(step: Step, entry: RunEntry): Words {
  switch (entry.kind) {
    case 'intent':
      return { what: beginWords(step), lines: [] }
    case 'outcome':
      return outcomeWords(entry.facts)
    case 'observed':
      return observedWords(entry.facts)
    case 'said':
      return { what: saidWords(entry.facts), lines: [] }
    case 'acknowledged':
      return { what: `acknowledges ${entry.facts.code}${noted(entry.facts.note)}`, lines: [] }
    case 'stopped':
      return { what: `stops it (${entry.facts.code}): ${entry.facts.detail}`, lines: [entry.facts.remedy] }
    case 'resumed':
      return {
        what: entry.facts.by === 'person' ? 'lets it go on' : 'goes on after it was started',
        lines: [],
      }
  }
}

type FactsOfKind<K extends RunEntry['kind']> = Extract<RunEntry, { readonly kind: K }>['facts']

function outcomeWords(facts: FactsOfKind<'outcome'>): Words {
  if (facts.result === 'done') return { what: 'did it', lines: facts.lines }
  if (facts.result === 'unknown') {
    return { what: `does not know how it ended (${facts.code}): ${facts.detail}`, lines: [] }
  }
  const what = facts.goesOn ? 'did not do it, and tries again' : 'failed'
  return { what: `${what} (${facts.code}): ${facts.detail}`, lines: [facts.remedy] }
}

function observedWords(facts: FactsOfKind<'observed'>): Words {
  if ('findings' in facts) {
    const codes = [...new Set(facts.findings.map(({ code }) => code))]
    return {
      what: `made preflight, which finds ${codes.length === 0 ? 'nothing' : codes.join(', ')}`,
      lines: [],
    }
  }
  const what = facts.already ? 'sees that its effect is there already' : 'sees its effect'
  return { what, lines: facts.seen.flatMap(seenLines) }
}

function seenLines({ what, evidence }: SeenRow): string[] {
  return [what, ...evidence.map(({ node, text }) => `  ${node === undefined ? '' : `${node}: `}${text}`)]
}

function saidWords(facts: FactsOfKind<'said'>): string {
  if ('statement' in facts) return `says ${facts.statement}${noted(facts.note)}`
  if ('again' in facts) return `says that it be done again${noted(facts.note)}`
  const { device, model, took, checksum, note = '' } = facts.reading
  const who = device === '*' ? 'all others' : `${device}${model === undefined ? '' : ` (${model})`}`
  return `reads ${who}: ${took}${checksum === undefined ? '' : `, ${checksum}`}${noted(note)}`
}

const noted = (note: string): string => (note === '' ? '' : `: ${note}`)

/** Every stop with when and by whom it went on. A failed action stops as well. */
export function reportedStops(entries: readonly RunEntry[]): ReportedStop[] {
  return entries.flatMap((entry, index): ReportedStop[] => {
    const facts = stopFacts(entry)
    if (facts === undefined) return []
    const later = entries.slice(index + 1)
    const next = later.findIndex((other) => stopFacts(other) !== undefined)
    const resumed = (next < 0 ? later : later.slice(0, next)).find(({ kind }) => kind === 'resumed')
    return [
      {
        at: entry.at,
        by: entry.principal.name,
        ...(entry.step !== undefined && { step: entry.step }),
        code: facts.code,
        detail: facts.detail,
        remedy: facts.remedy,
        ...(resumed !== undefined && { resumed: { at: resumed.at, by: resumed.principal.name } }),
      },
    ]
  })
}

function stopFacts({ kind, facts }: RunEntry): { code: string; detail: string; remedy: string } | undefined {
  if (kind === 'stopped') return facts
  return kind === 'outcome' && facts.result === 'failed' && !facts.goesOn ? facts : undefined
}
