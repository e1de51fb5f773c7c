/** What nobody can observe from here is asked of the operator, and recorded as said, not seen. */
import type { StatementCode } from '../plan/plan.js'
import { found, type PreflightFinding } from './finding.js'
import type { PreflightCode } from './finding-table.js'
import { needsTvs } from './offers.js'
import { rollbackState, sha512State } from './parameter-findings.js'
import type { PreflightRequest } from './preflight.js'

interface Question {
  readonly statement: StatementCode
  readonly code: PreflightCode
  readonly detail: string
  readonly isAsked: (request: PreflightRequest) => boolean
}

const resetsPhones = ({ plan }: PreflightRequest): boolean =>
  plan.steps.some(({ does }) => does.do === 'reset-phones')
const usesCommand = ({ plan }: PreflightRequest): boolean =>
  plan.steps.some(({ does }) => ['set-mode', 'update-ctl-file', 'reset-local-key'].includes(does.do))
const isUnclear = (state: string): boolean => state === 'not seen' || state === 'other'

const questions: readonly Question[] = [
  {
    statement: 'BACKUP_TAKEN',
    code: 'BACKUP_MISSING',
    detail: 'Nobody has said BACKUP_TAKEN for this migration.',
    // To wait for one may be worse than to go back without.
    isAsked: (request) => request.plan.id !== 'rollback' && resetsPhones(request),
  },
  {
    statement: 'ROLLBACK_PARAMETER_OFF',
    code: 'ROLLBACK_PARAMETER_NOT_SEEN',
    detail: 'AXL gave no such parameter, or a value that says neither.',
    isAsked: ({ plan, ground }) => needsTvs(plan, ground) && isUnclear(rollbackState(ground)),
  },
  {
    statement: 'SIGNATURE_ALGORITHM_USUAL',
    code: 'SIGNATURE_ALGORITHM_NOT_SEEN',
    detail: 'AXL gave no such parameter, or a value that says neither.',
    isAsked: (request) => resetsPhones(request) && isUnclear(sha512State(request.ground)),
  },
  {
    statement: 'NOT_FIPS',
    code: 'FIPS_NOT_EXCLUDED',
    detail: 'Nothing tells from outside whether the cluster runs in FIPS or Common Criteria mode.',
    isAsked: resetsPhones,
  },
  {
    statement: 'REPLICATION_HEALTHY',
    code: 'REPLICATION_NOT_SEEN',
    detail: 'The state of the database replication was not looked at.',
    isAsked: (request) => resetsPhones(request) && request.ground.situation.nodes.length > 1,
  },
  {
    statement: 'LICENCE_PRESENT',
    code: 'LICENCE_NOT_SEEN',
    detail: 'The licence was not looked at.',
    isAsked: (request) => usesCommand(request) && (request.ground.rules?.from ?? [0])[0] >= 11,
  },
  {
    statement: 'CONSUMERS_INFORMED',
    code: 'CONSUMERS_NOT_INFORMED',
    detail: 'Who else holds a CTL of this cluster is not seen from here.',
    isAsked: resetsPhones,
  },
]

export function statementFindings(request: PreflightRequest): PreflightFinding[] {
  const { situation } = request.ground
  if (situation.kind !== 'cucm') return []
  const said = new Set(situation.said.map(({ code }) => code))
  return questions
    .filter(({ statement, isAsked }) => !said.has(statement) && isAsked(request))
    .map(({ code, detail }) => found(code, detail))
}
