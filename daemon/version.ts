/** The version of this package, from its package.json (dist/daemon/version.js stands two folders below it). */
import { readFileSync } from 'node:fs'

export const version: string = (
  JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string }
).version
