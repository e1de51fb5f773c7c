/**
 * Which version of AXL's schema a request names: SOAPAction and namespace need one. Pure.
 * Cisco, AXL Versioning: a release takes the schemas of its own and of the two major releases before; maintenance
 * releases bring none. A request with another is answered with HTTP status 599 and the list of those it takes.
 */
import type { HttpAnswer } from '../soap/soap-answer.js'

/** Each is taken by releases that none of those before it reaches: 8.5 to 15 in all. */
const widelyTaken = ['10.5', '12.5', '9.1', '8.5', '15.0']

/** `10.5` for `10.5.2`. */
export function schemaOfRelease(release: string): string {
  const [major = '', minor = '0'] = release.split('.')
  return `${major}.${minor}`
}

/** The versions to try, best first. */
export function firstGuesses(release: string | undefined): readonly string[] {
  return release === undefined ? widelyTaken : [...new Set([schemaOfRelease(release), ...widelyTaken])]
}

export function isVersionRefusal({ status, body }: HttpAnswer): boolean {
  return status === 599 || (status !== 200 && /incorrect axl version/i.test(textOf(body)))
}

/** The versions that a refusal names, newest first: `… Supported axl versions are 12.x, 14.0 and 15.0`. */
export function versionsInRefusal({ body }: HttpAnswer): readonly string[] {
  const [, list = ''] = /supported axl versions?([^<\n]*)/i.exec(textOf(body)) ?? []
  const named = [...list.matchAll(/\b(\d{1,2})(?:\.(\d{1,2}|x))?\b/gi)].map(
    ([, major = '', minor = '0']) => ({ major: Number(major), minor: minor.toLowerCase() }),
  )
  const exact = named.filter(({ minor }) => minor !== 'x').map(({ major, minor }) => `${major}.${minor}`)
  // `12.x` does not say which; Cisco's minor releases were .5 and .0.
  const open = named.filter(({ minor }) => minor === 'x').flatMap(({ major }) => [`${major}.5`, `${major}.0`])
  return [...exact.sort(newestFirst), ...open.sort(newestFirst)]
}

const newestFirst = (a: string, b: string): number => Number(b) - Number(a)

/** An error page; what matters in it is ASCII and stands early. */
const textOf = (body: Uint8Array): string => Buffer.from(body.subarray(0, 65_536)).toString('latin1')
