/** From what was typed to what `/v1/migrations` is asked. */
import { createHash } from 'node:crypto'
import { BridgeError } from '../../bridge-error.js'
import { type CtlFile, decodeCtlFile } from '../../ctl/ctl-file.js'
import { certificateOf, ipAddressOf } from '../../ctl/record-fields.js'
import { planIds } from '../../migration/plan/plan.js'
import type { ClusterAnswer } from '../answers.js'
import type { ApiClient } from '../api-client.js'
import { clusterPath } from '../cluster/cluster-path.js'
import type { CommandContext } from '../command.js'
import { type AddressWish, type ComposeWishes, readWishes } from '../compose/compose-wishes.js'
import { readCertificateFile } from '../read-certificate-file.js'
import { readInputFile } from '../read-input-file.js'

const usage = (detail: string): BridgeError => new BridgeError('USAGE', detail)

const editOptions = ['add', 'remove', 'replace', 'address', 'host'] as const
/** Those that name records of the file that is served. */
const numberOptions = editOptions.filter((name) => name !== 'add')

/** Rejects with USAGE, FILE_UNREADABLE, CERTIFICATE_FILE_UNCLEAR, CLUSTER_… and NODE_…. */
export async function readPlanRequest(
  context: CommandContext,
  api: ApiClient,
): Promise<Record<string, unknown>> {
  const { operands, values, lists } = context
  const [cluster = '', plan = ''] = operands
  if (!(planIds as readonly string[]).includes(plan)) {
    throw usage(`${JSON.stringify(plan)} is no plan. Plans: ${planIds.join(', ')}.`)
  }
  const { certificate: what, node, signer } = values
  if ((what === undefined) !== (node === undefined)) throw usage('--certificate and --node go together.')
  return {
    cluster,
    plan,
    tokens: lists.token ?? [],
    ...(signer !== undefined && { signer }),
    ...(what !== undefined && { regenerate: { what, node } }),
    edits: await readEdits(context, api, cluster),
  }
}

async function readEdits(context: CommandContext, api: ApiClient, cluster: string): Promise<object[]> {
  const given = (name: string) => (context.lists[name] ?? []).length > 0
  if (!editOptions.some(given)) return []
  const served = numberOptions.some(given) ? await readServed(api, cluster) : undefined
  const lists = Object.fromEntries(editOptions.map((name) => [name, context.lists[name] ?? []]))
  const wishes = readWishes({ lists, values: {} }, served?.records.length ?? 0)
  return [...(await additions(wishes)), ...(served === undefined ? [] : await changes(wishes, served))]
}

/** The first of its nodes that gives one; the daemon reads every node again and judges them. */
async function readServed(api: ApiClient, cluster: string): Promise<CtlFile> {
  const { nodes } = await api.getJson<ClusterAnswer>(clusterPath(cluster))
  const [from] = nodes.flatMap(({ reads }) => reads)
  if (from === undefined) throw usage(`No node of ${cluster} serves files, so there are no records to name.`)
  return decodeCtlFile(await readInputFile(`${from.replace(/\/$/, '')}/CTLFile.tlv`))
}

async function additions({ add }: ComposeWishes): Promise<object[]> {
  const edits: object[] = []
  for (const { file, function: role, ...place } of add) {
    edits.push({ edit: 'add', function: role, certificate: await base64Of(file), ...placeJson(place) })
  }
  return edits
}

async function changes({ remove, replace, place }: ComposeWishes, served: CtlFile): Promise<object[]> {
  const replaced: object[] = []
  for (const [record, file] of replace) {
    replaced.push({ edit: 'replace', certificate: hashOf(served, record), by: await base64Of(file) })
  }
  return [
    ...[...remove].map((record) => ({ edit: 'remove', certificate: hashOf(served, record) })),
    ...replaced,
    ...[...place].map(([record, wish]) => ({
      edit: 'address',
      certificate: hashOf(served, record),
      ...placeJson({ ...wish, ipAddress: wish.ipAddress ?? addressOf(served, record) }),
    })),
  ]
}

const base64Of = async (file: string): Promise<string> =>
  Buffer.from((await readCertificateFile(file)).der).toString('base64')

const placeJson = ({ dnsName, ipAddress }: AddressWish) => ({
  ...(ipAddress !== undefined && { ipAddress: ipAddress.join('.') }),
  ...(dnsName !== undefined && { dnsName }),
})

function hashOf({ records }: CtlFile, number: number): string {
  const record = records[number - 1]
  const certificate = record && certificateOf(record)
  if (certificate !== undefined) return createHash('sha256').update(certificate).digest('hex')
  throw usage(
    `Record ${number} of the served file holds no certificate, by which a migration names it; change such a file with compose and publish.`,
  )
}

function addressOf({ records }: CtlFile, number: number): Uint8Array {
  const record = records[number - 1]
  const address = record && ipAddressOf(record)
  if (address !== undefined) return Uint8Array.from(address.split('.'), Number)
  throw usage(`Record ${number} of the served file has no address; give --address ${number}=IP as well.`)
}
