import { execFileSync } from 'node:child_process'
import test from 'ava'
import type { FileFacts, FileState, PhoneRow } from '../../../daemon/migration/report/report.js'
import { reportHtml } from '../../../daemon/migration/report/report-html.js'
import { reportText } from '../../../daemon/migration/report/report-text.js'
import {
  aPlan,
  aRecord,
  aSituation,
  keptBefore,
  models,
  stepOf,
  tokenFile,
  tokenlessFile,
} from '../a-record.js'
import { kept, plan, recordOf, reportOf, situation, theEntries } from './a-report.js'

const counts = ({ foretold, why: _, model, devices, ...rest }: PhoneRow) => ({
  model,
  devices,
  foretold,
  ...rest,
})

test('each phone is counted once, by what was read of it, and else by what was foretold', (t) => {
  const [table] = reportOf().phones
  t.deepEqual(table?.rows.map(counts), [
    {
      model: 'Cisco 7940',
      devices: 40,
      foretold: 'keeps',
      acceptedByChecksum: 1,
      acceptedByWord: 0,
      refused: 1,
      contradicting: 0,
      stranded: 38,
      pending: 0,
      notObserved: 0,
    },
    {
      model: 'Cisco 7945',
      devices: 300,
      foretold: 'takes',
      acceptedByChecksum: 2,
      acceptedByWord: 0,
      refused: 1,
      contradicting: 1,
      stranded: 0,
      pending: 0,
      notObserved: 296,
    },
    {
      model: 'Cisco 9971',
      devices: 5,
      foretold: 'not known',
      acceptedByChecksum: 0,
      acceptedByWord: 0,
      refused: 0,
      contradicting: 0,
      stranded: 0,
      pending: 0,
      notObserved: 5,
    },
  ])
})

test('a reading stands with who made it and which file its checksum is of', (t) => {
  const [table] = reportOf().phones
  const shown = table?.readings.map(({ device, verdict, shows, by }) => [device, verdict, shows, by])
  t.deepEqual(shown, [
    ['SEP000000000001', 'accepted by checksum', 'the new file', 'Ben'],
    ['SEP000000000002', 'refused', 'the file from before', 'Ben'],
    ['SEP000000000003', 'accepted by checksum', 'the new file', 'Ben'],
    ['SEP000000000004', 'refused', undefined, 'Ben'],
    ['SEP000000000005', 'contradicting', 'the file from before', 'Ben'],
    ['SEP000000000006', 'accepted by checksum', 'the new file', 'Ben'],
  ])
  t.deepEqual(
    table?.words.map(({ took, by, note, model }) => [took, by, note, model]),
    [
      ['accepted', 'Ben', 'looked at the floor', undefined],
      ['unread', 'Ben', 'no phones', 'CTI Port'],
    ],
  )
})

test('a refusal where a taking was foretold, and the other way round, are told', (t) => {
  const [table] = reportOf().phones
  t.is(table?.surprises.length, 2)
  t.true(table?.surprises[0]?.startsWith('SEP000000000004 (Cisco 7945) was foretold to take the file'))
  t.true(table?.surprises[1]?.startsWith('SEP000000000006 (Cisco 7940) was foretold to keep its old file'))
})

/** By a program that shares nothing with this one. */
const sumBy = (program: string, bytes: Uint8Array): string =>
  execFileSync(program, { input: bytes }).toString().split(' ')[0] ?? ''

const checked = (state: FileState | undefined): FileFacts => state as FileFacts

test('files stand with the checksums that phones show, before and after, per node', (t) => {
  const { files } = reportOf()
  t.deepEqual(
    files.map(({ node, file }) => `${node} ${file}`),
    ['pub CTLFile.tlv', 'pub ITLFile.tlv', 'sub CTLFile.tlv', 'sub ITLFile.tlv'],
  )
  const [pub] = files
  for (const [state, bytes] of [
    [pub?.before, tokenlessFile],
    [pub?.after?.file, tokenFile],
  ] as const) {
    const { md5, sha1, sha256, size } = checked(state)
    t.deepEqual(
      [md5, sha1, sha256, size],
      [sumBy('md5sum', bytes), sumBy('sha1sum', bytes), sumBy('sha256sum', bytes), bytes.length],
    )
  }
  t.is(checked(pub?.before).signer?.holder, 'call-manager')
  t.is(checked(pub?.after?.file).signer?.token, 'T1')
  t.is(pub?.unseenSince, undefined)
})

test('a file that was written and not seen since is not told as what the node serves', (t) => {
  const step = stepOf(plan, 'publish-new')
  const { entries, ...record } = aRecord(plan, situation, kept, step.id, 'begun')
  const report = reportOf([], 'stopped', { ...record, entries })
  t.deepEqual(
    report.files
      .filter(({ file }) => file === 'CTLFile.tlv')
      .map(({ after, unseenSince }) => [after, unseenSince]),
    [
      [undefined, step.id],
      [undefined, step.id],
    ],
  )
})

