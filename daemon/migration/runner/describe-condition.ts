/** A condition in words, for people who wait for it. */
import { SAST } from '../../ctl/tags.js'
import type { Condition } from '../plan/plan.js'

const holders = {
  'call-manager': 'CallManager',
  'itl-recovery': 'ITLRecovery',
  token: 'a token',
} as const

const files = {
  before: 'the file from before',
  draft: 'the draft',
  new: 'the new file',
  'bridge-draft': 'the draft of the bridge file',
  bridge: 'the bridge file',
} as const

export function describeCondition(condition: Condition): string {
  switch (condition.is) {
    case 'serves':
      return `${condition.nodes.join(', ')}: serves ${files[condition.what]}`
    case 'signed-by':
      return `${condition.nodes.join(', ')}: serves one and the same new file, signed by ${holders[condition.holder]}`
    case 'built':
      return 'show ctl on the publisher shows another file than before'
    case 'serves-kept':
      return `${condition.nodes.join(', ')}: serves what it served before`
    case 'serves-no-ctl':
      return `${condition.nodes.join(', ')}: serves no CTL file`
    case 'mode':
      return `the cluster is in ${condition.mode} mode`
    case 'tvs-trusts':
      return `${condition.nodes.join(', ')}: TVS vouches for ${certificates(condition)}`
    case 'tvs-trusts-signer':
      return `${condition.nodes.join(', ')}: TVS vouches for the signer of ${files[condition.of]} as SAST (role 0)`
    case 'service-started':
      return `${condition.node}: ${condition.service} has started`
    case 'regenerated':
      return `${condition.node}: has a new ${condition.what} certificate`
    case 'token-unlocked':
      return `token ${condition.token} is unlocked for this step`
    case 'probed':
      return `${condition.nodes.join(', ')}: publishing was probed`
    case 'findings-answered':
      return 'no finding is open'
    case 'pilots-accepted':
      return `each pilot phone took ${files[condition.what]}`
    case 'fleet-answered':
      return `every phone is known to have taken or refused ${files[condition.what]}`
    case 'said':
      return `somebody says ${condition.statement}`
  }
}

function certificates({ sha256, role }: Extract<Condition, { is: 'tvs-trusts' }>): string {
  const many = sha256.length === 1 ? 'one certificate' : `${sha256.length} certificates`
  return `${many} as ${role === SAST ? 'SAST (role 0)' : `role ${role}`}`
}
