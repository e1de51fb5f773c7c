/** Which phones take the files that a plan brings, as far as the files can be known before. Pure. */
import { seen } from '../plan/ground.js'
import type { ArtifactName, Plan } from '../plan/plan.js'
import { itlsOf } from '../rollback/plan-way-back.js'
import { type PredictedRow, predict } from '../rollback/predict.js'
import { vouchedByTvs } from '../rollback/vouched-by-tvs.js'
import { composeRecipe } from '../runner/acting/compose-recipe.js'
import { certificateNamed } from '../runner/seeing/see-services.js'
import type { Situation } from '../situation/situation.js'

/** In the order in which phones take them; each holds the one before by then. */
export function predictPlan(plan: Plan, situation: Situation): PredictedRow[] {
  const models = seen(situation.models)
  if (models === undefined) return []
  const rows: PredictedRow[] = []
  let held = heldNow(situation)
  for (const artifact of takenByPhones(plan)) {
    const offered = draftOf(artifact, plan, situation)
    if (offered === undefined) return rows
    const request = { held, offered, itl: itlsOf(situation), vouched: vouchedIn(plan, situation), models }
    rows.push(...predict(request))
    held = { [`the file “${artifact}” of this plan`]: offered }
  }
  return rows
}

function heldNow({ nodes }: Situation): Record<string, Uint8Array | 'none'> {
  const files = nodes.flatMap(({ name, ctl }) => {
    const file = seen(ctl)
    return file === undefined ? [] : [{ name, file, key: Buffer.from(file).toString('base64') }]
  })
  const keys = [...new Set(files.map(({ key }) => key))]
  return Object.fromEntries(
    keys.flatMap((key) => {
      const own = files.filter((one) => one.key === key)
      const [first] = own
      if (first === undefined) return []
      const where = keys.length === 1 ? 'now' : `by ${own.map(({ name }) => name).join(', ')}`
      return [[first.file === 'none' ? 'no CTL' : `the file served ${where}`, first.file]]
    }),
  )
}

function takenByPhones({ steps }: Plan): ArtifactName[] {
  const taken = steps.flatMap(({ until }) =>
    until.flatMap((condition) => (condition.is === 'pilots-accepted' ? [condition.what] : [])),
  )
  return [...new Set(taken)]
}

/** A draft is judged as if its signer had signed it. */
function draftOf(artifact: ArtifactName, { steps }: Plan, situation: Situation): Uint8Array | undefined {
  const from = steps.flatMap(({ does }) =>
    does.do === 'sign' && does.artifact === artifact ? [does.from] : [],
  )[0]
  const recipe = steps.flatMap(({ does }) =>
    does.do === 'compose' && does.artifact === (from ?? artifact) ? [does.recipe] : [],
  )[0]
  if (recipe === undefined) return undefined
  const served = situation.nodes.map(({ ctl }) => seen(ctl)).find((file) => file instanceof Uint8Array)
  const base = recipe.base === 'none' ? 'none' : served
  if (base === undefined || (typeof base === 'string' && base !== 'none')) return undefined
  try {
    return composeRecipe(recipe, {
      base,
      release: seen(situation.release),
      situation,
      certificate: (sum) => certificateNamed(situation, sum),
      at: new Date(situation.at),
    })
  } catch {
    // What cannot be composed now is told when it is composed; here it is not known.
    return undefined
  }
}

/** With what the plan has uploaded before phones are offered anything: it goes on only when every TVS vouches. */
function vouchedIn({ steps }: Plan, situation: Situation): readonly Uint8Array[] | 'not asked' {
  const now = vouchedByTvs(situation, [])
  if (now === undefined) return 'not asked'
  const uploaded = steps.flatMap(({ does }) =>
    does.do === 'upload-certificates'
      ? does.sha256.flatMap((sum) => certificateNamed(situation, sum) ?? [])
      : [],
  )
  return [...now.byAll.values(), ...uploaded]
}
