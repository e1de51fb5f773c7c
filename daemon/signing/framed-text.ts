/**
 * Small text files that people mail, paste and print: lines between two marks. What mail does without
 * changing a letter is undone (line ends, BOM, quoting, blanks at either end, text around the marks);
 * everything else is kept with the number of its line, so that a refusal can name its place.
 */
import { createHash } from 'node:crypto'
import { BridgeError, type BridgeErrorCode } from '../bridge-error.js'

/** `SIGNING REQUEST`, as it stands in the marks, and the code for a text that is none. */
export interface Frame {
  readonly title: string
  readonly malformed: BridgeErrorCode
}

export interface Line {
  /** In the text as it came, from 1. */
  readonly number: number
  readonly text: string
}

/** Of a long line, before its ends are escaped: mail programs break those over 78 (RFC 5322 §2.1.1). */
const WIDTH = 64
const BLANK = '\\u{20}'
/** Bytes a line of base64. */
const ROW = 45
/** Characters of a text that is looked at: 1 MiB of file in base64 and its checks. */
const TEXT_LIMIT = 2_000_000

const begin = ({ title }: Frame): string => `-----BEGIN CTL-BRIDGE ${title}-----`
const end = ({ title }: Frame): string => `-----END CTL-BRIDGE ${title}-----`

/** The lines between their marks. */
export function writeFrame(frame: Frame, lines: readonly string[]): string {
  return [begin(frame), ...lines, end(frame), ''].join('\n')
}

/** The lines between the marks, without those that are blank. Throws the frame's code. */
export function readFrame(frame: Frame, bytes: Uint8Array | string): Line[] {
  const text = typeof bytes === 'string' ? bytes : decode(frame, bytes)
  if (text.length > TEXT_LIMIT) throw refuse(frame, `The text has more than ${TEXT_LIMIT} characters.`)
  const lines = text.split(/\r\n|\r|\n/).map((line, index) => ({ number: index + 1, text: bare(line) }))
  const starts = lines.filter((line) => line.text === begin(frame))
  const ends = lines.filter((line) => line.text === end(frame))
  const [start, secondStart] = starts
  const [stop, secondStop] = ends
  if (start === undefined) throw refuse(frame, `There is no line ${begin(frame)}.`)
  if (stop === undefined) throw refuse(frame, `The line ${end(frame)} is missing.`, lines.at(-1))
  const another = secondStart ?? secondStop
  if (another !== undefined) throw refuse(frame, 'The text holds two of them; leave one.', another)
  if (stop.number < start.number) throw refuse(frame, 'The end stands before the beginning.', stop)
  return lines.slice(start.number, stop.number - 1).filter((line) => line.text !== '')
}

/** UTF-8 or UTF-16 with its mark (Windows' Notepad saves so). */
function decode(frame: Frame, bytes: Uint8Array): string {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (buffer.length > 2 * TEXT_LIMIT) throw refuse(frame, `The text has more than ${TEXT_LIMIT} characters.`)
  if (buffer[0] === 0xff && buffer[1] === 0xfe) return buffer.subarray(2).toString('utf16le')
  if (buffer[0] === 0xfe && buffer[1] === 0xff && buffer.length % 2 === 0) {
    return Buffer.from(buffer.subarray(2)).swap16().toString('utf16le')
  }
  return buffer.toString('utf8')
}

/** Without the marks of quoting (RFC 3676 §4.5) and with single blanks. */
function bare(line: string): string {
  return line
    .replace(/^\uFEFF/, '')
    .replace(/^(?:[ \t\u00a0]*>)+/, '')
    .replace(/[ \t\u00a0]+/g, ' ')
    .replace(/^ | $/g, '')
}

/** The blanks of a line as `readFrame` leaves them. */
export const asRead = (line: string): string => bare(line)

