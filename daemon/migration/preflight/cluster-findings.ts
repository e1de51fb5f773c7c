/** Nodes, release, publishing. */

import { seen } from '../plan/ground.js'
import type { NodeSituation } from '../situation/situation.js'
import { found, type PreflightFinding } from './finding.js'
import type { PreflightRequest } from './preflight.js'

export function clusterFindings(request: PreflightRequest): PreflightFinding[] {
  const { situation } = request.ground
  return [
    ...situation.nodes.flatMap((node) => unreachable(node)),
    ...(situation.kind === 'cucm' ? [...release(request), ...probes(request), ...parameters(request)] : []),
  ]
}

function unreachable({ name, ctl, tvs }: NodeSituation): PreflightFinding[] {
  const files =
    ctl !== undefined && 'unseen' in ctl
      ? [found('NODE_UNREACHABLE', `${name} gives no file: ${ctl.unseen}`, { at: name })]
      : []
  const silent = Object.values(tvs ?? {}).find((answer) => 'unseen' in answer)
  if (silent === undefined || !('unseen' in silent)) return files
  return [
    ...files,
    found('TVS_UNREACHABLE', `TVS on ${name} does not answer: ${silent.unseen}`, { at: name }),
  ]
}

function release({ ground: { situation, rules, releaseText } }: PreflightRequest): PreflightFinding[] {
  if (rules !== undefined) return []
  const why =
    'unseen' in situation.release ? situation.release.unseen : `${releaseText} is none that is known.`
  return [found('RELEASE_UNKNOWN', why)]
}

/** Only a plan that puts a file onto nodes depends on publishing. */
function probes({ plan, ground: { situation } }: PreflightRequest): PreflightFinding[] {
  const targets = new Set(plan.steps.flatMap(({ does }) => (does.do === 'publish' ? does.nodes : [])))
  return situation.nodes.flatMap(({ name, probe }) => {
    if (!targets.has(name)) return []
    if (probe?.outcome === 'worked') return []
    return probe === undefined
      ? [found('PROBE_NOT_DONE', `Publishing was never tried on ${name}.`, { at: name })]
      : [found('PROBE_FAILED', `Publishing on ${name} failed at ${probe.at}.`, { at: name })]
  })
}

/** Names in processconfig are not published; the texts are those of the pages. [inferred] */
export const parameterNames = {
  rollback: ['RollBackToPre8.0', 'RollbackToPre80', 'PrepareClusterForRollbackToPre80'],
  digest: ['TFTPFileSignatureAlgorithm', 'SignatureAlgorithm'],
} as const

function parameters({ ground: { situation } }: PreflightRequest): PreflightFinding[] {
  const values = seen(situation.parameters) ?? {}
  const value = (names: readonly string[]) =>
    names.map((name) => values[name]).find((one) => one !== undefined)
  const rollback = value(parameterNames.rollback)
  const digest = value(parameterNames.digest)
  return [
    ...(rollback !== undefined && /^(1|t|true|yes)$/i.test(rollback)
      ? [found('ROLLBACK_PARAMETER_SET', `The parameter is ${rollback}.`)]
      : []),
    ...(digest !== undefined && /512/.test(digest)
      ? [found('SHA512_SET', `The parameter is ${digest}.`)]
      : []),
  ]
}
