/** The tokens of the plan: enough, Cisco’s, in time, and what TVS says of each on each node. */
import { readCertificate } from '../../trust/certificate/certificate.js'
import { seen } from '../plan/ground.js'
import type { KnownToken } from '../situation/situation.js'
import { found, type PreflightFinding } from './finding.js'
import type { PreflightRequest } from './preflight.js'

const SAST = 0
const SOON = 90 * 24 * 60 * 60 * 1000

export function tokenFindings({ plan, ground: { situation } }: PreflightRequest): PreflightFinding[] {
  const tokens = situation.tokens.filter(({ serial }) => plan.tokens.includes(serial))
  const signed = plan.steps.some(({ does }) => does.do === 'sign')
  const known = situation.tokens.length
  const few =
    signed && situation.kind === 'cucm' && known < 2
      ? [found('TOKENS_TOO_FEW', `${known} ${known === 1 ? 'is' : 'are'} known here.`)]
      : []
  return [
    ...few,
    ...tokens.flatMap((token) => ofToken(token, situation.kind, new Date(situation.at))),
    ...tvsFindings(tokens, plan, situation),
  ]
}

function ofToken({ serial, certificate, isCiscos }: KnownToken, kind: string, at: Date): PreflightFinding[] {
  const parts = readCertificate(certificate)
  const ends = new Date(parts.notAfter)
  const place = { at: serial }
  return [
    ...(kind === 'cucm' && !isCiscos
      ? [found('TOKEN_NOT_CISCOS', `Token ${serial} holds a certificate that Cisco did not issue.`, place)]
      : []),
    ...(ends < at
      ? [found('CERTIFICATE_EXPIRED', `The certificate of token ${serial} ended on ${day(ends)}.`, place)]
      : []),
    ...(ends >= at && ends.getTime() - at.getTime() < SOON
      ? [found('CERTIFICATE_EXPIRES_SOON', `The certificate of token ${serial} ends on ${day(ends)}.`, place)]
      : []),
  ]
}

const day = (date: Date): string => date.toISOString().slice(0, 10)

function tvsFindings(
  tokens: readonly KnownToken[],
  plan: PreflightRequest['plan'],
  situation: PreflightRequest['ground']['situation'],
): PreflightFinding[] {
  if (!plan.steps.some(({ until }) => until.some(({ is }) => is === 'tvs-trusts'))) return []
  return situation.nodes.flatMap(({ name, tvs }) => {
    if (tvs === undefined) return []
    const lacking = tokens.filter(({ sha256 }) => {
      const answer = seen(tvs[sha256])
      return answer !== undefined && !(answer.isTrusted && answer.roles.includes(SAST))
    })
    if (lacking.length === 0) return []
    return [
      found(
        'TVS_LACKS_UPLOAD',
        `TVS on ${name} does not vouch for ${lacking.map(({ serial }) => serial).join(' and ')} yet.`,
        { at: name },
      ),
    ]
  })
}
