/** What `--json` writes: for scripts that run the demo as a check. */
import { replaceFile } from '../daemon/store/sync-file.js'
import type { Migration } from './api.js'
import { hashOf, type OpensslCheck, type StoryFile } from './files-of-story.js'
import type { Comparison } from './predicted-and-found.js'

export interface Outcome {
  readonly before: StoryFile
  readonly after: StoryFile
  readonly migration: Migration
  readonly seconds: number
  readonly comparison: Comparison
  readonly openssl: OpensslCheck
  /** Path of the HTML page. */
  readonly report: string
  readonly problems: readonly string[]
}

export async function writeSummary(file: string, outcome: Outcome): Promise<void> {
  const { before, after, migration, seconds, comparison, openssl, report, problems } = outcome
  const summary = {
    before: sideOf(before),
    after: sideOf(after),
    signer: after.verdict.signer ?? null,
    verified: after.verdict.verdict === 'valid',
    openssl: openssl.said ?? null,
    migration: {
      id: migration.id,
      cluster: migration.cluster,
      plan: migration.plan.id,
      state: migration.state,
      steps: migration.steps.length,
      done: migration.steps.filter(({ phase }) => phase === 'done').length,
      seconds,
    },
    findings: migration.findings.map(({ code, severity, at, devices, acknowledged }) => ({
      code,
      severity,
      at: at ?? null,
      devices: devices ?? null,
      acknowledged,
    })),
    phones: {
      models: comparison.models,
      keepOldFile: { predicted: comparison.predictedBehind, found: comparison.foundBehind },
      holdAnotherFile: comparison.foundElsewhere,
      asPredicted: comparison.isRight,
    },
    report,
    problems,
  }
  await replaceFile(file, Buffer.from(`${JSON.stringify(summary, null, 2)}\n`), 0o644)
}

const sideOf = ({ path, bytes, description, verdict }: StoryFile) => ({
  path,
  bytes: bytes.length,
  md5: description.md5,
  sha1: description.sha1,
  sha256: hashOf(bytes, 'sha256'),
  signer: verdict.signer ?? null,
  verified: verdict.verdict === 'valid',
})
