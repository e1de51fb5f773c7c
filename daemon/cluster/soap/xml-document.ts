/** Reads XML that a node sent, which may be meant to harm: no DOCTYPE, no entities, little depth. */
import { XMLParser, XMLValidator } from 'fast-xml-parser'

export interface XmlElement {
  /** Without its prefix. */
  readonly name: string
  readonly children: readonly XmlElement[]
  /** All character data directly in it, references resolved, trimmed. */
  readonly text: string
}

/** Why it cannot be read, as a sentence. */
export class XmlRefusal extends Error {
  override readonly name = 'XmlRefusal'
}

/** The answers that are read here are 8 deep. */
const MAX_DEPTH = 32

const parser = new XMLParser({
  preserveOrder: true,
  ignoreAttributes: true,
  ignoreDeclaration: true,
  ignorePiTags: true,
  removeNSPrefix: true,
  parseTagValue: false,
  trimValues: false,
  cdataPropName: '#cdata',
  processEntities: false,
  maxNestedTags: MAX_DEPTH,
})

/** The root element. Throws XmlRefusal, and nothing else, whatever the bytes. */
export function readXml(bytes: Uint8Array): XmlElement {
  const text = decodeUtf8(bytes)
  refuseDeclarations(text)
  const roots = elementsOf(parse(text), 0)
  const [root] = roots
  if (root === undefined || roots.length > 1) throw new XmlRefusal('The answer is no XML document.')
  return root
}

function decodeUtf8(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw new XmlRefusal('The answer is no UTF-8.')
  }
}

/** SOAP 1.1 §3: a message must not contain a document type declaration. Entities, and so XML bombs, need one. */
function refuseDeclarations(text: string): void {
  if (/^\s*(<!--[\s\S]{0,2000}?-->\s*)?(<!doctype\s+html|<html)/i.test(text)) {
    throw new XmlRefusal('The answer is a web page, not XML.')
  }
  if (/<!(doctype|entity)/i.test(text)) {
    throw new XmlRefusal('The answer declares a document type, which SOAP forbids.')
  }
}

function parse(text: string): unknown {
  try {
    const verdict = XMLValidator.validate(text)
    if (verdict !== true) {
      throw new XmlRefusal(`The answer is no XML: line ${verdict.err.line}, ${verdict.err.code}.`)
    }
    return parser.parse(text)
  } catch (error) {
    if (error instanceof XmlRefusal) throw error
    const isDeep = /nested/i.test(String(error))
    throw new XmlRefusal(
      isDeep ? `The answer nests elements deeper than ${MAX_DEPTH}.` : 'The answer is no XML.',
    )
  }
}

/** fast-xml-parser's ordered form: a list of objects with one key each, the name, and the content as a list. */
function elementsOf(nodes: unknown, depth: number): XmlElement[] {
  if (depth > MAX_DEPTH) throw new XmlRefusal(`The answer nests elements deeper than ${MAX_DEPTH}.`)
  return listOf(nodes).flatMap((node) => {
    const [name, content] = entryOf(node)
    if (name === '#text' || name === '#cdata' || name === undefined) return []
    return [{ name, children: elementsOf(content, depth + 1), text: textOf(content).trim() }]
  })
}

function textOf(nodes: unknown): string {
  return listOf(nodes)
    .map((node) => {
      const [name, content] = entryOf(node)
      if (name === '#text') return resolveReferences(String(content))
      // Inside CDATA a reference is just text.
      return name === '#cdata'
        ? listOf(content)
            .map((part) => String(entryOf(part)[1]))
            .join('')
        : ''
    })
    .join('')
}

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])

function entryOf(node: unknown): readonly [string | undefined, unknown] {
  if (typeof node !== 'object' || node === null) return [undefined, undefined]
  return Object.entries(node).find(([key]) => key !== ':@') ?? [undefined, undefined]
}

const predefined: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" }

/** XML 1.0 §4.6 and §4.1: the five that need no declaration, and characters by number. */
function resolveReferences(text: string): string {
  return text.replace(/&([^;&\s]{0,32});?/g, (whole, body: string) => {
    const known = predefined[body]
    if (known !== undefined && whole.endsWith(';')) return known
    const number = /^#(?:x([0-9a-fA-F]{1,6})|([0-9]{1,7}))$/.exec(body)
    const code = number?.[1] === undefined ? Number(number?.[2]) : Number.parseInt(number[1], 16)
    if (!whole.endsWith(';') || !isCharacter(code)) {
      throw new XmlRefusal('The answer uses an entity that XML does not define.')
    }
    return String.fromCodePoint(code)
  })
}

/** XML 1.0 §2.2. */
const isCharacter = (code: number): boolean =>
  code === 0x9 ||
  code === 0xa ||
  code === 0xd ||
  (code >= 0x20 && code <= 0xd7ff) ||
  (code >= 0xe000 && code <= 0xfffd) ||
  (code >= 0x10000 && code <= 0x10ffff)

export function childNamed(element: XmlElement | undefined, name: string): XmlElement | undefined {
  return element?.children.find((child) => child.name === name)
}

export function childrenNamed(element: XmlElement | undefined, name: string): readonly XmlElement[] {
  return element?.children.filter((child) => child.name === name) ?? []
}

/** Names and texts of an element's children, for a schema to judge; of several with one name the last counts. */
export function fieldsOf(element: XmlElement): Readonly<Record<string, string>> {
  return Object.fromEntries(element.children.map(({ name, text }) => [name.toLowerCase(), text]))
}
