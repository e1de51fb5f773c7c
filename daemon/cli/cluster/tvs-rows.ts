/** What TVS said of each certificate, nodes with the same answer together. */
import { functionName, SAST } from '../../ctl/tags.js'
import type { ClusterObservationAnswer } from '../answers.js'

type Reading = ClusterObservationAnswer['nodes'][number]['tvs'][number]

export function tvsRows({ certificates, nodes }: ClusterObservationAnswer): string[] {
  if (nodes.every(({ tvs }) => tvs.length === 0)) return []
  return [
    'TVS: does it trust these certificates? Necessary, not proof: a phone asks by the serial in its CTL. The proof is a pilot phone.',
    ...certificates.flatMap(({ sha256, subject, tokens, inCtl }) => {
      const who = tokens.length > 0 ? `token ${tokens.join(', ')}: ` : ''
      const groups = new Map<string, string[]>()
      for (const { name, tvs } of nodes) {
        const reading = tvs.find(({ certificate }) => certificate === sha256)
        if (reading === undefined) continue
        const said = readingText(reading)
        groups.set(said, [...(groups.get(said) ?? []), name])
      }
      return [
        `  ${who}${subject} (${inCtl ? 'in the CTL' : 'in no CTL that is served'})`,
        ...[...groups].map(([said, names]) => `    ${said}: ${names.join(', ')}`),
      ]
    }),
  ]
}

function readingText({ asked }: Reading): string {
  if (asked.state === 'failed') return `no answer (${asked.problem.code})`
  if (asked.state === 'not-asked') return 'not asked, it failed before'
  const { isTrusted, roles, ttl } = asked.answer
  if (!isTrusted) return 'NOT trusted'
  const names = roles.map((role) => (role === SAST ? 'SAST' : functionName(role)))
  return `trusted, roles ${names.join('+') || 'none'}${ttl === undefined ? '' : `, kept ${hours(ttl)}`}`
}

const hours = (seconds: number): string => (seconds % 3600 === 0 ? `${seconds / 3600} h` : `${seconds} s`)
