/** The report of a way back: the file from before is what phones are to take, from what each may hold by now. */
import test from 'ava'
import type { MigrationRecord } from '../../../daemon/migration/migration-record.js'
import { isNoPlan } from '../../../daemon/migration/plan/usual.js'
import type { FileState } from '../../../daemon/migration/report/report.js'
import { reportText } from '../../../daemon/migration/report/report-text.js'
import { planWayBack } from '../../../daemon/migration/rollback/plan-way-back.js'
import {
  aRecord,
  aSituation,
  entriesOf,
  everyone,
  keptBefore,
  sha256,
  tokenFile,
  tokenlessFile,
  written,
} from '../a-record.js'
import { recordOf, reportOf, theEntries } from './a-report.js'

const now = aSituation({ ctl: tokenFile, known: everyone })

function wayBackRecord(): MigrationRecord {
  const takenBack = recordOf(theEntries)
  const back = planWayBack(takenBack, now).plan
  if (isNoPlan(back)) throw new Error(back.impossible)
  return { ...aRecord(back, now, keptBefore(now)), takenBack }
}

const sumOf = (file: FileState | undefined): string | undefined => (file === 'none' ? file : file?.sha256)

test('models are foretold from every file that they may hold', (t) => {
  const [table] = reportOf([], 'running', wayBackRecord()).phones
  t.is(table?.title, 'the file from before')
  t.is(sumOf(table?.files[0]), sha256(tokenlessFile))
  t.deepEqual(
    table?.rows.map(({ model, foretold }) => [model, foretold]),
    [
      // Those that took the token file cannot come back; those that did not never left.
      ['Cisco 7940', 'depends'],
      ['Cisco 7945', 'not known'],
      ['Cisco 9971', 'not known'],
    ],
  )
})

test('the files stand as they went back, not as the way back found them', (t) => {
  const [pub] = reportOf([], 'done', wayBackRecord()).files
  t.is(sumOf(pub?.before), sha256(tokenFile))
  t.is(sumOf(pub?.after?.file), sha256(tokenlessFile))
})

test('a reading by the checksum of the file from before counts as come back', (t) => {
  const record = wayBackRecord()
  const last = record.plan.steps.find(({ does }) => does.do === 'reset-phones' && does.which === 'all')
  const reading = { device: 'SEP1', model: 'Cisco 7945', took: 'accepted', checksum: sha256(tokenlessFile) }
  const steps = record.plan.steps.flatMap((step) => [
    ...entriesOf(step).slice(0, 1),
    ...(step.id === last?.id
      ? [{ step: step.id, kind: 'said' as const, by: 'Ben', facts: { reading } }]
      : []),
    ...entriesOf(step).slice(1),
  ])
  const report = reportOf([], 'done', { ...record, entries: written(steps) })
  t.is(report.phones[0]?.rows.find(({ model }) => model === 'Cisco 7945')?.acceptedByChecksum, 1)
  t.true(reportText(report).includes('the file from before'))
})
