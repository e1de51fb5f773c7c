/** HTML in which every value is escaped: a text becomes markup by `html` alone. */
import { printable } from '../../ctl/text.js'

/** The brand is not exported, so that no text can pass for it. */
const isMarkup: unique symbol = Symbol('markup')

export interface Markup {
  readonly [isMarkup]: true
  readonly text: string
}

export type Value = string | number | Markup | readonly Markup[]

/** For literals of this program with values in element content or in quoted attributes, and nowhere else. */
export function html(literals: TemplateStringsArray, ...values: readonly Value[]): Markup {
  const text = literals.reduce((all, literal, index) => `${all}${rendered(values[index - 1])}${literal}`)
  return { [isMarkup]: true, text }
}

export const nothing: Markup = html``

function rendered(value: Value | undefined): string {
  if (value === undefined) return ''
  if (typeof value === 'number') return String(value)
  if (typeof value === 'string') return escaped(value)
  return 'text' in value ? value.text : value.map(({ text }) => text).join('')
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** What reorders a line or does not print is shown as its code, as in a terminal. */
const escaped = (text: string): string =>
  printable(text).replace(/[&<>"']/g, (character) => entities[character] ?? '')
