/**
 * What TVS answers, and what it writes into its log. Pure but for the look-up, which comes in.
 *
 * TAC 118893 shows two logs: each names issuer and serial number, then the look-up in the certificate database, then, where
 * that found nothing, the one in the cache of the CTL file, then the roles found as `{rolecount : 1} {role : 0}`.
 */
import { readCertificateFacts } from '../../model/certificate-facts.js'
import type { TrustHit } from '../../model/lab-cluster.js'
import {
  elements,
  messageTypes,
  statuses,
  TvsFormatError,
  type TvsMessage,
  writeMessage,
} from './tvs-messages.js'

export interface Trust {
  readonly find: (serial: Uint8Array, issuer: string) => TrustHit | undefined
  readonly policy: () => 'db' | 'cache' | 'either'
  readonly log: (line: string) => void
}

/** A phone keeps an answer for a day. */
const TTL_SECONDS = 24 * 60 * 60

/** What is looked up: the key of both look-ups is serial and issuer text. */
interface Question {
  readonly serial: Uint8Array
  readonly issuer: string
  readonly subject: string
}

/** The answer as bytes. Throws TvsFormatError for what gets none. */
export function answerMessage(message: TvsMessage, trust: Trust): Buffer {
  const answerType = answerTypes.get(message.type)
  if (answerType === undefined) throw new TvsFormatError(`type ${message.type} is no request`)
  const { log } = trust
  log(`debug tvsHandleRequest - device : ${deviceName(message)} session : ${message.session}`)
  const question = message.type === messageTypes.verify ? ofCertificate(message, log) : ofQuery(message)
  const hit = question && lookUp(question, trust)
  const content: Array<readonly [number, Uint8Array]> = [
    [elements.status, Uint8Array.of(hit === undefined ? statuses.invalid : statuses.valid)],
  ]
  if (hit !== undefined) {
    const ttl = Buffer.alloc(4)
    ttl.writeUInt32BE(TTL_SECONDS)
    content.push([elements.roles, Uint8Array.from(hit.roles)], [elements.ttl, ttl])
  }
  log(`debug tvsSendResponse - status : ${hit === undefined ? 'invalid' : 'valid'}`)
  return writeMessage(answerType, message.session, content)
}

const answerTypes = new Map<number, number>([
  [messageTypes.verify, messageTypes.verifyAnswer],
  [messageTypes.query, messageTypes.queryAnswer],
])

function lookUp(question: Question, { find, policy, log }: Trust): TrustHit | undefined {
  const serial = Buffer.from(question.serial).toString('hex').toUpperCase()
  log(`debug tvsGetSubjectNameFromCert - subject : ${quoted(question.subject)}`)
  log(`debug tvsGetIssuerNameFromCert - issuer : ${quoted(question.issuer)}`)
  log(`debug tvsGetSerialNumberFromCert - serial : ${serial}`)
  const hit = find(question.serial, question.issuer)
  for (const line of whereLines(policy(), hit)) log(`debug ${line}`)
  if (hit === undefined) log('debug tvsGetRoles - {rolecount : 0}')
  else {
    const roles = hit.roles.map((role) => ` {role : ${role}}`).join('')
    log(`debug tvsGetRoles - {rolecount : ${hit.roles.length}}${roles}`)
  }
  return hit
}

/** The database is asked first, the cache of the CTL file only where that found nothing. */
function whereLines(policy: 'db' | 'cache' | 'either', hit: TrustHit | undefined): string[] {
  const database = `tvsLookUpDatabase - certificate ${hit?.where === 'database' ? 'found' : 'not found'}`
  const cache = `tvsLookUpCtlCache - certificate ${hit?.where === 'cache' ? 'found' : 'not found'}`
  if (policy === 'db' || hit?.where === 'database') return [database]
  return policy === 'cache' ? [cache] : [database, cache]
}

function ofCertificate(message: TvsMessage, log: (line: string) => void): Question | undefined {
  const der = required(message, elements.certificate, 'certificate')
  const facts = readCertificateFacts(der)
  if (facts === undefined) log(`debug tvsParseCertificate - no certificate : ${der.length} bytes`)
  return facts
}

function ofQuery(message: TvsMessage): Question {
  return {
    subject: textOf(message, elements.subject, 'subject'),
    issuer: textOf(message, elements.labIssuer, 'issuer'),
    serial: required(message, elements.labSerial, 'serial number'),
  }
}

function required(message: TvsMessage, tag: number, what: string): Buffer {
  const value = message.elements.get(tag)
  if (value === undefined) throw new TvsFormatError(`there is no element ${tag}, ${what}`)
  return value
}

function textOf(message: TvsMessage, tag: number, what: string): string {
  const value = required(message, tag, what)
  if (value.indexOf(0) !== value.length - 1) {
    throw new TvsFormatError(`element ${tag}, ${what}, is no text with a NUL at its end`)
  }
  return value.toString('utf8', 0, value.length - 1)
}

/** `01`, then the name. */
function deviceName(message: TvsMessage): string {
  const value = required(message, elements.deviceName, 'device name')
  if (value.length < 2 || value[0] !== 1) throw new TvsFormatError('the device name does not begin with 01')
  return quoted(value.toString('utf8', 1))
}

/** Texts of others stand in the log as they are, but on one line and without what a terminal would obey. */
const quoted = (text: string): string => JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"')