test('a file that the cluster built is told by its hash, and by its bytes once they are kept', (t) => {
  const before = aSituation({ ctl: 'none', over: { mode: { seen: 'non-secure', at: 'pub' } } })
  const made = aPlan('mixed-mode-tokenless', before)
  const served = stepOf(made, 'restart-tftp-sub').id
  const { entries, ...record } = aRecord(made, before, keptBefore(before), served)
  const sum = sumBy('sha256sum', tokenlessFile)
  const seen = entries.map((entry) =>
    entry.step === served && entry.kind === 'observed' && 'done' in entry.facts
      ? { ...entry, facts: { ...entry.facts, files: { pub: sum, sub: sum } } }
      : entry,
  )
  const told = (files: ReadonlyMap<string, Uint8Array | 'none'>) =>
    reportOf([], 'running', { ...record, entries: seen, files }).files[0]
  t.is(told(record.files)?.before, 'none')
  t.deepEqual(told(record.files)?.after?.file, { sha256: sum })
  t.is(
    checked(told(new Map([...record.files, ['new', tokenlessFile]]))?.after?.file).size,
    tokenlessFile.length,
  )
})

test('findings stand with who acknowledged them, statements with who said them, stops with who resumed', (t) => {
  const { findings, statements, stops } = reportOf()
  t.deepEqual(
    findings.map(({ code, isOfNow, acknowledged }) => [
      code,
      isOfNow,
      acknowledged.map(({ by, note }) => [by, note]),
    ]),
    [
      ['DEVICES_WITHOUT_SBD', true, [['Anna', 'We visit them.']]],
      ['NODE_UNREACHABLE', false, []],
    ],
  )
  t.deepEqual(
    statements.map(({ statement, by }) => [statement, by]),
    [
      ['BACKUP_TAKEN', 'Anna'],
      ['NOT_FIPS', 'Anna'],
      ['GO', 'Anna'],
    ],
  )
  t.deepEqual(
    stops.map(({ code, resumed }) => [code, resumed?.by]),
    [['NODE_UNREACHABLE', 'Anna']],
  )
})

test('what is to do names the phones to visit, with their numbers', (t) => {
  const { toDo, inShort } = reportOf()
  const lines = toDo.flatMap(({ what, how }) => [what, ...how])
  t.true(lines.includes('38 × Cisco 7940: delete the CTL on the phone.'), lines.join('\n'))
  t.true(lines.some((line) => line.startsWith('SEP000000000004 (Cisco 7945): Trust List Update Failed')))
  t.true(lines.includes('296 × Cisco 7945'))
  t.true(
    inShort.includes(
      'Of 345 phones, for the new file: 3 are known to hold it, 2 refused it, 38 are foretold to keep what they hold, 0 are pending, 301 were not observed. The readings of 1 contradict themselves.',
    ),
    inShort.join('\n'),
  )
})

test('a report can be made after every entry of the journal, and counts every phone once', (t) => {
  for (let count = 0; count <= theEntries.length; count++) {
    for (const state of ['running', 'stopped', 'abandoned'] as const) {
      const report = reportOf(theEntries.slice(0, count), state)
      for (const { rows } of report.phones) {
        for (const row of rows) {
          const {
            acceptedByChecksum,
            acceptedByWord,
            refused,
            contradicting,
            stranded,
            pending,
            notObserved,
          } = row
          const read = acceptedByChecksum + acceptedByWord + refused + contradicting
          const all = read + (stranded ?? 0) + (pending ?? 0) + (notObserved ?? 0)
          t.is(all, row.devices ?? -1, `${count} ${row.model}`)
          if (state === 'abandoned') t.is(row.pending, 0)
        }
      }
      t.is(
        report.steps.flatMap(({ entries }) => entries).length,
        recordOf(theEntries.slice(0, count)).entries.filter(({ step }) => step !== undefined).length,
      )
      if (state !== 'running') continue
      t.true(reportText(report).includes('In short'))
      t.true(reportHtml(report).endsWith('</html>\n'))
    }
  }
})

test('a killed daemon leaves a step in doubt, and the report says so', (t) => {
  const { entries, ...record } = aRecord(plan, situation, kept, stepOf(plan, 'publish-new').id, 'begun')
  const report = reportOf([], 'running', { ...record, entries })
  t.is(report.steps.find(({ id }) => id.endsWith('publish-new'))?.state, 'in doubt')
  t.true(report.toDo[0]?.what.includes('of which nobody knows whether it was done'))
})

test('phones of a cluster that tells no models are counted by their readings alone', (t) => {
  const blind = { ...situation, models: { unseen: 'no AXL', at: 'pub' } }
  const report = reportOf([], 'done', { ...recordOf(theEntries), situation: blind })
  t.deepEqual(
    report.phones[0]?.rows.map(({ model, devices, notObserved }) => [model, devices, notObserved]),
    [
      ['Cisco 7945', undefined, undefined],
      ['Cisco 7940', undefined, undefined],
    ],
  )
  t.true(reportText(report).includes('?'))
  t.is(models.length, 3)
})

test('the bridge goes on from what phones hold, not from what they refused', (t) => {
  // 10.5: a token file that lists CallManager first; then the tokenless one, which all can take by it.
  const before = aSituation({ ctl: tokenFile })
  const bridged = aPlan('tokens-to-tokenless', before)
  const names = reportOf(
    [],
    'running',
    aRecord(bridged, before, keptBefore(before), bridged.steps[0]?.id),
  ).phones
  t.deepEqual(
    names.map(({ artifact }) => artifact),
    ['bridge', 'new'],
  )
  t.deepEqual(
    names[0]?.rows.map(({ foretold }) => foretold),
    ['no file yet', 'no file yet', 'no file yet'],
  )
})
