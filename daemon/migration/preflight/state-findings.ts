/** Whether the cluster is where the plan begins. */
import { verifyCtlFile } from '../../trust/verify/verify-ctl-file.js'
import { seen, sha256 } from '../plan/ground.js'
import type { PlanId } from '../plan/plan.js'
import { found, type PreflightFinding } from './finding.js'
import type { PreflightRequest } from './preflight.js'

interface Start {
  readonly mode?: 'non-secure' | 'mixed'
  readonly file?: readonly ('token' | 'tokenless' | 'none')[]
}

const starts: Readonly<Record<PlanId, Start>> = {
  'mixed-mode-tokenless': { mode: 'non-secure' },
  'tokens-to-tokenless': { mode: 'mixed', file: ['token'] },
  'tokenless-to-tokens': { mode: 'mixed', file: ['tokenless'] },
  'first-token-ctl': { mode: 'non-secure', file: ['none'] },
  'update-token-ctl': { file: ['token'] },
  'regenerate-tokenless': { mode: 'mixed', file: ['tokenless'] },
  'before-downgrade': { mode: 'mixed', file: ['token', 'tokenless'] },
  'non-secure': { mode: 'mixed', file: ['token', 'tokenless'] },
  'stale-file': { mode: 'non-secure', file: ['token', 'tokenless'] },
  'asterisk-first': { file: ['none'] },
  'asterisk-update': { file: ['token', 'tokenless'] },
  rollback: {},
  'asterisk-signer': { file: ['token', 'tokenless'] },
}

export function stateFindings(request: PreflightRequest): PreflightFinding[] {
  return [...mode(request), ...kind(request), ...differing(request), ...unverified(request)]
}

function mode({ plan, ground: { situation } }: PreflightRequest): PreflightFinding[] {
  const wanted = starts[plan.id].mode
  if (wanted === undefined) return []
  const now = seen(situation.mode)
  if (now === wanted) return []
  const why =
    'unseen' in situation.mode
      ? `The mode was not seen: ${situation.mode.unseen}`
      : `It is ${now}, and the plan begins with ${wanted}.`
  return [found('MODE_UNEXPECTED', why)]
}

function kind({ plan, ground: { file } }: PreflightRequest): PreflightFinding[] {
  const wanted = starts[plan.id].file
  const now = file?.kind ?? 'none'
  if (wanted === undefined || wanted.includes(now)) return []
  return [
    found(
      'STATE_UNEXPECTED',
      `The nodes serve ${now === 'none' ? 'no CTL' : `a ${now} CTL`}; the plan begins with ${wanted.join(' or ')}.`,
    ),
  ]
}

function differing({ ground: { situation } }: PreflightRequest): PreflightFinding[] {
  const served = situation.nodes.flatMap(({ name, ctl }) => {
    const what = seen(ctl)
    return what === undefined ? [] : [{ name, sum: what === 'none' ? 'no file' : sha256(what) }]
  })
  const sums = new Map<string, string[]>()
  for (const { name, sum } of served) sums.set(sum, [...(sums.get(sum) ?? []), name])
  if (sums.size < 2) return []
  const groups = [...sums].map(
    ([sum, names]) => `${names.join(', ')}: ${sum === 'no file' ? sum : `SHA-256 ${sum.slice(0, 16)}…`}`,
  )
  return [found('NODES_DIFFER', `${groups.join('; ')}.`)]
}

function unverified({ ground: { situation } }: PreflightRequest): PreflightFinding[] {
  return situation.nodes.flatMap(({ name, ctl }) => {
    const what = seen(ctl)
    const problem = what instanceof Uint8Array ? verifyCtlFile(what).problem : undefined
    return problem === undefined
      ? []
      : [
          found('FILE_NOT_VERIFIED', `${name} serves a file that does not verify: ${problem.detail}`, {
            at: name,
          }),
        ]
  })
}
