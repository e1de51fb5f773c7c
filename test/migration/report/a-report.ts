/** A revert that went well but for some phones, with all that can stand in a journal. */

import { createHash } from 'node:crypto'
import type { MigrationRecord } from '../../../daemon/migration/migration-record.js'
import type { Step } from '../../../daemon/migration/plan/plan.js'
import { makeReport, type ReportRequest } from '../../../daemon/migration/report/make-report.js'
import {
  aPlan,
  aSituation,
  entriesOf,
  keptBefore,
  tokenFile,
  tokenlessFile,
  type WrittenEntry,
  written,
} from '../a-record.js'

export const situation = aSituation()
export const plan = aPlan('tokenless-to-tokens', situation)
export const kept = { ...keptBefore(situation), draft: tokenFile, new: tokenFile }

export const md5 = (bytes: Uint8Array): string => createHash('md5').update(bytes).digest('hex')
export const sha1 = (bytes: Uint8Array): string => createHash('sha1').update(bytes).digest('hex')

interface Reading {
  readonly device: string
  readonly model?: string
  readonly took: 'accepted' | 'refused' | 'unread'
  readonly checksum?: string
  readonly note?: string
}

const pilotReadings: readonly Reading[] = [
  { device: 'SEP000000000001', model: 'Cisco 7945', took: 'accepted', checksum: md5(tokenFile) },
  { device: 'SEP000000000002', model: 'Cisco 7940', took: 'refused', checksum: sha1(tokenlessFile) },
]
const fleetReadings: readonly Reading[] = [
  { device: 'SEP000000000003', model: 'Cisco 7945', took: 'accepted' },
  { device: 'SEP000000000004', model: 'Cisco 7945', took: 'refused', note: 'Trust List Update Failed' },
  // Entered as accepted, and what it shows is the old file.
  { device: 'SEP000000000005', model: 'Cisco 7945', took: 'accepted', checksum: sha1(tokenlessFile) },
  // Read twice: the later one counts.
  { device: 'SEP000000000003', model: 'Cisco 7945', took: 'accepted', checksum: sha1(tokenFile) },
  // Against what was foretold.
  { device: 'SEP000000000006', model: 'Cisco 7940', took: 'accepted', checksum: md5(tokenFile) },
  { device: '*', took: 'accepted', note: 'looked at the floor' },
  { device: '*', model: 'CTI Port', took: 'unread', note: 'no phones' },
]

const finding = (code: string, severity: 'error' | 'warning', more: object = {}) => ({
  code,
  severity,
  detail: `Detail of ${code}.`,
  remedy: `Remedy of ${code}.`,
  ...more,
})
const devices = { at: 'Cisco 7940', devices: 40 }
const firstFindings = [
  finding('DEVICES_WITHOUT_SBD', 'warning', devices),
  finding('NODE_UNREACHABLE', 'error', { at: 'sub' }),
]
const lastFindings = [finding('DEVICES_WITHOUT_SBD', 'warning', devices)]

function extra(step: Step): WrittenEntry[] {
  const own = (kind: WrittenEntry['kind'], facts: WrittenEntry['facts'], by?: string): WrittenEntry => ({
    step: step.id,
    kind,
    facts,
    ...(by !== undefined && { by }),
  })
  const readings = (all: readonly Reading[]) => all.map((reading) => own('said', { reading }, 'Ben'))
  if (step.does.do === 'hard-stop') {
    return [
      own('observed', { findings: firstFindings }),
      own('acknowledged', { code: 'DEVICES_WITHOUT_SBD', note: 'We visit them.' }, 'Anna'),
      own('observed', { findings: lastFindings }),
      own('said', { statement: 'NOT_FIPS', note: '' }, 'Anna'),
    ]
  }
  if (step.id.endsWith('publish-new')) {
    const at = { node: 'sub' }
    return [
      own('outcome', {
        result: 'failed',
        code: 'NODE_UNREACHABLE',
        detail: 'sub does not answer.',
        remedy: 'Bring it back.',
        at,
        goesOn: false,
      }),
      { kind: 'resumed', facts: { by: 'person' }, by: 'Anna' },
      own('intent', { marks: {} }),
    ]
  }
  if (step.does.do !== 'reset-phones') return []
  return readings(step.does.which === 'pilots' ? pilotReadings : fleetReadings)
}

/** Of each step: begun, what else is written meanwhile, then the rest of it. */
export const theEntries = plan.steps.flatMap((step) => {
  const [first, ...rest] = entriesOf(step)
  return [...(first === undefined ? [] : [first]), ...extra(step), ...rest]
})

export const recordOf = (entries: readonly WrittenEntry[]): MigrationRecord => ({
  plan,
  situation,
  entries: written(entries),
  files: new Map(Object.entries(kept)),
})

export function reportOf(
  entries: readonly WrittenEntry[] = theEntries,
  state: ReportRequest['kept']['state'] = 'done',
  record: MigrationRecord = recordOf(entries),
) {
  return makeReport({
    kept: {
      id: '0a1b2c3d4e5f',
      cluster: 'krakow',
      state,
      startedAt: '2026-03-02T08:00:30.000Z',
      startedBy: { keyId: 'key-Anna', name: 'Anna' },
    },
    record,
    madeAt: '2026-03-02T12:00:00.000Z',
  })
}
