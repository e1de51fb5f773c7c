/** Colour for the text of `show`, line by line. The text is escaped already, so only these codes reach a terminal. */

const BOLD = '1'
const DIM = '2'
const RED = '31'
const GREEN = '32'

/** What a line begins with, and how it looks. Texts of a file stand behind a tag or a label, never first. */
const looks: ReadonlyArray<readonly [RegExp, string]> = [
  [/^(?:CTL Record #:|Record \d+: |Header: |File$|Parse CTL File|What show ctl)/, BOLD],
  [/^ {12}[0-9a-f]{1,2}(?: |$)/, DIM],
  [/^(?:BYTEPOS\t|-------\t|-+$)/, DIM],
  [/^The CTL file was verified successfully\.$/, GREEN],
  [/^This etoken was used to sign the CTL file\.$/, GREEN],
  [/^(?:Verification of the CTL file failed\.|Error parsing the CTL File\.|CTL File not found\.)/, RED],
]

export function colourShow(text: string): string {
  return text.split('\n').map(colourLine).join('\n')
}

function colourLine(line: string): string {
  const code = looks.find(([pattern]) => pattern.test(line))?.[1]
  return code === undefined ? line : `\u001b[${code}m${line}\u001b[0m`
}
