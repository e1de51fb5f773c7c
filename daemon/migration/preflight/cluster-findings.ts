/** Nodes, release, publishing. */
import { seen } from '../plan/ground.js'
import { nodesToProbe } from '../plan/nodes-to-probe.js'
import type { NodeSituation } from '../situation/situation.js'
import { found, type PreflightFinding } from './finding.js'
import { parameterFindings } from './parameter-findings.js'
import type { PreflightRequest } from './preflight.js'

export function clusterFindings(request: PreflightRequest): PreflightFinding[] {
  const { situation } = request.ground
  return [
    ...situation.nodes.flatMap((node) => unreachable(node)),
    ...(situation.kind === 'cucm' ? release(request) : []),
    ...probes(request),
    ...parameterFindings(request),
  ]
}

function unreachable({ name, ctl, itl }: NodeSituation): PreflightFinding[] {
  const silent = [ctl, itl].find((file) => file !== undefined && 'unseen' in file)
  if (silent === undefined || !('unseen' in silent)) return []
  return [found('NODE_UNREACHABLE', `${name} gives no file: ${silent.unseen}`, { at: name })]
}

/** A way back restores what stood, whatever the release is. */
function release({ plan, ground: { situation, rules, releaseText } }: PreflightRequest): PreflightFinding[] {
  if (rules !== undefined || plan.id === 'rollback') return []
  const why =
    'unseen' in situation.release ? situation.release.unseen : `${releaseText} is none that is known.`
  return [found('RELEASE_UNKNOWN', why)]
}

/** Only a plan that puts a file onto nodes depends on publishing. */
function probes({ plan, ground }: PreflightRequest): PreflightFinding[] {
  const targets = new Set(
    plan.steps.flatMap(({ does }) => (does.do === 'publish' && does.artifact !== 'before' ? does.nodes : [])),
  )
  if (targets.size === 0) return []
  const { nodes } = ground.situation
  const needed = nodesToProbe(ground)
  if (needed.length === 0 && nodes.some(({ ctl }) => seen(ctl) === 'none')) {
    return [found('PROBE_NOT_POSSIBLE', 'No node serves a CTL yet.')]
  }
  return nodes.flatMap(({ name, probe }) => {
    if (!targets.has(name) || probe?.outcome === 'worked') return []
    if (probe !== undefined) {
      return [found('PROBE_FAILED', `Publishing on ${name} failed at ${probe.at}.`, { at: name })]
    }
    return needed.includes(name)
      ? [found('PROBE_NOT_DONE', `Publishing was never tried on ${name} on this release.`, { at: name })]
      : []
  })
}
