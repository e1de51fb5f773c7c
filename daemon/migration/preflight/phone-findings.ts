/** What the new signer means for phones, by model. */
import { type PlanGround, seen, sha256 } from '../plan/ground.js'
import type { Plan } from '../plan/plan.js'
import { tokenlessCertificates } from '../plan/usual.js'
import { found, type PreflightFinding } from './finding.js'
import type { PreflightRequest } from './preflight.js'

export function phoneFindings({ plan, ground }: PreflightRequest): PreflightFinding[] {
  switch (signerForPhones(plan, ground)) {
    case 'first':
      return plan.id === 'first-token-ctl'
        ? [found('FIRST_CTL_UNKNOWN', 'The phones of this cluster hold no CTL.')]
        : []
    case 'listed':
      return mustFetchFirst(plan)
    case 'other':
      return [
        found('SIGNER_NOT_TRUSTED', 'The signer of the new file is no SAST of the file that is served now.'),
        ...withoutDefault(ground),
      ]
    case 'unchanged':
      return []
  }
}

/** Whether phones that hold the file of now trust the next one by it. */
export function signerForPhones(plan: Plan, ground: PlanGround): 'first' | 'listed' | 'other' | 'unchanged' {
  const { file } = ground
  const composed = plan.steps
    .map(({ does }) => (does.do === 'compose' ? does.recipe : undefined))
    .find((recipe) => recipe !== undefined)
  const built = plan.steps.some(({ does }) => does.do === 'update-ctl-file' || does.do === 'set-mode')
  if (composed === undefined && !built) return 'unchanged'
  if (file === undefined) return 'first'
  const listed = (sum: string | undefined) => file.sast.some((sast) => sast.sha256 === sum)
  if (composed !== undefined) return listed(composed.signer) ? 'listed' : 'other'
  if (isSignerRegenerated(plan, ground)) return 'other'
  const [first] = tokenlessCertificates(ground)
  return listed(first && sha256(first)) ? 'listed' : 'other'
}

function isSignerRegenerated(plan: Plan, { rules, publisher }: PlanGround): boolean {
  const holder = rules !== undefined && 'holders' in rules.tokenless ? rules.tokenless.holders[0] : undefined
  return plan.steps.some(({ does }) => {
    if (does.do !== 'regenerate') return false
    if (does.what === 'ITLRecovery') return holder === 'itl-recovery'
    return holder === 'call-manager' && does.node === publisher
  })
}

/** Security Guide 12.0: phones must hold a file that tokens signed on 12.0 before they are offered a tokenless one. */
function mustFetchFirst({ id }: Plan): PreflightFinding[] {
  if (id !== 'tokens-to-tokenless') return []
  return [
    found(
      'PHONES_MUST_FETCH_FIRST',
      'Phones take the tokenless file by the token file that is served now, once they have fetched that.',
    ),
  ]
}

function withoutDefault({ situation }: PlanGround): PreflightFinding[] {
  const models = seen(situation.models)
  if (models === undefined) {
    return [
      found(
        'DEVICES_UNKNOWN',
        'unseen' in situation.models
          ? `The models were not seen: ${situation.models.unseen}`
          : 'The models were not seen.',
      ),
    ]
  }
  const without = models.filter(({ securityByDefault }) => securityByDefault === false)
  const unclear = models.filter(({ securityByDefault }) => securityByDefault === undefined)
  const count = (some: typeof models) => some.reduce((sum, { devices }) => sum + devices, 0)
  return [
    ...without.map(({ model, devices }) =>
      found('DEVICES_WITHOUT_SBD', `${devices} × ${model} keep the old file.`, { at: model, devices }),
    ),
    ...(unclear.length > 0
      ? [
          found(
            'DEVICES_UNKNOWN',
            `Of ${unclear.map(({ model }) => model).join(', ')} the cluster does not say it.`,
            { devices: count(unclear) },
          ),
        ]
      : []),
  ]
}
