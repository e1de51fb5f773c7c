/**
 * What a person does with a page, without JavaScript and without code of the product or the lab: follow a link by its
 * words, fill fields by their labels, press a button. Takes any certificate, as one who clicks the warning away.
 */
import { request } from 'node:https'

export interface ShownPage {
  readonly url: string
  readonly status: number
  readonly html: string
}

/** A text for a field, or a file for one. */
export type Filling = string | { readonly name: string; readonly bytes: Uint8Array }

export interface Browser {
  readonly page: () => ShownPage
  readonly go: (url: string) => Promise<ShownPage>
  /** Throws when the page has no such link. */
  readonly follow: (words: string) => Promise<ShownPage>
  /** Fills the form that has this button, by labels, and presses it. Throws when there is no such button or label. */
  readonly press: (button: string, fillings?: Readonly<Record<string, Filling>>) => Promise<ShownPage>
}

interface Sent {
  readonly method: 'GET' | 'POST'
  readonly type?: string
  readonly body?: Uint8Array
}

export function openBrowser(): Browser {
  const cookies = new Map<string, string>()
  let shown: ShownPage = { url: 'about:blank', status: 0, html: '' }

  const load = async (url: string, sent: Sent, hops = 5): Promise<ShownPage> => {
    const { status, location, html } = await exchange(url, sent, cookies)
    if (location !== undefined && hops > 0) {
      return load(new URL(location, url).href, { method: 'GET' }, hops - 1)
    }
    shown = { url, status, html }
    return shown
  }
  return {
    page: () => shown,
    go: (url) => load(url, { method: 'GET' }),
    follow: (words) => {
      const target = linksOf(shown.html).find((link) => link.words === words)?.target
      if (target === undefined)
        throw new Error(`${shown.url} has no link ${JSON.stringify(words)}:\n${shown.html}`)
      return load(new URL(target, shown.url).href, { method: 'GET' })
    },
    press: async (button, fillings = {}) => {
      const form = formsOf(shown.html).find(({ html }) => buttonsOf(html).includes(button))
      if (form === undefined)
        throw new Error(`${shown.url} has no button ${JSON.stringify(button)}:\n${shown.html}`)
      const values = [...presetsOf(form.html), ...filled(form.html, fillings)]
      const url = new URL(form.action, shown.url)
      if (form.method === 'GET') {
        url.search = `${textForm(values)}`
        return load(url.href, { method: 'GET' })
      }
      return load(url.href, await encoded(form.isMultipart, values))
    },
  }
}

type Value = readonly [name: string, value: Filling]

/** Node's own encoder of forms writes the body, as a browser's would. */
async function encoded(isMultipart: boolean, values: readonly Value[]): Promise<Sent> {
  const form = isMultipart ? new FormData() : textForm(values)
  if (form instanceof FormData) {
    for (const [name, value] of values) {
      if (typeof value === 'string') form.append(name, value)
      else form.append(name, new Blob([value.bytes as Uint8Array<ArrayBuffer>]), value.name)
    }
  }
  const response = new Response(form)
  return {
    method: 'POST',
    type: response.headers.get('content-type') ?? '',
    body: new Uint8Array(await response.arrayBuffer()),
  }
}

function textForm(values: readonly Value[]): URLSearchParams {
  const form = new URLSearchParams()
  for (const [name, value] of values) form.append(name, typeof value === 'string' ? value : value.name)
  return form
}

function filled(form: string, fillings: Readonly<Record<string, Filling>>): Value[] {
  return Object.entries(fillings).map(([label, value]) => {
    const id = [...form.matchAll(/<label[^>]*\bfor="([^"]*)"[^>]*>([\s\S]*?)<\/label>/g)].find(
      ([, , words = '']) => wordsOf(words) === label,
    )?.[1]
    const field = tagsOf(form).find((tag) => attribute(tag, 'id') === id)
    const name = field && attribute(field, 'name')
    if (id === undefined || field === undefined || name === undefined) {
      throw new Error(`the form has no field ${JSON.stringify(label)}:\n${form}`)
    }
    // Who ticks a box sends its value.
    return [name, attribute(field, 'type') === 'checkbox' ? (attribute(field, 'value') ?? 'on') : value]
  })
}

const presetsOf = (form: string): Value[] =>
  tagsOf(form)
    .filter((tag) => attribute(tag, 'type') === 'hidden')
    .map((tag) => [attribute(tag, 'name') ?? '', attribute(tag, 'value') ?? ''])

const tagsOf = (html: string): string[] => html.match(/<(?:input|select|textarea)\b[^>]*>/g) ?? []

function attribute(tag: string, name: string): string | undefined {
  const value = new RegExp(`\\b${name}="([^"]*)"`).exec(tag)?.[1]
  return value === undefined ? undefined : unescaped(value)
}

function formsOf(html: string) {
  return [...html.matchAll(/<form\b([^>]*)>([\s\S]*?)<\/form>/g)].map(([, head = '', content = '']) => ({
    html: content,
    method: attribute(head, 'method') === 'post' ? ('POST' as const) : ('GET' as const),
    action: attribute(head, 'action') ?? '',
    isMultipart: attribute(head, 'enctype') === 'multipart/form-data',
  }))
}

/** By their words, or by what a screen reader reads for them. */
const buttonsOf = (form: string): string[] =>
  [...form.matchAll(/<button\b([^>]*)>([\s\S]*?)<\/button>/g)].map(
    ([, head = '', words = '']) => attribute(head, 'aria-label') ?? wordsOf(words),
  )

const linksOf = (html: string) =>
  [...html.matchAll(/<a\b([^>]*)>([\s\S]*?)<\/a>/g)].map(([, head = '', words = '']) => ({
    target: attribute(head, 'href'),
    words: wordsOf(words),
  }))

/** What stands on the page, without marks. */
export const wordsOf = (html: string): string =>
  unescaped(html.replace(/<[^>]*>/g, ' '))
    .replace(/\s+/g, ' ')
    .trim()

const unescaped = (text: string): string =>
  text
    .replace(/&#(\d+);/g, (_, code) => String.fromCodePoint(Number(code)))
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&amp;', '&')

function exchange(url: string, { method, type, body }: Sent, cookies: Map<string, string>) {
  return new Promise<{ status: number; location: string | undefined; html: string }>((resolve, reject) => {
    const headers: Record<string, string | number> = {
      Cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; '),
      'Content-Length': body?.length ?? 0,
    }
    if (type !== undefined) headers['Content-Type'] = type
    const sent = request(url, { method, headers, rejectUnauthorized: false, agent: false }, (response) => {
      for (const cookie of response.headers['set-cookie'] ?? []) {
        const [pair = ''] = cookie.split(';')
        const [name = '', value = ''] = pair.split('=')
        cookies.set(name, value)
      }
      const parts: Buffer[] = []
      response.on('data', (part: Buffer) => parts.push(part))
      response.on('error', reject)
      response.on('end', () => {
        const html = Buffer.concat(parts).toString('utf8')
        resolve({ status: response.statusCode ?? 0, location: response.headers.location, html })
      })
    })
    sent.on('error', reject)
    sent.end(body)
  })
}
