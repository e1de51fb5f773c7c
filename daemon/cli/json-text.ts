/** JSON for standard output: the value is kept, and a terminal obeys none of its texts. */

// JSON.stringify escapes C0 alone; C1, marks of direction and line separators act on terminals as well.
const acting = /[^\P{Cc}\n]|[\p{Cf}\p{Zl}\p{Zp}]/gu

export function jsonText(value: unknown, indent?: number): string {
  return `${JSON.stringify(value, null, indent).replace(acting, escaped)}\n`
}

/** RFC 8259 §7: what lies beyond 16 bits is written as two halves. */
function escaped(character: string): string {
  const units = Array.from({ length: character.length }, (_, index) => character.charCodeAt(index))
  return units.map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`).join('')
}
