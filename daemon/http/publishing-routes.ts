/** `/v1/clusters/{name}/publish`, `/await`, `/probe` and `/files`: how a file gets onto the nodes, and what was there before. */
import { BridgeError } from '../bridge-error.js'
import { awaitPublished } from '../cluster/publishing/await-published.js'
import { probe } from '../cluster/publishing/probe.js'
import { publishFile } from '../cluster/publishing/publish-file.js'
import type { ProblemCode } from '../problems.js'
import type { PublishedFile, PublishedFiles } from '../store/published-files.js'
import { fileReply } from './file-reply.js'
import { oncePerKey } from './idempotency.js'
import { readQuery } from './read-query.js'
import { fileRoute, plainRoute, type Route } from './route.js'
import type { RouteParts } from './route-parts.js'
import {
  awaitQuerySchema,
  keptFileQuerySchema,
  probeQuerySchema,
  publishQuerySchema,
} from './schemas/publication-schemas.js'

const LISTED = 100

const clusterProblems: readonly ProblemCode[] = [
  'CLUSTER_UNKNOWN',
  'CLUSTER_NOT_CONFIGURED',
  'CONFIG_INVALID',
  'CONFIG_UNTRUSTED',
  'STORE_UNUSABLE',
]

const nodesQuery = {
  required: false,
  description: 'Names of nodes with commas between them. Every node with TFTP, if left out',
}
const fileQuery = { required: false, description: 'Name of the file on the nodes. CTLFile.tlv, if left out' }

export function publishingRoutes(parts: RouteParts): Route[] {
  return [publishRoute(parts), awaitRoute(parts), probeRoute(parts), ...keptFileRoutes(parts)]
}

function publishRoute({ clusters, publishing, idempotency, events }: RouteParts): Route {
  return fileRoute({
    method: 'post',
    path: '/v1/clusters/{name}/publish',
    id: 'publishFile',
    summary: 'Put a signed file onto the nodes of a cluster and read it back from each',
    description:
      'A CTL or ITL must verify. What is there before is kept first: `/files`. A node that fails is in the report, stops no other, and the answer is 200. Goes on to its end when the client leaves; progress comes as `cluster.publishing` events. Send Idempotency-Key to get the same answer again after a lost one.',
    scope: 'operate',
    query: {
      nodes: nodesQuery,
      file: fileQuery,
      restartTftp: {
        required: false,
        description: 'Empty, `true` or `false`: restart Cisco Tftp on each node that was written, one by one',
      },
    },
    answers: [{ type: 'application/json', schema: 'PublishReport' }],
    problems: [
      ...clusterProblems,
      'CLUSTER_BUSY',
      'PUBLISH_FILE_REFUSED',
      'CTL_SIGNATURE_WRONG',
      'AUDIT_NOT_WRITABLE',
      'IDEMPOTENCY_KEY_REUSED',
    ],
    handle: ({ caller, params, query, headers, body }) => {
      const cluster = params.name ?? ''
      const { nodes, file, restartTftp } = readQuery(publishQuerySchema, query)
      const asked = ['publish', cluster, file, nodes?.join() ?? '', String(restartTftp), body]
      return oncePerKey(idempotency, { caller, headers }, asked, async () => {
        const report = await clusters.change(cluster, 'publication', (opened) => {
          const onStep = (step: object) => events.publish('cluster.publishing', { cluster, ...step })
          const request = { bytes: body, file, restartTftp, ...(nodes && { nodes }) }
          return publishFile({ ...publishing(opened), onStep }, caller, request)
        })
        const { sha256, servedEverywhere } = report
        events.publish('cluster.published', { cluster, file, sha256, servedEverywhere })
        return { json: report }
      })
    },
  })
}

function awaitRoute({ clusters, publishing, events }: RouteParts): Route {
  return plainRoute({
    method: 'post',
    path: '/v1/clusters/{name}/await',
    id: 'awaitServed',
    summary: 'Wait until nodes serve a file that was published, by a person for example',
    description:
      'Answers when every node serves it or the time is over. Changes nothing on the cluster. Each look is a `cluster.awaiting` event.',
    scope: 'operate',
    query: {
      sha256: { required: true, description: 'Of the file' },
      nodes: nodesQuery,
      file: fileQuery,
      seconds: { required: false, description: '1 to 86400; 900, if left out' },
    },
    answers: [{ type: 'application/json', schema: 'Awaited' }],
    problems: [...clusterProblems, 'AUDIT_NOT_WRITABLE'],
    handle: async ({ caller, params, query }) => {
      const cluster = params.name ?? ''
      const { sha256, nodes, file, seconds } = readQuery(awaitQuerySchema, query)
      const left = new AbortController()
      const awaited = await clusters.look(cluster, `await ${caller.requestId}`, (opened) =>
        awaitPublished(publishing(opened), caller, {
          sha256,
          file,
          deadline: seconds * 1000,
          signal: left.signal,
          onProgress: (node) => {
            events.publish('cluster.awaiting', { cluster, file, node: node.node, isServed: node.isServed })
            if (caller.hasLeft?.() === true) left.abort()
          },
          ...(nodes && { nodes }),
        }),
      )
      return { json: { nodes: awaited } }
    },
  })
}

