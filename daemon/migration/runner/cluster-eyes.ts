/** Looks at a configured cluster for its migration. */
import type { OnUnexpected } from '../../cluster/observe/ask.js'
import type { MigrationJournal } from '../../store/migration-journal.js'
import { seen, sha256 } from '../plan/ground.js'
import type { ArtifactName, Condition } from '../plan/plan.js'
import type { HeldCluster, HeldClusters } from '../situation/held-clusters.js'
import { CTL_FILE, observed, observeMode, readFileOf, tftpNodes } from '../situation/read-node.js'
import type { Statement } from '../situation/situation.js'
import { type SituationParts, takeSituation } from '../situation/take-situation.js'
import type { Eyes, Glance, SeeContext, Seen, StepContext } from './eyes.js'
import { filesToAsk, judgeSituation, namedRefusing } from './judge-situation.js'
import { readRecord } from './read-record.js'
import type { RunEntry } from './run-entry.js'
import { seeRegenerated, seeServes, seeServesKept, seeServesNoCtl, seeSignedBy } from './seeing/see-files.js'
import { type AwaitedPhones, seeFleet, seePilots } from './seeing/see-phones.js'
import { seeBuilt, seeMode, seeProbed, seeServiceStarted } from './seeing/see-services.js'
import { seeTvsTrusts, seeTvsTrustsSigner } from './seeing/see-tvs.js'
import { withModels } from './seeing/with-models.js'

export interface EyesParts extends SituationParts {
  readonly clusters: HeldClusters
  readonly journal: MigrationJournal
  readonly onUnexpected: OnUnexpected
}

export function clusterEyes(parts: EyesParts): Eyes {
  const { clusters } = parts
  return {
    see: (condition, context) =>
      clusters.use(context.situation.cluster, (held) => see(parts, held, condition, context)),
    glance: ({ situation }) => clusters.use(situation.cluster, glance),
    judge: (context) =>
      clusters.use(context.situation.cluster, async (held) => {
        const { plan, situation, migration } = context
        const { entries, takenBack } = await readRecord(parts.journal, migration)
        const said = [...situation.said, ...statementsIn(entries)]
        const files = takenBack === undefined ? [] : filesToAsk(takenBack)
        return judgeSituation(plan, await takeSituation(held, parts, { said, files }), takenBack)
      }),
  }
}

async function glance(held: HeldCluster): Promise<Glance> {
  const [mode, files] = await Promise.all([
    observeMode(held),
    Promise.all(
      tftpNodes(held).map(async (node) => {
        const hash = async () => {
          const file = await readFileOf(held, node, CTL_FILE)
          return file === 'none' ? file : sha256(file)
        }
        return [node.name, await observed(node.name, hash)] as const
      }),
    ),
  ])
  return { mode, files: Object.fromEntries(files) }
}

async function see(
  parts: EyesParts,
  held: HeldCluster,
  condition: Condition,
  context: SeeContext,
): Promise<Seen> {
  switch (condition.is) {
    case 'serves':
      return seeServes(held, condition, context)
    case 'serves-kept':
      return seeServesKept(held, condition, context)
    case 'serves-no-ctl':
      return seeServesNoCtl(held, condition)
    case 'signed-by':
      return seeSignedBy(held, condition, context)
    case 'built':
      return seeBuilt(held, context)
    case 'regenerated':
      return seeRegenerated(held, condition, context)
    case 'mode':
      return seeMode(held, condition)
    case 'service-started':
      return seeServiceStarted(held, condition, context, parts.now)
    case 'tvs-trusts':
      return seeTvsTrusts(held, condition, context)
    case 'tvs-trusts-signer':
      return seeTvsTrustsSigner(held, condition, context)
    case 'probed':
      return seeProbed(parts.probes, condition, context)
    case 'pilots-accepted':
      return seePilots(await phonesOf(parts, held, condition.what, context))
    case 'fleet-answered':
      return seeFleet(await phonesOf(parts, held, condition.what, context))
    case 'said':
    case 'findings-answered':
    case 'token-unlocked':
      return { holds: 'unknown', evidence: [{ text: 'The journal and the tokens answer this.' }] }
  }
}

async function phonesOf(
  { journal }: EyesParts,
  held: HeldCluster,
  what: ArtifactName,
  context: StepContext,
): Promise<AwaitedPhones> {
  const { readings, plan, situation, migration } = context
  const awaited = await awaitedFiles(what, context)
  // Judging composes files, and is of use for a refusal alone.
  const isRefused = readings.some(({ took }) => took === 'refused')
  const takenBack = isRefused ? (await readRecord(journal, migration)).takenBack : undefined
  const isExpected = isRefused ? namedRefusing(judgeSituation(plan, situation, takenBack)) : () => false
  return {
    readings: await withModels(held, readings),
    models: seen(situation.models),
    awaited,
    isExpected,
  }
}

async function awaitedFiles(what: ArtifactName, { situation, artifact, before }: StepContext) {
  const names = situation.nodes.filter(({ runs }) => runs.includes('tftp')).map(({ name }) => name)
  const files = await Promise.all(what === 'before' ? names.map(before) : [artifact(what)])
  return files.filter((file) => file instanceof Uint8Array)
}

/** What people said for this migration after it was begun. */
function statementsIn(entries: readonly RunEntry[]): Statement[] {
  return entries.flatMap(({ kind, facts, principal, at }): Statement[] => {
    if (kind !== 'said' || !('statement' in facts)) return []
    return [{ code: facts.statement as Statement['code'], by: principal.name, at, note: facts.note }]
  })
}
