/** AXL on the publisher: the three operations that say what a cluster is. */
import type { RequestHandler, Response } from 'express'
import type { LabCluster } from '../../model/lab-cluster.js'
import { runSql } from '../../model/sql.js'
import { answering, escapeXml, readCall, type SoapCall, SoapFault, sendAnswer, textOf } from './soap.js'

const schemaVersions = ['8.0', '8.5', '9.0', '9.1', '10.0', '10.5', '11.0', '11.5', '12.0', '12.5', '14.0']

/** Cisco, AXL Versioning: a release takes the schemas of its own and of the two major releases before. */
function versionsOf(own: string): readonly string[] {
  const upToOwn = schemaVersions.slice(0, schemaVersions.indexOf(own) + 1)
  const majors = [...new Set(upToOwn.map(majorOf))].slice(-3)
  return upToOwn.filter((version) => majors.includes(majorOf(version)))
}

const majorOf = (version: string): string => version.split('.')[0] ?? ''

export function makeAxl(lab: LabCluster, log: (line: string) => void): RequestHandler {
  const known = versionsOf(ownVersion(lab))
  return answering((request, response) => {
    const version = versionAsked(request.get('SOAPAction'), known)
    const call = readCall(textBody(request.body))
    log(`AXL ${call.operation} version ${version}`)
    const content = answer(lab, call)
    sendAnswer(response, `http://www.cisco.com/AXL/API/${version}`, call.operation, content)
  })
}

/** `10.5.2.10000-5` → `10.5`. */
const ownVersion = (lab: LabCluster): string => lab.version.split('.').slice(0, 2).join('.')

const textBody = (body: unknown): string => (typeof body === 'string' ? body : '')

/** `"CUCM:DB ver=10.5 executeSQLQuery"`. Where it names none, the oldest is meant [inferred]. */
function versionAsked(action: string | undefined, known: readonly string[]): string {
  const named = /^"?CUCM:DB ver=(\d+\.\d+)(?:\s|"|$)/.exec(action ?? '')?.[1]
  if (named === undefined && action !== undefined && action !== '' && action !== '""') {
    throw new SoapFault('Client', `SOAPAction must look like "CUCM:DB ver=${known.at(-1)} getCCMVersion".`)
  }
  const version = named ?? known[0] ?? ''
  if (!known.includes(version)) {
    // Cisco, AXL Versioning: status 599, and the versions that are taken.
    const message = `Incorrect AXL version ${version}. Supported axl versions are ${known.join(', ')}`
    throw new SoapFault('Client', message, { status: 599 })
  }
  return version
}

function answer(lab: LabCluster, { operation, content }: SoapCall): string {
  switch (operation) {
    case 'getCCMVersion':
      return `<return><componentVersion><version>${lab.version}</version></componentVersion></return>`
    case 'executeSQLQuery':
      return `<return>${rowsOf(lab, textOf(content, 'sql') ?? '', operation)}</return>`
    case 'listProcessNode':
      return `<return>${wholeCluster}${lab.nodes.map(processNode).join('')}</return>`
    default:
      throw axlFault(5007, `Unknown AXL operation in the lab: ${operation}.`, operation)
  }
}

function rowsOf(lab: LabCluster, sql: string, operation: string): string {
  try {
    const { columns, rows } = runSql(lab, sql)
    const names = columns.map(elementName)
    const cell = (value: string, index: number): string =>
      `<${names[index]}>${escapeXml(value)}</${names[index]}>`
    return rows.map((row) => `<row>${row.map(cell).join('')}</row>`).join('')
  } catch (error) {
    // Informix's number for a syntax error.
    throw axlFault(-201, error instanceof Error ? error.message : String(error), operation)
  }
}

/** Informix calls `count(*)` count; a name in XML begins with a letter. */
function elementName(column: string): string {
  const name = column.replace(/\(.*$/, '').replace(/[^A-Za-z0-9_]/g, '_')
  return /^[A-Za-z]/.test(name) ? name : `expression${name}`
}

/** Stands in every list of nodes, and is none. */
const wholeCluster =
  '<processNode><name>EnterpriseWideData</name><description></description><nodeUsage>Subscriber</nodeUsage><processNodeRole>CUCM Voice/Video</processNodeRole></processNode>'

function processNode({ name, address, role }: LabCluster['nodes'][number]): string {
  const usage = role === 'publisher' ? 'Publisher' : 'Subscriber'
  return `<processNode><name>${escapeXml(name)}</name><description>${escapeXml(address)}</description><nodeUsage>${usage}</nodeUsage><processNodeRole>CUCM Voice/Video</processNodeRole></processNode>`
}

function axlFault(code: number, message: string, operation: string): SoapFault {
  const detail = `<axlError><axlcode>${code}</axlcode><axlmessage>${escapeXml(message)}</axlmessage><request>${escapeXml(operation)}</request></axlError>`
  return new SoapFault('Server', message, { detail })
}

/** Subscribers of the lab have no AXL, so that nobody relies on it there. */
export function refuseAxl(publisher: string, response: Response): void {
  response.status(404).type('text/plain').send(`AXL runs on the publisher, ${publisher}.\n`)
}
