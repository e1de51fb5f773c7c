/** The tokens of the plan: Cisco’s or not, in time, and what TVS says of each on each node. */
import { readCertificateParts } from '../../trust/certificate/certificate-parts.js'
import { seen } from '../plan/ground.js'
import type { KnownToken, NodeSituation } from '../situation/situation.js'
import { found, type PreflightFinding } from './finding.js'
import { needsTvs } from './offers.js'
import type { PreflightRequest } from './preflight.js'

const SAST = 0

export function tokenFindings({ plan, ground }: PreflightRequest): PreflightFinding[] {
  const { situation } = ground
  const tokens = situation.tokens.filter(({ serial }) => plan.tokens.includes(serial))
  return [
    ...(situation.kind === 'cucm' ? tokens.flatMap(notCiscos) : []),
    ...tokens.flatMap((token) => expired(token, new Date(situation.at))),
    ...tvsFindings(tokens, { plan, ground }),
  ]
}

const notCiscos = ({ serial, isCiscos }: KnownToken): PreflightFinding[] =>
  isCiscos
    ? []
    : [
        found('TOKEN_NOT_CISCOS', `Token ${serial} holds a certificate that Cisco did not issue.`, {
          at: serial,
        }),
      ]

/** A token that only signs, and is in no file that is composed here, is looked at all the same. */
function expired({ serial, certificate }: KnownToken, at: Date): PreflightFinding[] {
  const { notAfter } = readCertificateParts(certificate)
  if (notAfter >= at) return []
  const day = notAfter.toISOString().slice(0, 10)
  return [found('CERTIFICATE_EXPIRED', `Token ${serial}: The certificate expired on ${day}.`, { at: serial })]
}

function tvsFindings(tokens: readonly KnownToken[], { plan, ground }: PreflightRequest): PreflightFinding[] {
  const { nodes } = ground.situation
  const isNeeded = needsTvs(plan, ground)
  const awaited = new Set(
    plan.steps.flatMap(({ until, needs }) =>
      [...until, ...needs].flatMap((condition) => (condition.is === 'tvs-trusts' ? condition.sha256 : [])),
    ),
  )
  return nodes.flatMap((node) => [
    ...silent(node, isNeeded),
    ...tokens.filter(({ sha256 }) => awaited.has(sha256)).flatMap((token) => answerOf(token, node, nodes)),
  ])
}

function silent({ name, tvs }: NodeSituation, isNeeded: boolean): PreflightFinding[] {
  const answer = Object.values(tvs ?? {}).find((one) => 'unseen' in one)
  if (answer === undefined || !('unseen' in answer)) return []
  const code = isNeeded ? 'TVS_UNREACHABLE' : 'TVS_SILENT'
  return [found(code, `TVS on ${name} does not answer: ${answer.unseen}`, { at: name })]
}

function answerOf(
  { serial, sha256 }: KnownToken,
  { name, tvs }: NodeSituation,
  nodes: readonly NodeSituation[],
): PreflightFinding[] {
  const answer = seen(tvs?.[sha256])
  if (answer === undefined) return []
  const { isTrusted, roles } = answer
  if (isTrusted && roles.includes(SAST)) return []
  if (isTrusted) {
    return [
      found(
        'TVS_ROLE_MISSING',
        `TVS on ${name} knows token ${serial} with the roles ${roles.join(', ') || 'none'}, not as SAST (0).`,
        { at: name },
      ),
    ]
  }
  const others = nodes.filter((node) => seen(node.tvs?.[sha256])?.isTrusted === true).map((node) => node.name)
  const elsewhere =
    others.length === 0 ? '' : ` ${others.join(', ')} ${others.length === 1 ? 'has' : 'have'} it.`
  return [
    found('TVS_LACKS_UPLOAD', `TVS on ${name} does not vouch for token ${serial}.${elsewhere}`, { at: name }),
  ]
}