/** `Name: value`, broken into lines that start with `+` where it is long. ASCII only. */
export function writeField(name: string, value: string): string[] {
  const whole = `${name}: ${asciiText(value)}`
  const rows: string[] = []
  for (let at = 0; at < whole.length; at += WIDTH) rows.push(whole.slice(at, at + WIDTH))
  return rows.map((row, index) => {
    // Blanks at the ends of a line are lost on the way.
    const start = index > 0 && row.startsWith(' ') ? `${BLANK}${row.slice(1)}` : row
    const isLast = index === rows.length - 1
    return `${index > 0 ? '+ ' : ''}${!isLast && start.endsWith(' ') ? `${start.slice(0, -1)}${BLANK}` : start}`
  })
}

/** A hash in a line of its own, so that none is cut: people compare them by eye. */
export function writeHash(name: string, hash: string): string[] {
  return [`${name}:`, `+ ${asciiText(hash)}`]
}

/** Escapes what a terminal obeys and what mail may recode: `\x1b`, `\u{e9}`; a backslash is doubled. */
function asciiText(text: string): string {
  return Array.from(text, (character) => {
    if (character === '\\') return '\\\\'
    if (/^[\x20-\x7e]$/.test(character)) return character
    return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`
  }).join('')
}

/** Bytes as lines of base64, each with four digits by which a slip of a letter is found in its line. */
export function writeRows(bytes: Uint8Array): string[] {
  const rows: string[] = []
  for (let at = 0; at < bytes.length; at += ROW) {
    const text = Buffer.from(bytes.subarray(at, at + ROW)).toString('base64')
    rows.push(`${text} ${rowCheck(rows.length, text)}`)
  }
  return rows
}

/** The bytes of such lines. Throws the frame's code with the line. */
export function readRows(frame: Frame, lines: readonly Line[]): Uint8Array {
  const parts = lines.map(({ number, text }, index) => {
    const [, base64, check] = /^([A-Za-z0-9+/]+={0,2}) ([0-9a-f]{4})$/.exec(text) ?? []
    if (base64 === undefined || rowCheck(index, base64) !== check) {
      throw refuse(frame, 'A line of base64 is changed, missing or out of place.', { number })
    }
    const bytes = Buffer.from(base64, 'base64')
    const isFull = bytes.length === ROW || index === lines.length - 1
    if (!isFull || bytes.toString('base64') !== base64) {
      throw refuse(frame, 'A line of base64 is not as it is written here.', { number })
    }
    return bytes
  })
  return new Uint8Array(Buffer.concat(parts))
}

/** Depends on the line's place, so that two lines cannot change places. */
const rowCheck = (index: number, text: string): string => hashOf(`${index} ${text}`).slice(0, 4)

/** SHA-256 over lines as `readFrame` leaves them. */
export function hashLines(lines: readonly string[]): string {
  return hashOf(lines.map((line) => `${asRead(line)}\n`).join(''))
}

const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex')

/**
 * The value of a field that stands in the lines, joined again and unescaped. Throws the frame's code
 * when it is not there.
 */
export function readField(frame: Frame, lines: readonly Line[], name: string): string {
  const at = lines.findIndex(({ text }) => text.startsWith(`${name}:`))
  const first = lines[at]
  if (first === undefined) throw refuse(frame, `The line ${name} is missing.`, lines[0])
  let value = first.text.slice(name.length + 1).trimStart()
  for (let next = at + 1; lines[next]?.text.startsWith('+ '); next++) value += lines[next]?.text.slice(2)
  return value.replace(/\\(\\|u\{([0-9a-f]{1,6})\})/g, (all, mark: string, code?: string) => {
    if (mark === '\\') return '\\'
    const point = Number.parseInt(code ?? '', 16)
    return point <= 0x10ffff ? String.fromCodePoint(point) : all
  })
}

export function refuse(frame: Frame, detail: string, line?: { readonly number: number }): BridgeError {
  return new BridgeError(frame.malformed, detail, line === undefined ? {} : { line: line.number })
}