function probeRoute({ clusters, publishing, events }: RouteParts): Route {
  return plainRoute({
    method: 'post',
    path: '/v1/clusters/{name}/probe',
    id: 'probePublishing',
    summary: 'Try whether publishing works, with the very file that a node serves',
    description:
      'Writes the same bytes over themselves on one node, restarts Cisco Tftp there, reads back and looks at `show ctl`. Remembered for node and release. Where a person publishes, the answer has the steps and the number of the file, `kept`; give that back as `uploaded` when they are done. It `fails` with PUBLISH_WRONG_FILE if the node serves another file then.',
    scope: 'operate',
    query: {
      node: { required: false, description: 'A subscriber with TFTP, else the only node, if left out' },
      uploaded: {
        required: false,
        description: 'Number of the file, `kept`: a person says that it was uploaded and the steps are done',
      },
      changed: {
        required: false,
        description:
          'Empty, `true` or `false`: the CTL was changed on purpose since an earlier probe gave a file to upload; the new one is to be uploaded',
      },
    },
    answers: [{ type: 'application/json', schema: 'ProbeReport' }],
    problems: [
      ...clusterProblems,
      'CLUSTER_BUSY',
      'PUBLISH_ENTRY_UNKNOWN',
      'PUBLISH_PROBE_OVER',
      'AUDIT_NOT_WRITABLE',
    ],
    handle: async ({ caller, params, query }) => {
      const cluster = params.name ?? ''
      const { node, uploaded, changed } = readQuery(probeQuerySchema, query)
      const report = await clusters.change(cluster, 'probe', (opened) => {
        const onStep = (step: object) => events.publish('cluster.probing', { cluster, ...step })
        return probe({ ...publishing(opened), onStep }, caller, { node, uploaded, isChanged: changed })
      })
      events.publish('cluster.probed', { cluster, node: report.node, outcome: report.outcome })
      return { json: report }
    },
  })
}

function keptFileRoutes({ published }: RouteParts): Route[] {
  return [
    plainRoute({
      method: 'get',
      path: '/v1/clusters/{name}/files',
      id: 'listPublishedFiles',
      summary: 'What was published to a cluster, and what was there before',
      description: 'Also of a cluster that the settings no longer name: its files are kept all the same.',
      scope: 'read',
      answers: [{ type: 'application/json', schema: 'PublishedFileList' }],
      problems: ['STORE_UNUSABLE'],
      handle: async ({ params }) => ({ json: { files: await published.latest(params.name ?? '', LISTED) } }),
    }),
    plainRoute({
      method: 'get',
      path: '/v1/clusters/{name}/files/{id}',
      id: 'getKeptFile',
      summary: 'The bytes that a node had before a publication, or those that were published',
      scope: 'read',
      query: { which: { required: false, description: '`before`, if left out, or `published`' } },
      answers: [{ type: 'application/octet-stream' }],
      problems: ['PUBLISH_ENTRY_UNKNOWN', 'STORE_UNUSABLE'],
      handle: async ({ params, query }) => {
        const { which } = readQuery(keptFileQuerySchema, query)
        const entry = await findEntry(published, params.name ?? '', params.id ?? '')
        const sha256 = which === 'published' ? entry.sha256 : sha256Before(entry)
        const bytes = await published.bytes(sha256)
        if (bytes === undefined)
          throw unknownEntry(entry.cluster, `The store does not hold the bytes of entry ${entry.id}.`)
        return fileReply(bytes, entry.file)
      },
    }),
  ]
}

async function findEntry(published: PublishedFiles, cluster: string, id: string): Promise<PublishedFile> {
  const entry = /^\d{1,15}$/.test(id) ? await published.get(Number(id)) : undefined
  if (entry?.cluster === cluster) return entry
  throw unknownEntry(cluster, `There is no entry ${id} of cluster ${cluster}.`)
}

/** What lay at the target, or was served where nobody can look at the target. */
function sha256Before({ id, cluster, node, file, before }: PublishedFile): string {
  const sha256 = before.target === undefined ? before.served : before.target
  if (typeof sha256 === 'string') return sha256
  const state = sha256 === null ? 'had no such file' : 'could not be looked at'
  throw unknownEntry(
    cluster,
    `Before entry ${id} the node ${node} ${state} (${file}): there is nothing to bring back.`,
  )
}

const unknownEntry = (cluster: string, detail: string): BridgeError =>
  new BridgeError('PUBLISH_ENTRY_UNKNOWN', detail, { cluster })
