/** Which phones take the files that a plan brings, as far as the files can be known before. Pure. */
import { certificateNamed } from '../plan/certificate-named.js'
import { composeRecipe } from '../plan/compose-recipe.js'
import { groundOf, seen, sha256 } from '../plan/ground.js'
import type { ArtifactName, CtlRecipe, Plan } from '../plan/plan.js'
import { builtAfter, isByLocalKey, recipeOf } from '../preflight/planned-files.js'
import { itlsOf } from '../rollback/plan-way-back.js'
import { type PredictedRow, predict } from '../rollback/predict.js'
import { uploadedBy, vouchedAfter, vouchedByTvs } from '../rollback/vouched-by-tvs.js'
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
    const trust = { itl: itlsOf(situation), ...vouchedIn(plan, situation) }
    rows.push(...predict({ held, offered, models, ...trust }))
    held = { [`the file “${artifact}” of this plan`]: offered }
  }
  return rows
}

function heldNow({ nodes }: Situation): Record<string, Uint8Array | 'none'> {
  const files = nodes.flatMap(({ name, ctl }) => {
    const file = seen(ctl)
    return file === undefined ? [] : [{ name, file, sum: file === 'none' ? file : sha256(file) }]
  })
  const sums = [...new Set(files.map(({ sum }) => sum))]
  return Object.fromEntries(
    sums.flatMap((sum) => {
      const own = files.filter((one) => one.sum === sum)
      const [first] = own
      if (first === undefined) return []
      const where = sums.length === 1 ? 'now' : `by ${own.map(({ name }) => name).join(', ')}`
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
function draftOf(artifact: ArtifactName, plan: Plan, situation: Situation): Uint8Array | undefined {
  const actions = plan.steps.map(({ does }) => does)
  const recipe = recipeOf(artifact, actions) ?? builtRecipe(artifact, plan, situation)
  if (recipe === undefined) return undefined
  const base = recipe.base === 'none' ? recipe.base : servedBy(situation)
  if (base === undefined) return undefined
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

const servedBy = ({ nodes }: Situation): Uint8Array | undefined =>
  nodes.map(({ ctl }) => seen(ctl)).find((file) => file instanceof Uint8Array)

/**
 * What `utils ctl` will build, as far as phones judge by it: who signs, and who stands as SAST. What is regenerated on
 * the way nobody knows yet.
 */
function builtRecipe(artifact: ArtifactName, { steps }: Plan, situation: Situation): CtlRecipe | undefined {
  const actions = steps.map(({ does }) => does)
  const kept = actions.findIndex((does) => does.do === 'keep-served' && does.artifact === artifact)
  if (kept < 0) return undefined
  const done = actions.slice(0, kept)
  const built = builtAfter(done, groundOf(situation))
  if (built.some(({ isNew }) => isNew)) return undefined
  const sast = built.flatMap(({ certificate }) => (certificate === undefined ? [] : [sha256(certificate)]))
  const [signer] = sast
  if (signer === undefined || built[0]?.certificate === undefined) return undefined
  const base = servedBy(situation) === undefined ? 'none' : 'before'
  // The composer knows files that the release’s own signer signs.
  return { base, mode: isByLocalKey(done) ? 'keep' : 'tokenless', signer, sast, edits: [] }
}

function vouchedIn(plan: Plan, situation: Situation): ReturnType<typeof vouchedAfter> {
  const uploaded = uploadedBy(plan).flatMap((sum) => certificateNamed(situation, sum) ?? [])
  return vouchedAfter(vouchedByTvs(situation, []), uploaded)
}
