/** Whether the cluster is where the plan begins. */
import { verifyCtlFile } from '../../trust/verify/verify-ctl-file.js'
import { seen, sha256 } from '../plan/ground.js'
import { startMismatches, starts } from '../plan/starts.js'
import { found, type PreflightFinding } from './finding.js'
import type { PreflightRequest } from './preflight.js'

export function stateFindings(request: PreflightRequest): PreflightFinding[] {
  return [...state(request), ...differing(request), ...unverified(request)]
}

function state({ plan, ground }: PreflightRequest): PreflightFinding[] {
  const { mode, file } = startMismatches(plan.id, ground)
  const { situation } = ground
  const isModeUnseen = starts[plan.id].mode !== undefined && 'unseen' in situation.mode
  return [
    ...(mode === undefined ? [] : [found('MODE_UNEXPECTED', mode)]),
    ...(isModeUnseen && 'unseen' in situation.mode
      ? [found('MODE_UNEXPECTED', `The mode was not seen: ${situation.mode.unseen}`)]
      : []),
    ...(file === undefined ? [] : [found('STATE_UNEXPECTED', file)]),
  ]
}

function differing({ ground: { situation } }: PreflightRequest): PreflightFinding[] {
  const served = situation.nodes.flatMap(({ name, ctl }) => {
    const what = seen(ctl)
    return what === undefined ? [] : [{ name, sum: what === 'none' ? 'no file' : sha256(what) }]
  })
  const sums = new Map<string, string[]>()
  for (const { name, sum } of served) sums.set(sum, [...(sums.get(sum) ?? []), name])
  if (sums.size < 2) return []
  const groups = [...sums].map(
    ([sum, names]) => `${names.join(', ')}: ${sum === 'no file' ? sum : `SHA-256 ${sum.slice(0, 16)}…`}`,
  )
  return [found('NODES_DIFFER', `${groups.join('; ')}.`)]
}

function unverified({ ground: { situation } }: PreflightRequest): PreflightFinding[] {
  return situation.nodes.flatMap(({ name, ctl }) => {
    const what = seen(ctl)
    const problem = what instanceof Uint8Array ? verifyCtlFile(what).problem : undefined
    return problem === undefined
      ? []
      : [
          found('FILE_NOT_VERIFIED', `${name} serves a file that does not verify: ${problem.detail}`, {
            at: name,
          }),
        ]
  })
}
