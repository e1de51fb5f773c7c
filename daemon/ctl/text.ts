import { CtlError } from './ctl-error.js'

/**
 * Texts of a CTL: UTF-8, one NUL at the end. Written with what the language itself has, because this
 * folder is compiled without TextDecoder.
 */

/** Each byte as decodeURIComponent reads it. A table, because a name may have 64 KiB. */
const escapedBytes = Array.from({ length: 256 }, (_, byte) =>
  byte < 0x80 && byte !== 0x25 ? String.fromCharCode(byte) : `%${byte.toString(16).padStart(2, '0')}`,
)

/** The text of valid UTF-8, or undefined. */
function decodeUtf8(bytes: Uint8Array): string | undefined {
  let escaped = ''
  for (const byte of bytes) escaped += escapedBytes[byte]
  try {
    // ECMA-262 decodeURIComponent refuses overlong forms, surrogates and stray bytes.
    return decodeURIComponent(escaped)
  } catch {
    return undefined
  }
}

function decodeLatin1(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => String.fromCharCode(byte)).join('')
}

function withoutNul(bytes: Uint8Array): Uint8Array {
  return bytes.at(-1) === 0 ? bytes.subarray(0, -1) : bytes
}

/** The text in a field's value, without its NUL. Bytes that are no UTF-8 are read as Latin-1. */
export function decodeText(value: Uint8Array): string {
  const bytes = withoutNul(value)
  return decodeUtf8(bytes) ?? decodeLatin1(bytes)
}

/** UTF-8 with a NUL at the end. Throws CTL_TEXT_WRONG for a NUL inside or a lone surrogate. */
export function encodeText(text: string): Uint8Array {
  if (text.includes('\0')) throw new CtlError('CTL_TEXT_WRONG', 'A text must not hold a NUL.')
  if (!isWellFormed(text)) throw new CtlError('CTL_TEXT_WRONG', 'A text holds half a surrogate pair.')
  const escaped = encodeURIComponent(text)
  const bytes: number[] = []
  for (let index = 0; index < escaped.length; index++) {
    if (escaped[index] === '%') {
      bytes.push(Number.parseInt(escaped.slice(index + 1, index + 3), 16))
      index += 2
    } else {
      bytes.push(escaped.charCodeAt(index))
    }
  }
  bytes.push(0)
  return Uint8Array.from(bytes)
}

function isWellFormed(text: string): boolean {
  return !/[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/.test(text)
}

/** Characters that a terminal would obey or that reorder the line: C0, C1, marks of direction, separators. */
const unprintable = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu

/** The text of a value for a terminal: what would not print, and what is no UTF-8, is escaped (`\x1b`). */
export function printableText(value: Uint8Array): string {
  const bytes = withoutNul(value)
  const text = decodeUtf8(bytes)
  if (text !== undefined) return printable(text)
  return Array.from(bytes, (byte) =>
    byte < 0x80 ? printable(String.fromCharCode(byte)) : escapeByte(byte),
  ).join('')
}

/** A text for a terminal: what it would obey, or what reorders the line, is escaped (`\x1b`). */
export function printable(text: string): string {
  return text.replace(unprintable, escapeCharacter)
}

function escapeCharacter(character: string): string {
  const code = character.codePointAt(0) ?? 0
  return code < 0x100 ? escapeByte(code) : `\\u{${code.toString(16)}}`
}

function escapeByte(byte: number): string {
  return `\\x${byte.toString(16).padStart(2, '0')}`
}
