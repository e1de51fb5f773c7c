/** What targets demand. */

export function requireThat(condition: boolean, what: string): void {
  if (!condition) throw new Error(`invariant: ${what}`)
}

/** A terminal must get nothing that it obeys: TAB and line feed only. */
const obeyed = /[^\P{C}\n\t]/u

export function requirePrintable(what: string, text: string): void {
  requireThat(!obeyed.test(text), `${what} prints no character that a terminal obeys`)
}
