/** Nodes, release, publishing. */
import { seen } from '../plan/ground.js'
import { nodesToProbe } from '../plan/nodes-to-probe.js'
import type { Action } from '../plan/plan.js'
import { runs } from '../plan/restarts.js'
import type { NodeSituation } from '../situation/situation.js'
import { found, type PreflightFinding } from './finding.js'
import { parameterFindings } from './parameter-findings.js'
import type { PreflightRequest } from './preflight.js'

export function clusterFindings(request: PreflightRequest): PreflightFinding[] {
  const { situation } = request.ground
  return [
    ...situation.nodes.flatMap((node) => unreachable(node)),
    ...(situation.kind === 'cucm' ? release(request) : []),
    ...commandLine(request),
    ...services(request),
    ...probes(request),
    ...parameterFindings(request),
  ]
}

function unreachable({ name, ctl, itl }: NodeSituation): PreflightFinding[] {
  const silent = [ctl, itl].find((file) => file !== undefined && 'unseen' in file)
  if (silent === undefined || !('unseen' in silent)) return []
  return [found('NODE_UNREACHABLE', `${name} gives no file: ${silent.unseen}`, { at: name })]
}

const typed: readonly Action['do'][] = ['set-mode', 'update-ctl-file', 'reset-local-key', 'delete-stale-ctl']

/** Where it is not in the settings a person types. */
function commandLine({ plan, ground }: PreflightRequest): PreflightFinding[] {
  const { commandLine: answer, reach } = ground.situation
  const isTyped = (what: Action['do']) => typed.includes(what) || (what === 'restart' && !reach.controlCenter)
  const isNeeded = plan.steps.some(({ actor, does }) => actor === 'daemon' && isTyped(does.do))
  if (!isNeeded || answer === undefined || 'seen' in answer) return []
  return [found('CLI_NOT_USABLE', `show ctl on ${answer.at}: ${answer.unseen}`, { at: answer.at })]
}

/** Looked at before the file is out: a restart that is refused after it leaves the migration half-way. */
function services({ plan, ground }: PreflightRequest): PreflightFinding[] {
  return ground.situation.nodes.flatMap(({ name, services: states = {} }) => {
    const restarted = plan.steps.flatMap(({ does }) =>
      does.do === 'restart' && does.node === name ? [does.service] : [],
    )
    const observed = [...new Set(restarted)].map((service) => ({ service, state: states[service] }))
    const silent = observed.find(({ state }) => state !== undefined && 'unseen' in state)?.state
    if (silent !== undefined && 'unseen' in silent) {
      const detail = `Control Center of ${name} does not answer: ${silent.unseen}`
      return [found('CONTROL_CENTER_SILENT', detail, { at: name })]
    }
    return observed.flatMap(({ service, state }) => {
      const status = seen(state)
      return status === undefined || runs(status)
        ? []
        : [found('SERVICE_NOT_STARTED', `${service} on ${name}: ${status}.`, { at: name })]
    })
  })
}

/** A way back restores what stood, whatever the release is. */
function release({ plan, ground: { situation, rules, releaseText } }: PreflightRequest): PreflightFinding[] {
  if (rules !== undefined || plan.id === 'rollback') return []
  const why =
    'unseen' in situation.release ? situation.release.unseen : `${releaseText} is none that is known.`
  return [found('RELEASE_UNKNOWN', why)]
}

/**
 * Only a plan that puts a file onto nodes depends on publishing. A way back that resets no phones only deletes what had
 * not been there.
 */
function probes({ plan, ground }: PreflightRequest): PreflightFinding[] {
  const putsBack = plan.steps.some(({ does }) => does.do === 'reset-phones')
  const targets = new Set(
    plan.steps.flatMap(({ does }) =>
      does.do === 'publish' || (does.do === 'restore-files' && putsBack) ? does.nodes : [],
    ),
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
