/** The revert from tokenless to tokens, from the first look at the cluster to the report, through the daemon's API. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Api, Migration, PlanAnswer, PlanWish } from './api.js'
import { carryThrough, putOn, type Stage } from './carry-through.js'
import { checkWithOpenssl, keepFile, type StoryFile } from './files-of-story.js'
import { compare } from './predicted-and-found.js'
import { tellSteps } from './step-display.js'
import type { Outcome } from './summary.js'
import {
  tellBeforeAfter,
  tellComparison,
  tellFindings,
  tellObservation,
  tellOpenssl,
  tellPhones,
  tellView,
} from './tell-results.js'
import { heading, say, tell, tellMeanwhile } from './telling.js'

/** What somebody has to answer for, because the daemon cannot see it. */
const said = [
  'BACKUP_TAKEN',
  'ROLLBACK_PARAMETER_OFF',
  'NOT_FIPS',
  'REPLICATION_HEALTHY',
  'CONSUMERS_INFORMED',
] as const

export async function tellStory(stage: Stage, folder: string): Promise<Outcome> {
  const { api, lab } = stage
  const cluster = lab.status.name
  const before = await lookAround(stage, folder)
  await tryPublishing(stage, before)
  const wish = await wishOf(api, cluster)
  const planned = await planIt(api, wish)
  const { migration, seconds } = await run(stage, wish)
  const after = await keepFile(api, join(folder, 'after'), await api.migrationFile(migration.id, 'new'))

  heading('The phones afterwards, as the lab knows them')
  const { phones } = await tellPhones(lab)
  const files = { before: before.bytes, after: after.bytes }
  const comparison = compare(phones, { ...migration, prediction: planned.prediction }, files)
  heading('Predicted and found')
  tellComparison(comparison)

  heading('The file before and after', 'POST /v1/ctl/inspect, POST /v1/ctl/verify')
  tellView(after)
  tellBeforeAfter(before, after)
  const openssl = await checkWithOpenssl(after)
  tellOpenssl(openssl, after)
  heading('The report, to hand in', `GET /v1/migrations/${migration.id}/report`)
  const report = join(folder, 'report.html')
  await writeFile(report, await api.report(migration.id))
  tell('who did what and when, files, findings, and what each count of phones rests on:')
  say(`   ${report}`)
  return {
    before,
    after,
    migration,
    seconds,
    comparison,
    openssl,
    report,
    problems: [
      ...(after.verdict.verdict === 'valid' ? [] : ['The new file does not verify.']),
      ...(openssl.said === undefined || openssl.said === 'Verified OK'
        ? []
        : [`openssl says of the new file: ${openssl.said}.`]),
      ...(comparison.isRight ? [] : ['The phones are not as preflight said.']),
    ],
  }
}

async function lookAround({ api, lab }: Stage, folder: string): Promise<StoryFile> {
  heading('What the cluster serves and says', `POST /v1/clusters/${lab.status.name}/observe`)
  tellObservation(await api.observe(lab.status.name))
  const before = await keepFile(api, join(folder, 'before'), await servedBy(lab.status.nodes[0]))
  tellView(before)
  return before
}

async function servedBy(node: Stage['lab']['status']['nodes'][number] | undefined): Promise<Uint8Array> {
  const response = await fetch(`http://${node?.address}:${node?.ports.http}/CTLFile.tlv`)
  if (!response.ok) throw new Error(`${node?.name} answers ${response.status} for CTLFile.tlv.`)
  return new Uint8Array(await response.arrayBuffer())
}

/** Without it preflight stops: the very file that is there is published, so that nothing changes. */
async function tryPublishing(stage: Stage, { bytes }: StoryFile): Promise<void> {
  const { api, lab } = stage
  const cluster = lab.status.name
  heading(
    'Does publishing work here? Tried with the file that is there already',
    `POST /v1/clusters/${cluster}/probe`,
  )
  for (const { name } of lab.status.nodes) {
    const asked = await api.probe(cluster, name)
    if (asked.outcome === 'guided') await putOn(stage, name, bytes, tell)
    tellMeanwhile(`   the daemon reads it back from ${name}`)
    const { outcome, problem } =
      asked.outcome === 'guided' ? await api.probe(cluster, name, asked.kept) : asked
    if (problem !== undefined)
      throw new Error(`The probe on ${name} fails: ${problem.detail} ${problem.remedy}`)
    tell(`${name}: ${outcome === 'works-as-said' ? 'works' : outcome}`)
  }
}

/** Both tokens in the order of the file; the last one signs. */
async function wishOf(api: Api, cluster: string): Promise<PlanWish> {
  const tokens = (await api.tokens()).toSorted((one, other) => (one.label < other.label ? -1 : 1))
  return { cluster, plan: 'tokenless-to-tokens', tokens: tokens.map(({ serial }) => serial) }
}

async function planIt(api: Api, wish: PlanWish): Promise<PlanAnswer> {
  heading('The plan: from tokenless to tokens. Nothing is touched yet', 'POST /v1/migrations/plan')
  const answer = await api.plan(wish)
  const { plan } = answer
  if ('impossible' in plan) throw new Error(`${plan.impossible} ${plan.instead}`)
  tellSteps(plan.steps)
  for (const text of plan.interruptions) tell(text)
  say('\n   What preflight finds:\n')
  tellFindings(answer.findings)
  return answer
}

async function run(stage: Stage, wish: PlanWish): Promise<{ migration: Migration; seconds: number }> {
  heading('The migration runs', 'POST /v1/migrations, then GET /v1/migrations/{id} and what it asks for')
  tell(`said for you, because the daemon cannot see it: ${said.join(', ')}`)
  say()
  const since = performance.now()
  const begun = await stage.api.start(wish, said)
  const migration = await carryThrough(stage, begun.id)
  const seconds = Math.round((performance.now() - since) / 100) / 10
  tell(`All ${migration.steps.length} steps are done, after ${seconds.toFixed(0)} s.`)
  return { migration, seconds }
}
