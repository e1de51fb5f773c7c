/**
 * What Control Center is asked and how it answers. Pure. Shapes as in Cisco's Control Center Services API (name space,
 * operations, ServiceInfoList). It acts on the local node only, "identified by the NodeName element"; [inferred] that is
 * the name that the cluster calls it by.
 */
import { z } from 'zod'
import { escapeXml, soapEnvelope } from '../soap/soap-envelope.js'
import { childNamed, childrenNamed, fieldsOf, type XmlElement } from '../soap/xml-document.js'

const NAMESPACE = 'http://schemas.cisco.com/ast/soap'

export function restartEnvelope(node: string, service: string): string {
  const list = `<ns:ServiceList><ns:item>${escapeXml(service)}</ns:item></ns:ServiceList>`
  const where = `<ns:NodeName>${escapeXml(node)}</ns:NodeName>`
  const request = `<ns:ControlServiceRequest>${where}<ns:ControlType>Restart</ns:ControlType>${list}</ns:ControlServiceRequest>`
  return soapEnvelope(NAMESPACE, `<ns:soapDoControlServices>${request}</ns:soapDoControlServices>`)
}

export function statusEnvelope(service: string): string {
  const wanted = `<ns:ServiceStatus>${escapeXml(service)}</ns:ServiceStatus>`
  return soapEnvelope(NAMESPACE, `<ns:soapGetServiceStatus>${wanted}</ns:soapGetServiceStatus>`)
}

export interface ServiceInformation {
  /** `Started`, `Stopped`, `Starting`, `Stopping`, `Not Activated`. */
  readonly status: string
  /** The node's own words on the status; empty when it has none. */
  readonly reason: string
  /** Seconds that it has run; undefined when the node does not say, or it does not run (-1). */
  readonly upTime: number | undefined
}

export interface ControlAnswer {
  /** What the node says against it; undefined when it did as asked (ReturnCode 0). */
  readonly refusal: string | undefined
  /** undefined: the answer tells nothing of the service that was asked for. */
  readonly service: ServiceInformation | undefined
}

const itemShape = z.object({
  servicename: z.string(),
  servicestatus: z.string().min(1),
  reasoncodestring: z.string().default(''),
  uptime: z.string().default(''),
})

/** undefined when the element is no answer to that operation. */
export function readControlAnswer(
  answer: XmlElement,
  operation: 'soapDoControlServices' | 'soapGetServiceStatus',
  service: string,
): ControlAnswer | undefined {
  const returned = childNamed(answer, `${operation}Return`)
  if (answer.name !== `${operation}Response` || returned === undefined) return undefined
  const code = childNamed(returned, 'ReturnCode')?.text ?? '0'
  const items = childrenNamed(childNamed(returned, 'ServiceInfoList'), 'item')
    .map((item) => itemShape.safeParse(fieldsOf(item)))
    .flatMap(({ data }) => data ?? [])
  const item = items.find(({ servicename }) => servicename === service)
  const reason = childNamed(returned, 'ReasonString')?.text || item?.reasoncodestring || 'without a reason'
  return {
    refusal: code === '0' ? undefined : `${reason} (${code})`,
    service: item && {
      status: item.servicestatus,
      reason: item.reasoncodestring,
      upTime: /^\d{1,10}$/.test(item.uptime) ? Number(item.uptime) : undefined,
    },
  }
}
