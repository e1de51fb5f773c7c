/**
 * A stand-in for the person who clicks: uses the pages of the lab's nodes as a browser would, and knows nothing of the
 * daemon. On a real cluster this is you.
 */
import { request } from 'node:https'
import type { LabStatus } from '../lab/control/control-messages.js'

export interface StandIn {
  /** Software Upgrades → TFTP File Management → Upload File. Resolves with what the page says. */
  readonly uploadFile: (node: string, name: string, bytes: Uint8Array) => Promise<string>
  /** Security → Certificate Management → Upload Certificate/Certificate chain. */
  readonly uploadCertificate: (
    node: string,
    purpose: string,
    name: string,
    bytes: Uint8Array,
  ) => Promise<string>
  /** Tools → Control Center. */
  readonly restart: (node: string, service: string) => Promise<string>
}

export function standInAt({ nodes, user, password }: LabStatus): StandIn {
  const pagesOf = (name: string): string => {
    const node = nodes.find((one) => one.name === name)
    if (node === undefined) throw new Error(`The lab has no node ${name}.`)
    return `https://${node.address}:${node.ports.web}/cmplatform`
  }
  const send = async (node: string, path: string, form: FormData | URLSearchParams): Promise<string> => {
    const pages = pagesOf(node)
    const cookie = await logIn(pages, user, password)
    const { location, html } = await exchange(`${pages}${path}`, { form, cookie })
    const shown =
      location === undefined ? html : (await exchange(new URL(location, pages).href, { cookie })).html
    return told(shown, `${node}: ${path}`)
  }
  return {
    uploadFile: (node, name, bytes) =>
      send(node, '/tftp/upload', formWith(['name', name, bytes], { directory: '' })),
    uploadCertificate: (node, purpose, name, bytes) =>
      send(node, '/certificates/upload', formWith(['file', name, bytes], { purpose })),
    restart: (node, service) => send(node, '/services', new URLSearchParams({ service })),
  }
}

function formWith(
  [field, name, bytes]: readonly [field: string, name: string, bytes: Uint8Array],
  others: Readonly<Record<string, string>>,
): FormData {
  const form = new FormData()
  for (const [other, value] of Object.entries(others)) form.append(other, value)
  form.append(field, new Blob([new Uint8Array(bytes)]), name)
  return form
}

async function logIn(pages: string, user: string, password: string): Promise<string> {
  const { cookie, html } = await exchange(`${pages}/login`, {
    form: new URLSearchParams({ user, password }),
  })
  if (cookie === undefined) return told(html, 'the login page')
  return cookie
}

/** The line that a page shows after something was done; an error is thrown. */
function told(html: string, where: string): string {
  const [, kind, text = ''] = /<p class="(success|error)" role="status">([\s\S]*?)<\/p>/.exec(html) ?? []
  const words = text
    .replace(/<[^>]*>/g, '')
    .replace(/&#(\d+);/g, (_, code) => String.fromCodePoint(Number(code)))
    .replace(/^(Success|Error): /, '')
    .trim()
  if (kind === 'success') return words
  throw new Error(`The page of the lab refuses (${where}): ${words || 'it says nothing'}`)
}

interface Sent {
  readonly form?: FormData | URLSearchParams
  readonly cookie?: string
}

interface Shown {
  readonly html: string
  readonly location: string | undefined
  readonly cookie: string | undefined
}

async function exchange(url: string, { form, cookie }: Sent): Promise<Shown> {
  // Node's own encoder of forms writes the body.
  const encoded = new Response(form ?? null)
  const body = new Uint8Array(await encoded.arrayBuffer())
  const type = encoded.headers.get('content-type')
  const headers = {
    'Content-Length': body.length,
    ...(type !== null && { 'Content-Type': type }),
    ...(cookie !== undefined && { Cookie: cookie }),
  }
  return new Promise((resolve, reject) => {
    const options = {
      method: form === undefined ? 'GET' : 'POST',
      headers,
      agent: false,
      // The lab's own certificate on loopback: who clicks takes it, as on a fresh CUCM.
      rejectUnauthorized: false,
    }
    const sent = request(url, options, (response) => {
      const parts: Buffer[] = []
      response.on('data', (part: Buffer) => parts.push(part))
      response.on('error', reject)
      response.on('end', () =>
        resolve({
          html: Buffer.concat(parts).toString('utf8'),
          location: response.headers.location,
          cookie: response.headers['set-cookie']?.[0]?.split(';')[0],
        }),
      )
    })
    sent.on('error', reject)
    sent.end(body)
  })
}
