/** Models that are known beforehand to refuse a file: a pilot of theirs that does so stops nothing. Pure but for the files. */
import type { ModelCount } from '../../cluster/ports.js'
import { seen } from '../plan/ground.js'
import type { ArtifactName } from '../plan/plan.js'
import { preflight } from '../preflight/preflight.js'
import { predict } from '../rollback/predict.js'
import type { StepContext } from './eyes.js'
import { vouchedBy } from './vouched-by.js'

/** Those that preflight named, and of a way back those that the prediction names. */
export async function expectedRefusals(
  what: ArtifactName,
  awaited: readonly Uint8Array[],
  { plan, situation }: StepContext,
): Promise<ReadonlySet<string>> {
  const models = seen(situation.models) ?? []
  const named = preflight(plan, situation).flatMap(({ code, at }) =>
    code === 'DEVICES_WITHOUT_SBD' && at !== undefined ? [at] : [],
  )
  const offered = awaited[0]
  if (what !== 'before' || offered === undefined) return new Set(named)
  return new Set([...named, ...refusing(offered, models, situation)])
}

function refusing(offered: Uint8Array, models: readonly ModelCount[], situation: StepContext['situation']) {
  const served = situation.nodes.flatMap(({ name, ctl }) => {
    const file = seen(ctl)
    return file === undefined ? [] : [[name, file] as const]
  })
  const itl = situation.nodes.map((node) => seen(node.itl)).find((file) => file !== undefined)
  const rows = predict({
    held: Object.fromEntries(served),
    offered,
    itl: itl ?? 'not given',
    vouched: vouchedBy(situation),
    models,
  })
  return rows.flatMap(({ acceptance, model }) => (acceptance.answer === 'refuses' ? [model] : []))
}
