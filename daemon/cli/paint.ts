/** Colours for people at a terminal; elsewhere the text stays as it is. */

export type Colour = 'red' | 'yellow' | 'green' | 'dim'
export type Paint = (colour: Colour, text: string) => string

// ECMA-48 SGR
const codes: Readonly<Record<Colour, number>> = { red: 31, yellow: 33, green: 32, dim: 2 }

export const plain: Paint = (_colour, text) => text

/** https://no-color.org: set and not empty means no colour. */
export function paintFor(
  stream: { readonly isTTY?: boolean },
  env: Readonly<Record<string, string | undefined>>,
): Paint {
  const isWanted = stream.isTTY === true && !env.NO_COLOR && env.TERM !== 'dumb'
  return isWanted ? (colour, text) => `\x1b[${codes[colour]}m${text}\x1b[0m` : plain
}
