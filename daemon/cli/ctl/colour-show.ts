/** Colour for the text of `show`, line by line. The text is escaped already, so only these codes reach a terminal. */

import { type Colour, paintFor } from '../paint.js'

const paint = paintFor({ colour: true })

/** What a line begins with, and how it looks. Texts of a file stand behind a tag or a label, never first. */
const looks: ReadonlyArray<readonly [RegExp, Colour]> = [
  [/^(?:CTL Record #:|Record \d+: |Header: |File$|Parse CTL File|What show ctl)/, 'bold'],
  [/^ {12}[0-9a-f]{1,2}(?: |$)/, 'dim'],
  [/^(?:BYTEPOS\t|-------\t|-+$)/, 'dim'],
  [/^The CTL file was verified successfully\.$/, 'green'],
  [/^This etoken was used to sign the CTL file\.$/, 'green'],
  [/^(?:Verification of the CTL file failed\.|Error parsing the CTL File\.|CTL File not found\.)/, 'red'],
]

export function colourShow(text: string): string {
  return text.split('\n').map(colourLine).join('\n')
}

function colourLine(line: string): string {
  const colour = looks.find(([pattern]) => pattern.test(line))?.[1]
  return colour === undefined ? line : paint(colour, line)
}
