/** The settings against what the cluster says of itself. Pure. */
import { disagreement } from './disagreement-texts.js'
import type { ClusterFacts, Disagreement } from './observation.js'

export function compareMembership(facts: ClusterFacts): Disagreement[] {
  return [...releaseDiffers(facts), ...nodesDiffer(facts)]
}

function releaseDiffers({ release, configuredRelease }: ClusterFacts): Disagreement[] {
  if (release.asked.state !== 'answered' || configuredRelease === undefined) return []
  const said = release.asked.answer
  // `10.5.2.10000-5` of the cluster against `10.5.2` of the settings.
  if (said === configuredRelease || said.startsWith(`${configuredRelease}.`)) return []
  const detail = `The cluster says it is ${said}, and the settings say ${configuredRelease}.`
  return [disagreement('RELEASE_DIFFERS', [], detail)]
}

function nodesDiffer({ processNodes, nodes }: ClusterFacts): Disagreement[] {
  if (processNodes.state !== 'answered') return []
  // The table processnode holds an entry for the whole cluster, and the nodes of IM and Presence, which have no TFTP.
  const members = processNodes.answer.filter(
    ({ name, role }) => name !== 'EnterpriseWideData' && !/presence/i.test(role),
  )
  const configured = nodes.flatMap(({ name, address }) => [short(name), short(address)])
  const memberNames = new Set(members.map(({ name }) => short(name)))
  return [
    ...members
      .filter(({ name }) => !configured.includes(short(name)))
      .map(({ name }) =>
        disagreement(
          'NODE_NOT_CONFIGURED',
          [name],
          `The cluster has a node ${name}, which the settings do not name.`,
        ),
      ),
    ...nodes
      .filter(({ name, address }) => !memberNames.has(short(name)) && !memberNames.has(short(address)))
      .map(({ name }) =>
        disagreement(
          'NODE_NOT_IN_CLUSTER',
          [name],
          `The settings name ${name}, and the cluster knows no such node.`,
        ),
      ),
  ]
}

/** A host name without its domain, whatever its case; an address stays whole. */
function short(name: string): string {
  return /^[\d.]+$|:/.test(name) ? name : (name.toLowerCase().split('.')[0] ?? '')
}
