/** Text from files and tokens may hold control characters; a terminal must not obey them. */
export function printable(text: string): string {
  return text.replaceAll(
    // C0, DEL, C1, and the bidirectional overrides that reorder a line.
    /[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu,
    (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`,
  )
}
