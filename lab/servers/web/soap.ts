/** SOAP 1.1 as AXL and Control Center speak it: one operation in, one answer or fault out. */
import type { Request, Response } from 'express'
import { XMLParser } from 'fast-xml-parser'

/** An element: its text, or its children by name without prefix; more than one of a name is an array. */
export type XmlValue = string | XmlElement | readonly XmlValue[]
export interface XmlElement {
  readonly [name: string]: XmlValue
}

export interface SoapCall {
  readonly operation: string
  readonly content: XmlElement
}

/** What goes back as a fault. */
export class SoapFault extends Error {
  readonly code: 'Client' | 'Server'
  readonly status: number
  /** XML that stands in `detail`. */
  readonly detail: string

  constructor(code: 'Client' | 'Server', message: string, { status = 500, detail = '' } = {}) {
    super(message)
    this.code = code
    this.status = status
    this.detail = detail
  }
}

const parser = new XMLParser({
  removeNSPrefix: true,
  ignoreAttributes: true,
  parseTagValue: false,
  trimValues: true,
  htmlEntities: false,
})

/** Throws SoapFault. */
export function readCall(text: string): SoapCall {
  // No entity of the sender's own is ever expanded.
  if (/<!DOCTYPE/i.test(text)) throw new SoapFault('Client', 'A DOCTYPE is not allowed.')
  const body = elementOf(elementOf(parse(text), 'Envelope'), 'Body')
  const [name, ...others] = Object.keys(body)
  if (name === undefined || others.length > 0) {
    throw new SoapFault('Client', 'The body of the envelope must hold one operation.')
  }
  const content = body[name]
  return { operation: name, content: isElement(content) ? content : {} }
}

function parse(text: string): XmlElement {
  try {
    return parser.parse(text, true)
  } catch (error) {
    throw new SoapFault(
      'Client',
      `The request is no well-formed XML: ${error instanceof Error ? error.message : error}`,
    )
  }
}

function elementOf(parent: XmlElement, name: string): XmlElement {
  const child = parent[name]
  if (!isElement(child)) throw new SoapFault('Client', `The request has no ${name} element.`)
  return child
}

const isElement = (value: XmlValue | undefined): value is XmlElement =>
  typeof value === 'object' && !Array.isArray(value)

/** The text of a child; undefined where there is none or it holds elements. */
export function textOf(element: XmlElement, name: string): string | undefined {
  const value = element[name]
  return typeof value === 'string' ? value : undefined
}

/** The texts below an element however deep: `<item>` or text alone, one or many. */
export function textsOf(value: XmlValue | undefined): string[] {
  if (value === undefined) return []
  if (typeof value === 'string') return value === '' ? [] : [value]
  return Array.isArray(value) ? value.flatMap(textsOf) : Object.values(value).flatMap(textsOf)
}

export function childOf(element: XmlElement, name: string): XmlElement | undefined {
  const child = element[name]
  return isElement(child) ? child : undefined
}

/** Text as XML; what XML 1.0 cannot hold is left out. */
export function escapeXml(text: string): string {
  return text
    .replace(/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, '')
    .replace(/[&<>"']/g, (character) => `&#${character.codePointAt(0)};`)
}

const envelope = (body: string): string =>
  `<?xml version='1.0' encoding='UTF-8'?><soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"><soapenv:Body>${body}</soapenv:Body></soapenv:Envelope>`

/** `content` is XML. */
export function sendAnswer(response: Response, namespace: string, operation: string, content: string): void {
  response
    .status(200)
    .type('text/xml')
    .send(envelope(`<ns:${operation}Response xmlns:ns="${namespace}">${content}</ns:${operation}Response>`))
}

export function sendFault(response: Response, { code, message, status, detail }: SoapFault): void {
  const shown = detail === '' ? '' : `<detail>${detail}</detail>`
  const fault = `<faultcode>soapenv:${code}</faultcode><faultstring>${escapeXml(message)}</faultstring>${shown}`
  response
    .status(status)
    .type('text/xml')
    .send(envelope(`<soapenv:Fault>${fault}</soapenv:Fault>`))
}

/** Whatever the work throws becomes a fault. */
export function answering(work: (request: Request, response: Response) => Promise<void> | void) {
  return async (request: Request, response: Response): Promise<void> => {
    try {
      await work(request, response)
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error)
      sendFault(response, error instanceof SoapFault ? error : new SoapFault('Server', message))
    }
  }
}
