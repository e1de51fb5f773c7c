/** HTML in which every value is escaped, but for what was made by `html` itself. */

export class Html {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
}

type Value = string | number | Html | readonly Html[]

export function html(parts: TemplateStringsArray, ...values: readonly Value[]): Html {
  return new Html(parts.map((part, index) => part + shown(values[index])).join(''))
}

function shown(value: Value | undefined): string {
  if (value === undefined) return ''
  if (value instanceof Html) return value.text
  if (typeof value === 'object') return value.map(({ text }) => text).join('\n')
  return escapeHtml(`${value}`)
}

function escapeHtml(text: string): string {
  return (
    text
      // A page must not be turned round by a file name.
      .replace(/[\p{Cc}\p{Cf}]/gu, '\uFFFD')
      .replace(/[&<>"'`]/g, (character) => `&#${character.codePointAt(0)};`)
  )
}
