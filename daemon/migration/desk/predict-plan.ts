/** Which phones take the files that a plan brings, as far as the files can be known before. Pure. */
import { groundOf, seen, sha256 } from '../plan/ground.js'
import type { ArtifactName, CtlRecipe, Plan } from '../plan/plan.js'
import { tokenlessCertificates } from '../plan/usual.js'
import { itlsOf } from '../rollback/plan-way-back.js'
import { type PredictedRow, type PredictionRequest, predict } from '../rollback/predict.js'
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
  const recipe = recipeOf(artifact, plan) ?? builtRecipe(artifact, plan, situation)
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

function recipeOf(artifact: ArtifactName, { steps }: Plan): CtlRecipe | undefined {
  const [from = artifact] = steps.flatMap(({ does }) =>
    does.do === 'sign' && does.artifact === artifact ? [does.from] : [],
  )
  return steps.flatMap(({ does }) =>
    does.do === 'compose' && does.artifact === from ? [does.recipe] : [],
  )[0]
}

/**
 * What `utils ctl` will build, as far as phones judge by it: who signs, and who stands as SAST. After a regeneration
 * nobody knows the certificate yet.
 */
function builtRecipe(artifact: ArtifactName, { steps }: Plan, situation: Situation): CtlRecipe | undefined {
  const isKept = steps.some(({ does }) => does.do === 'keep-served' && does.artifact === artifact)
  if (!isKept || steps.some(({ does }) => does.do === 'regenerate')) return undefined
  const sast = tokenlessCertificates(groundOf(situation)).map(sha256)
  const [signer] = sast
  if (signer === undefined) return undefined
  const base = servedBy(situation) === undefined ? 'none' : 'before'
  return { base, mode: 'tokenless', signer, sast, edits: [] }
}

/** With what the plan has uploaded before phones are offered anything: it goes on only when every TVS vouches. */
function vouchedIn(
  { steps }: Plan,
  situation: Situation,
): Pick<PredictionRequest, 'vouched' | 'vouchedBySome'> {
  const now = vouchedByTvs(situation, [])
  if (now === undefined) return { vouched: 'not asked' }
  const uploaded = steps.flatMap(({ does }) =>
    does.do === 'upload-certificates'
      ? does.sha256.flatMap((sum) => certificateNamed(situation, sum) ?? [])
      : [],
  )
  const isUploaded = new Set(uploaded.map(sha256))
  const some = [...now.bySome].flatMap(([sum, certificate]) => (isUploaded.has(sum) ? [] : [certificate]))
  return { vouched: [...now.byAll.values(), ...uploaded], vouchedBySome: some }
}
