/** From what HTTP brought to the one element inside the SOAP body, or to the problem it tells of. Pure. */
import { BridgeError, type BridgeErrorCode } from '../../bridge-error.js'
import { childNamed, readXml, type XmlElement, XmlRefusal } from './xml-document.js'

export interface HttpAnswer {
  readonly status: number
  readonly body: Uint8Array
}

/** How an answer's problems are told. */
export interface SoapService {
  /** The node's name in the settings. */
  readonly node: string
  /** `AXL`, `Control Center`. */
  readonly inWords: string
  /** What must run on the node for it to be there. */
  readonly neededService: string
  /** The right that the user needs, as CUCM calls it. */
  readonly neededRole: string
}

/** Of a fault no more is shown to anybody. */
const LONGEST_FAULT = 400

/** NODE_LOGIN_REFUSED, when that is what the status says. */
export function loginProblem({ status }: HttpAnswer, service: SoapService): BridgeError | undefined {
  const { node, inWords, neededRole } = service
  const refused = (detail: string) => new BridgeError('NODE_LOGIN_REFUSED', detail, { node })
  if (status === 401) return refused(`${inWords} refuses user or password (HTTP 401).`)
  if (status !== 403) return undefined
  return refused(`${inWords} does not let this user in (HTTP 403). The user needs the role ${neededRole}.`)
}

/**
 * The element in the body. Throws NODE_LOGIN_REFUSED, NODE_REFUSES (throttled), NODE_COMMAND_REFUSED (a fault) and
 * NODE_ANSWER_WRONG.
 */
export function readSoapAnswer({ status, body }: HttpAnswer, service: SoapService): XmlElement {
  const fail = (code: BridgeErrorCode, detail: string) =>
    new BridgeError(code, detail, { node: service.node })
  const refusal = loginProblem({ status, body }, service)
  if (refusal !== undefined) throw refusal
  if (status === 503) throw fail('NODE_REFUSES', throttled(service))
  if (status === 404) {
    throw fail(
      'NODE_ANSWER_WRONG',
      `There is no ${service.inWords} at this address (HTTP 404). ${service.neededService} must run on the node.`,
    )
  }
  const document = readDocument(status, body, service)
  const inside = childNamed(document, 'Body')?.children ?? []
  const [element] = inside
  if (document.name !== 'Envelope' || element === undefined || inside.length > 1) {
    throw fail('NODE_ANSWER_WRONG', `${service.inWords} answered with XML that is no SOAP (HTTP ${status}).`)
  }
  if (element.name !== 'Fault') {
    if (status === 200) return element
    throw fail('NODE_ANSWER_WRONG', `${service.inWords} answered with HTTP status ${status}.`)
  }
  const words = faultWords(element)
  // The serviceability interfaces throttle with a fault, not with a status.
  if (/exceeded allowed rate/i.test(words)) throw fail('NODE_REFUSES', throttled(service))
  throw fail('NODE_COMMAND_REFUSED', `${service.inWords} answered: ${words}`)
}

function readDocument(status: number, body: Uint8Array, service: SoapService): XmlElement {
  try {
    return readXml(body)
  } catch (error) {
    if (!(error instanceof XmlRefusal)) throw error
    const detail =
      status === 200 || status === 500
        ? `${error.message} ${service.inWords} answers with XML; check web_port, and that ${service.neededService} runs.`
        : `${service.inWords} answered with HTTP status ${status}.`
    throw new BridgeError('NODE_ANSWER_WRONG', detail, { node: service.node })
  }
}

const throttled = ({ inWords }: SoapService): string =>
  `${inWords} has more to do than it takes on (it throttles requests). Wait a minute, then try again.`

/** SOAP 1.1 §4.4, and AXL's own code beside it. */
function faultWords(fault: XmlElement): string {
  const words = childNamed(fault, 'faultstring')?.text || 'a fault without words'
  const axlCode = childNamed(childNamed(childNamed(fault, 'detail'), 'axlError'), 'axlcode')?.text
  const whole = axlCode ? `${words} (AXL code ${axlCode})` : words
  const line = whole.replace(/\s+/g, ' ')
  return line.length > LONGEST_FAULT ? `${line.slice(0, LONGEST_FAULT)} …` : line
}
