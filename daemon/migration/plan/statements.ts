/** What an operator can say of what is not observed, in words. */
import type { StatementCode } from './plan.js'

export const statementTexts: Readonly<Record<StatementCode, string>> = {
  BACKUP_TAKEN: 'a DRS backup and ITLRecovery.p12 were taken',
  ROLLBACK_PARAMETER_OFF: '“Prepare Cluster for Rollback to pre 8.0” is False',
  NOT_FIPS: 'the cluster is neither in FIPS nor in Common Criteria mode',
  REPLICATION_HEALTHY: 'database replication is healthy on every node',
  LICENCE_PRESENT: 'the encryption licence is there',
  CONSUMERS_INFORMED: 'those who run JTAPI, TSP and Unity Connection know of it',
  SWITCH_BACK_FILE_CHECKED: 'the file that the other partition will serve was looked at',
  SIGNATURE_ALGORITHM_USUAL: '“TFTP File Signature Algorithm” is SHA-1',
  SERVICES_RESTARTED: 'the services were restarted, one node after the other',
  TVS_RESTARTED: 'TVS was restarted where the new file lies, and has read it',
  RESTARTS_MAY_BEGIN: 'CallManager may restart now',
  UPLOADS_SETTLED: 'the uploaded certificates were deleted, or are to stay',
  CLOCK_IS_RIGHT: 'the clock of this machine was wrong before, and is right now',
  GO: 'go past the hard stop',
}

/** Statements that a step of its own asks for: said anywhere else they would fulfil that step before it was begun. */
export const stepStatements: ReadonlySet<StatementCode> = new Set<StatementCode>([
  'SWITCH_BACK_FILE_CHECKED',
  'SERVICES_RESTARTED',
  'TVS_RESTARTED',
  'RESTARTS_MAY_BEGIN',
  'UPLOADS_SETTLED',
  'GO',
])

export const statementCodes = Object.keys(statementTexts) as StatementCode[]

export const saidAtItsStep = (statement: StatementCode): string =>
  statement === 'GO'
    ? 'GO is said at the hard stop.'
    : `${statement} is said at the step that asks for it, once that has begun.`
