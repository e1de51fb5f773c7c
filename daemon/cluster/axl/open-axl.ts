/** CUCM's Administrative XML interface: reads the cluster's database and changes nothing. */
import { z } from 'zod'
import { BridgeError } from '../../bridge-error.js'
import type { Axl, ModelCount, ProcessNode, SecurityMode } from '../ports.js'
import { type HttpAnswer, readSoapAnswer, type SoapService } from '../soap/soap-answer.js'
import { makeSoapConnection, type WebServer } from '../soap/soap-connection.js'
import { escapeXml, soapEnvelope } from '../soap/soap-envelope.js'
import { childNamed, childrenNamed, fieldsOf, type XmlElement } from '../soap/xml-document.js'
import {
  deviceModelQuery,
  modelCountQuery,
  modelsWithFeatureQuery,
  parameterQuery,
  type Query,
} from './axl-queries.js'
import { firstGuesses, isVersionRefusal, versionsInRefusal } from './axl-schema-version.js'

export interface AxlServer extends WebServer {
  /** Of CUCM, as in the settings; found out where it is not given. */
  readonly release?: string | undefined
  /** Milliseconds for one answer. */
  readonly deadline?: number
  /** As typesupportsfeature calls it. */
  readonly securityByDefaultFeature?: string
}

/** AXL itself needs seconds for a large database; nobody waits longer than this for one answer. */
const USUAL_DEADLINE = 30_000

const versionShape = z.string().regex(/^\d{1,2}(\.\d{1,5}){1,4}(-\d{1,5})?$/)
const nodeShape = z.object({ name: z.string().min(1), nodeusage: z.string().default('') })

/** listProcessNode also gives this, which is the whole cluster and no node. */
const NO_NODE = 'EnterpriseWideData'

export function openAxl(server: AxlServer): Axl {
  const { node } = server
  const call = makeCall(server)

  const ask = async <Row>({ sql, row }: Query<Row>): Promise<readonly Row[]> => {
    const answer = await call('executeSQLQuery', `<sql>${escapeXml(sql)}</sql>`)
    return childrenNamed(answer, 'row').map((element) => shaped(row, fieldsOf(element), node))
  }
  const parameters = async (names: readonly string[]) => {
    if (names.length === 0) return {}
    return oneValueEach(await ask(parameterQuery(names)), node)
  }
  return {
    parameters,
    version: async () => {
      const answer = await call('getCCMVersion', '')
      const text = childNamed(childNamed(answer, 'componentVersion'), 'version')?.text
      return shaped(versionShape, text, node)
    },
    securityMode: async () => {
      const { ClusterSecurityMode: mode } = await parameters(['ClusterSecurityMode'])
      return securityMode(mode, node)
    },
    nodes: async () => {
      const wanted =
        '<searchCriteria><name>%</name></searchCriteria><returnedTags><name/><nodeUsage/></returnedTags>'
      return processNodes(await call('listProcessNode', wanted), node)
    },
    deviceModels: async (devices) => {
      if (devices.length === 0) return {}
      const rows = await ask(deviceModelQuery(devices))
      return Object.fromEntries(rows.map(({ device, model }) => [device, model]))
    },
    modelCounts: async () => {
      const counts = await ask(modelCountQuery)
      const query = modelsWithFeatureQuery(server.securityByDefaultFeature ?? 'Security By Default')
      const models = await ask(query).catch(noAnswerInTables)
      return withFeature(counts, new Set(models.map(({ model }) => model)))
    },
  }
}

