/** `/v1/clusters`: which there are, and what they serve now. */
import { observeCluster } from '../cluster/observe/observe-cluster.js'
import { toProblem } from '../problems.js'
import { clusterJson } from './cluster-json.js'
import { plainRoute, type Route } from './route.js'
import type { RouteParts } from './route-parts.js'
import { tokenCertificates } from './token-certificates.js'

export function clusterRoutes({ clusters, probes, tokens, events, onUnexpected, now }: RouteParts): Route[] {
  return [
    plainRoute({
      method: 'get',
      path: '/v1/clusters',
      id: 'listClusters',
      summary: 'The clusters of the settings',
      description: 'A file of settings that is wrong is in `problems`, and its clusters are not in the list.',
      scope: 'read',
      answers: [{ type: 'application/json', schema: 'ClusterList' }],
      problems: [],
      handle: () => {
        const { clusters: found, problems } = clusters.list()
        return {
          json: {
            clusters: found.map((entry) => clusterJson(entry, clusters.doing(entry.settings.name))),
            problems: problems.map(toProblem),
          },
        }
      },
    }),
    plainRoute({
      method: 'get',
      path: '/v1/clusters/{name}',
      id: 'getCluster',
      summary: 'A cluster as the settings describe it, and what probes of publishing found',
      scope: 'read',
      answers: [{ type: 'application/json', schema: 'Cluster' }],
      problems: ['CLUSTER_UNKNOWN', 'CONFIG_INVALID', 'CONFIG_UNTRUSTED', 'STORE_UNUSABLE'],
      handle: async ({ params }) => {
        const name = params.name ?? ''
        const found = clusters.find(name)
        return { json: { ...clusterJson(found, clusters.doing(name)), probes: await probes.all(name) } }
      },
    }),
    plainRoute({
      method: 'post',
      path: '/v1/clusters/{name}/observe',
      id: 'observeCluster',
      summary: 'What every node serves and says now, and where nodes disagree',
      description:
        'Nothing is changed. Takes seconds, up to about a minute where nodes are silent; progress comes as `cluster.observing` events. A node that fails is in `unanswered`, and the answer is 200 all the same. Whoever asks while an observation of this cluster runs gets the same answer.',
      scope: 'read',
      answers: [{ type: 'application/json', schema: 'ClusterObservation' }],
      problems: ['CLUSTER_UNKNOWN', 'CONFIG_INVALID', 'CONFIG_UNTRUSTED', 'CLUSTER_NOT_CONFIGURED'],
      handle: async ({ params }) => {
        const name = params.name ?? ''
        const observation = await clusters.look(name, 'observe', (opened) =>
          observeCluster(opened, {
            now,
            tokenCertificates: tokenCertificates(tokens.list()),
            onStep: (step) => events.publish('cluster.observing', { cluster: name, ...step }),
            onUnexpected,
          }).then((observed) => {
            events.publish('cluster.observed', {
              cluster: name,
              disagreements: observed.disagreements.length,
              unanswered: observed.unanswered.length,
            })
            return observed
          }),
        )
        return { json: observation }
      },
    }),
  ]
}
