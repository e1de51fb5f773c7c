/** Colours for people at a terminal; elsewhere the text stays as it is. */

export type Colour = 'red' | 'yellow' | 'green' | 'dim' | 'bold'
export type Paint = (colour: Colour, text: string) => string

// ECMA-48 SGR
const codes: Readonly<Record<Colour, number>> = { red: 31, yellow: 33, green: 32, dim: 2, bold: 1 }

export const plain: Paint = (_colour, text) => text

const coloured: Paint = (colour, text) => `\x1b[${codes[colour]}m${text}\x1b[0m`

export const paintFor = (terminal: { readonly colour: boolean }): Paint =>
  terminal.colour ? coloured : plain
