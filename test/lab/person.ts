/**
 * The administrator who does the guided steps at the pages of one node, with a browser and eyes alone: clicks through the
 * menus and reads what the page says. Shares no code with the product.
 */
import { openBrowser, type ShownPage, wordsOf } from './browser.js'

export interface Seat {
  /** `https://127.8.8.1:8443/` */
  readonly url: string
  readonly user: string
  readonly password: string
}

/** What the page told after something was done. */
export interface Told {
  readonly isSuccess: boolean
  readonly text: string
}

export interface Person {
  /** OS Administration → Software Upgrades → TFTP File Management → Upload File. */
  readonly uploadFile: (name: string, bytes: Uint8Array, directory?: string) => Promise<Told>
  readonly deleteFile: (name: string) => Promise<Told>
  readonly listFiles: () => Promise<readonly string[]>
  /** OS Administration → Security → Certificate Management → Upload Certificate/Certificate chain. */
  readonly uploadCertificate: (purpose: string, name: string, bytes: Uint8Array) => Promise<Told>
  /** Purpose and common name of each. */
  readonly listCertificates: () => Promise<ReadonlyArray<readonly [purpose: string, commonName: string]>>
  readonly regenerate: (purpose: string) => Promise<Told>
  /** Tools → Control Center. */
  readonly restart: (service: string) => Promise<Told>
}

/** Logs in; rejects with what the page says when it does not let the person in. */
export async function sitDown({ url, user, password }: Seat): Promise<Person> {
  const browser = openBrowser()
  await browser.go(url)
  const inside = await browser.press('Login', { Username: user, Password: password })
  if (!buttons(inside).includes('Logout')) throw new Error(told(inside).text)
  const menu = (words: string) => browser.follow(words)
  return {
    uploadFile: async (name, bytes, directory = '') => {
      await menu('TFTP File Management')
      await browser.follow('Upload File')
      return told(await browser.press('Upload File', { 'File Name': { name, bytes }, Directory: directory }))
    },
    deleteFile: async (name) => {
      await menu('TFTP File Management')
      await browser.press('Delete Selected', { [name]: 'on' })
      return told(await browser.press('Delete'))
    },
    listFiles: async () => rows(await menu('TFTP File Management')).map(([, file = '']) => file),
    uploadCertificate: async (purpose, name, bytes) => {
      await menu('Certificate Management')
      await browser.follow('Upload Certificate/Certificate chain')
      const fillings = { 'Certificate Purpose': purpose, 'Upload File': { name, bytes } }
      return told(await browser.press('Upload', fillings))
    },
    listCertificates: async () =>
      rows(await menu('Certificate Management')).map(([purpose = '', name = '']) => [purpose, name] as const),
    regenerate: async (purpose) => {
      const list = await menu('Certificate Management')
      const row = /<tr>\s*<td>([^<]*)<\/td>\s*<td><a href="([^"]*)"/g
      const target = [...list.html.matchAll(row)].find(([, name]) => name === purpose)?.[2]
      if (target === undefined) throw new Error(`there is no certificate ${purpose}`)
      await browser.go(new URL(target.replaceAll('&amp;', '&'), list.url).href)
      await browser.follow('Regenerate')
      return told(await browser.press('Regenerate'))
    },
    restart: async (service) => {
      await menu('Control Center')
      return told(await browser.press(`Restart ${service}`))
    },
  }
}

function told({ html }: ShownPage): Told {
  const [, kind, text = ''] = /<p class="(success|error)" role="status">([\s\S]*?)<\/p>/.exec(html) ?? []
  if (kind === undefined) throw new Error(`the page says nothing:\n${wordsOf(html)}`)
  return { isSuccess: kind === 'success', text: wordsOf(text) }
}

const buttons = ({ html }: ShownPage): string[] =>
  [...html.matchAll(/<button[^>]*>([^<]*)<\/button>/g)].map(([, words = '']) => words)

function rows({ html }: ShownPage): string[][] {
  const [, body = ''] = /<tbody>([\s\S]*?)<\/tbody>/.exec(html) ?? []
  return [...body.matchAll(/<tr>([\s\S]*?)<\/tr>/g)].map(([, row = '']) =>
    [...row.matchAll(/<td>([\s\S]*?)<\/td>/g)].map(([, cell = '']) => wordsOf(cell)),
  )
}
