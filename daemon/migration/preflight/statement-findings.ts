/** What nobody can observe from here is asked of the operator, and recorded as said, not seen. */
import { seen } from '../plan/ground.js'
import type { StatementCode } from '../plan/plan.js'
import { parameterNames } from './cluster-findings.js'
import { found, type PreflightFinding } from './finding.js'
import type { PreflightCode } from './finding-table.js'
import type { PreflightRequest } from './preflight.js'

interface Question {
  readonly statement: StatementCode
  readonly code: PreflightCode
  readonly detail: string
  readonly isAsked: (request: PreflightRequest) => boolean
}

const always = (): boolean => true
const asksTvs = ({ plan }: PreflightRequest): boolean =>
  plan.steps.some(({ until }) => until.some(({ is }) => is === 'tvs-trusts'))
const usesCommand = ({ plan }: PreflightRequest): boolean =>
  plan.steps.some(({ does }) => does.do === 'set-mode' || does.do === 'update-ctl-file')

const questions: readonly Question[] = [
  {
    statement: 'BACKUP_TAKEN',
    code: 'BACKUP_MISSING',
    detail: 'Nobody has said BACKUP_TAKEN for this migration.',
    isAsked: ({ plan }) => plan.id !== 'stale-file',
  },
  {
    statement: 'ROLLBACK_PARAMETER_OFF',
    code: 'ROLLBACK_PARAMETER_NOT_SEEN',
    detail: 'The parameter is not among those that AXL gave.',
    isAsked: (request) => {
      const values = seen(request.ground.situation.parameters) ?? {}
      return asksTvs(request) && !parameterNames.rollback.some((name) => name in values)
    },
  },
  {
    statement: 'NOT_FIPS',
    code: 'FIPS_NOT_EXCLUDED',
    detail: 'Nothing tells from outside whether the cluster runs in FIPS or Common Criteria mode.',
    isAsked: always,
  },
  {
    statement: 'REPLICATION_HEALTHY',
    code: 'REPLICATION_NOT_SEEN',
    detail: 'The state of the database replication was not looked at.',
    isAsked: ({ ground }) => ground.situation.nodes.length > 1,
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
    isAsked: ({ plan }) => plan.id !== 'stale-file',
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
