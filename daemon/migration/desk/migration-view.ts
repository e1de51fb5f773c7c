/** A migration as people and programs see it. Pure. */
import { type ArtifactEntry, isOpen } from '../../store/migration-journal.js'
import type { MigrationView as RunnerView } from '../migrations.js'
import type { PreflightFinding } from '../preflight/finding.js'
import type { PhoneReading } from '../runner/eyes.js'
import { isAcknowledged } from '../runner/open-findings.js'
import type { RunEntry, StopFacts } from '../runner/run-entry.js'
import { readingKey } from '../runner/seeing/see-phones.js'
import type { MigrationView, StepView } from './migrations.js'

/** What ended without a word in the journal stands in it as under way, and goes on as little as what was stopped. */
export const brokenOff = ({ kept, isRunning, broken }: RunnerView): StopFacts | undefined =>
  isRunning || !isOpen(kept.state) ? undefined : broken

export function migrationView(view: RunnerView, artifacts: readonly ArtifactEntry[]): MigrationView {
  const { kept, plan, stand, entries, isRunning, waits } = view
  const broken = brokenOff(view)
  const stopped = stand.stopped ?? broken
  return {
    id: kept.id,
    cluster: kept.cluster,
    plan,
    state: broken === undefined ? kept.state : 'stopped',
    startedAt: kept.startedAt,
    startedBy: kept.startedBy,
    ...(kept.rollbackOf !== undefined && { rollbackOf: kept.rollbackOf }),
    steps: plan.steps.map((step) => {
      const own = entries.filter((entry) => entry.step === step.id)
      const began = own.find(({ kind }) => kind === 'intent')
      const ended = own.find(({ kind, facts }) => kind === 'observed' && 'done' in facts)
      return {
        ...step,
        phase: phaseOf(step.id, { stand, isRunning }),
        ...(began !== undefined && { beganAt: began.at }),
        ...(ended !== undefined && { endedAt: ended.at }),
      }
    }),
    ...(stand.step !== undefined && { current: stand.step.id }),
    findings: findingsOf(entries),
    waits,
    ...(stopped !== undefined && { stopped }),
    said: saidIn(entries),
    readings: readingsIn(entries),
    files: artifacts.map(({ name, sha256, length }) => ({ name, sha256, length })),
  }
}

function phaseOf(
  id: string,
  { stand, isRunning }: Pick<RunnerView, 'stand' | 'isRunning'>,
): StepView['phase'] {
  if (stand.done.includes(id)) return 'done'
  if (stand.step?.id !== id) return 'to-come'
  switch (stand.phase) {
    case 'told':
    case 'acted':
      return stand.phase
    case 'in-doubt':
      return isRunning && !stand.isTold ? 'acting' : 'in-doubt'
    case 'new':
    case 'again':
    case 'failed':
      return 'to-come'
  }
}

/** As they were told last, with the answers to them. */
function findingsOf(entries: readonly RunEntry[]): MigrationView['findings'] {
  const told = entries.findLast((entry) => entry.kind === 'observed' && 'findings' in entry.facts)
  if (told?.kind !== 'observed' || !('findings' in told.facts)) return []
  const findings = told.facts.findings as PreflightFinding[]
  const own = entries.filter((entry) => entry.step === told.step)
  return findings.map((finding) => ({
    ...finding,
    acknowledged: finding.severity === 'warning' && isAcknowledged(finding.code, own),
  }))
}

function saidIn(entries: readonly RunEntry[]): MigrationView['said'] {
  return entries.flatMap(({ kind, facts, principal, at }) =>
    kind === 'said' && 'statement' in facts
      ? [{ statement: facts.statement as MigrationView['said'][number]['statement'], by: principal.name, at }]
      : [],
  )
}

/** The latest of each device. */
function readingsIn(entries: readonly RunEntry[]): PhoneReading[] {
  const readings = new Map<string, PhoneReading>()
  for (const { kind, facts } of entries) {
    if (kind === 'said' && 'reading' in facts) {
      const reading = facts.reading as PhoneReading
      readings.set(readingKey(reading), reading)
    }
  }
  return [...readings.values()]
}