/** The `return` of an operation's answer, in a version of the schema that the node takes. */
function makeCall(server: AxlServer) {
  const service: SoapService = {
    node: server.node,
    inWords: 'AXL',
    neededService: 'Cisco AXL Web Service',
    neededRole: 'Standard AXL API Access',
  }
  const { post } = makeSoapConnection(server, service)
  const send = (version: string, operation: string, content: string): Promise<HttpAnswer> =>
    post({
      path: '/axl/',
      action: `CUCM:DB ver=${version} ${operation}`,
      envelope: soapEnvelope(
        `http://www.cisco.com/AXL/API/${version}`,
        `<ns:${operation}>${content}</ns:${operation}>`,
      ),
      deadline: server.deadline ?? USUAL_DEADLINE,
    })

  let taken: Promise<string> | undefined
  const versionTaken = (): Promise<string> => {
    taken ??= findVersion((version) => send(version, 'getCCMVersion', ''), server, service).catch((error) => {
      taken = undefined
      throw error
    })
    return taken
  }
  return async (operation: string, content: string): Promise<XmlElement> => {
    const answer = readSoapAnswer(await send(await versionTaken(), operation, content), service)
    const returned = childNamed(answer, 'return')
    if (answer.name === `${operation}Response` && returned !== undefined) return returned
    throw wrong(server.node, `AXL answered ${operation} with ${JSON.stringify(answer.name)}.`)
  }
}

async function findVersion(
  tryOut: (version: string) => Promise<HttpAnswer>,
  { node, release }: AxlServer,
  service: SoapService,
): Promise<string> {
  let untried = firstGuesses(release)
  const tried: string[] = []
  for (;;) {
    const [version, ...others] = untried
    if (version === undefined || tried.length === 8) {
      throw wrong(
        node,
        `AXL takes none of the schema versions ${tried.join(', ')}. Set release for the cluster.`,
      )
    }
    tried.push(version)
    const answer = await tryOut(version)
    if (!isVersionRefusal(answer)) {
      readSoapAnswer(answer, service)
      return version
    }
    const named = versionsInRefusal(answer)
    untried = (named.length > 0 ? named : others).filter((other) => !tried.includes(other))
  }
}

const wrong = (node: string, detail: string) => new BridgeError('NODE_ANSWER_WRONG', detail, { node })

function shaped<T>(shape: z.ZodType<T>, value: unknown, node: string): T {
  const { success, data, error } = shape.safeParse(value)
  if (success) return data
  const where = error.issues[0]?.path.join('.') || 'the value'
  throw wrong(node, `AXL answered with something else than was asked for: ${where}.`)
}

function oneValueEach(
  rows: ReadonlyArray<{ readonly paramname: string; readonly paramvalue: string }>,
  node: string,
): Readonly<Record<string, string>> {
  const values = new Map<string, string>()
  for (const { paramname, paramvalue } of rows) {
    if ((values.get(paramname) ?? paramvalue) !== paramvalue) {
      throw wrong(
        node,
        `${paramname} has other values on other nodes: it is no parameter of the whole cluster.`,
      )
    }
    values.set(paramname, paramvalue)
  }
  return Object.fromEntries(values)
}

function securityMode(value: string | undefined, node: string): SecurityMode {
  if (value === '0') return 'non-secure'
  if (value === '1') return 'mixed'
  const said = value === undefined ? 'nothing' : JSON.stringify(value)
  throw wrong(node, `AXL says ${said} for ClusterSecurityMode, which is 0 or 1.`)
}

function processNodes(answer: XmlElement, node: string): readonly ProcessNode[] {
  return childrenNamed(answer, 'processNode')
    .map((element) => shaped(nodeShape, fieldsOf(element), node))
    .filter(({ name }) => name !== NO_NODE)
    .map(({ name, nodeusage }) => ({ name, role: nodeusage }))
}

/** A release whose database has no such tables refuses the question: then the cluster does not say. */
function noAnswerInTables(error: unknown): readonly { model: string }[] {
  if (error instanceof BridgeError && error.code === 'NODE_COMMAND_REFUSED') return []
  throw error
}

function withFeature(
  counts: ReadonlyArray<{ readonly model: string; readonly devices: number }>,
  supporting: ReadonlySet<string>,
): readonly ModelCount[] {
  // No model at all with the feature: it is called otherwise there, which says nothing of any model.
  const says = supporting.size > 0
  return counts
    .map(({ model, devices }) => ({
      model,
      devices,
      securityByDefault: says ? supporting.has(model) : undefined,
    }))
    .sort((a, b) => a.model.localeCompare(b.model, 'en'))
}
