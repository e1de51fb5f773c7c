/** A report for a terminal or a mail: 80 columns. Texts of files and people are escaped. */
import { printable } from '../../ctl/text.js'
import { reportLines } from '../../trust/show/wrap-words.js'
import type {
  FileState,
  MigrationReport,
  NodeFiles,
  PhoneReadingRow,
  PhoneTable,
  ReportedEntry,
  ReportedStep,
} from './report.js'
import {
  acknowledgedText,
  actorWords,
  afterText,
  countText,
  durationText,
  evidenceText,
  facts,
  foretoldWords,
  modelText,
  phoneColumns,
  timeText,
  wordText,
} from './report-words.js'

const WIDTH = 80

export function reportText(report: MigrationReport, width = WIDTH): string {
  const { migration, inShort, phones, files, assumptions } = report
  const parts: (readonly [title: string, rows: readonly string[]])[] = [
    [`Report of a migration: ${migration.title}`, facts(report).map(([label, value]) => row(label, value))],
    ['In short', inShort],
    ['Still to do', numbered(report)],
    ...phones.map((table) => [`Phones: ${table.title}`, phoneRows(table)] as const),
    ['Files', files.flatMap(fileRows)],
    ['Findings', findingRows(report)],
    ['Said by people, not seen', statementRows(report)],
    ['Stops', stopRows(report)],
    ['Steps', report.steps.flatMap(stepRows)],
    ['Relied on, and proved by nobody', assumptions.map((text) => `-  ${text}`)],
  ]
  return parts
    .filter(([, rows]) => rows.length > 0)
    .map(([title, rows]) => section(title, rows, width))
    .join('\n')
}

function section(title: string, rows: readonly string[], width: number): string {
  const head = reportLines([title], width)
  const longest = Math.max(...head.split('\n').map(({ length }) => length))
  return `${head}${'-'.repeat(longest)}\n${reportLines(rows, width)}`
}

/** Two blanks part the label, so that further lines stand behind it. */
const row = (label: string, value: string): string => `${label.padEnd(11)}  ${value}`

const numbered = ({ toDo }: MigrationReport): string[] =>
  toDo.flatMap(({ what, how }, index) => [`${index + 1}. ${what}`, ...how.map((line) => `   ${line}`)])

const MODEL = 17
const COUNT = 9

function phoneRows(table: PhoneTable): string[] {
  const { rows, readings, words, surprises, files, wasOffered } = table
  const cells = (texts: readonly string[]) => texts.map((text) => text.padStart(COUNT)).join('')
  return [
    ...(files.length === 0
      ? ['The file is not made yet.']
      : files.flatMap((file) => stateRows('file', file))),
    ...(wasOffered ? [] : ['No node was given it yet.']),
    '',
    `${'model'.padEnd(MODEL)}${cells(phoneColumns.map(({ title }) => title))}`,
    ...rows.flatMap((counted) => {
      const name = printable(modelText(counted.model))
      const line = cells(phoneColumns.map(({ of }) => countText(of(counted))))
      const own =
        name.length >= MODEL ? [name, `${' '.repeat(MODEL)}${line}`] : [`${name.padEnd(MODEL)}${line}`]
      return [...own, `  foretold: ${foretoldWords[counted.foretold]}. ${counted.why.join(' ')}`]
    }),
    '',
    ...phoneColumns.map(({ title, meaning }) => row(title, meaning)),
    '',
    evidenceText(table),
    ...readings.map(readingText),
    ...words.map((word) => `-  ${wordText(word)}`),
    ...(surprises.length === 0
      ? []
      : ['', 'Otherwise than foretold:', ...surprises.map((text) => `-  ${text}`)]),
  ]
}

function readingText({ device, model, verdict, checksum, shows, note, by, at }: PhoneReadingRow): string {
  const seen =
    checksum === undefined
      ? ''
      : `, shows ${checksum}${shows === undefined ? ' (no file of this migration)' : ` (${shows})`}`
  return `-  ${device} (${modelText(model)}): ${verdict}${seen}; ${by}, ${timeText(at)}${note === undefined ? '' : `: ${note}`}`
}

function fileRows(file: NodeFiles): string[] {
  const { node, before, after } = file
  const now = afterText(file)
  return [
    `${node}: ${file.file}`,
    ...(before === undefined ? [row('  before', 'nobody saw it')] : stateRows('before', before)),
    ...(after === undefined ? [] : stateRows('after', after.file)),
    ...(after === undefined ? [] : [row('    seen', `at step ${after.step}, ${timeText(after.at)}`)]),
    ...(now === undefined ? [] : [row('  now', now)]),
  ]
}

function stateRows(label: string, file: FileState): string[] {
  if (file === 'none') return [row(`  ${label}`, 'no file')]
  const { size, md5, sha1, sha256, signer, timestamp, problem } = file
  const who = [
    signer?.token === undefined ? undefined : `token ${signer.token}`,
    signer?.holder === undefined || signer.holder === 'token' ? undefined : signer.holder,
    signer && `“${signer.subject}”`,
  ].filter((text) => text !== undefined)
  return [
    row(`  ${label}`, size === undefined ? 'a file that the cluster built' : `${size} bytes`),
    ...(md5 === undefined ? [] : [row('    MD5', md5)]),
    ...(sha1 === undefined ? [] : [row('    SHA-1', sha1)]),
    row('    SHA-256', sha256),
    ...(signer === undefined ? [] : [row('    signer', who.join(', '))]),
    ...(timestamp === undefined ? [] : [row('    dated', timeText(timestamp))]),
    ...(problem === undefined ? [] : [row('    wrong', `${problem.detail} (${problem.code})`)]),
  ]
}

function findingRows({ findings }: MigrationReport): string[] {
  return findings.flatMap((finding) => {
    const { severity, code, at, detail, remedy } = finding
    const answer = acknowledgedText(finding)
    return [
      `${severity} ${code}${at === undefined ? '' : ` (${at})`}`,
      `  ${detail}`,
      `  ${remedy}`,
      ...(answer === '' ? [] : [`  ${answer}`]),
    ]
  })
}

const statementRows = ({ statements }: MigrationReport): string[] =>
  statements.map(
    ({ statement, by, at, note, step }) =>
      `-  ${statement}: ${by}, ${timeText(at)}${step === undefined ? '' : `, at step ${step}`}${note === '' ? '' : `: ${note}`}`,
  )

const stopRows = ({ stops }: MigrationReport): string[] =>
  stops.flatMap(({ at, by, step, code, detail, resumed }) => [
    `${timeText(at)}  ${code}${step === undefined ? '' : ` at step ${step}`}, by ${by}`,
    `  ${detail}`,
    `  ${resumed === undefined ? 'It was not resumed.' : `Resumed ${timeText(resumed.at)} by ${resumed.by}.`}`,
  ])

function stepRows({ id, actor, title, state, waitedSeconds, entries }: ReportedStep): string[] {
  const waited = waitedSeconds === undefined ? '' : `, waited ${durationText(waitedSeconds)}`
  return [`${id}  ${title}`, `  ${actorWords[actor]}: ${state}${waited}`, ...entries.flatMap(entryRows)]
}

const entryRows = ({ number, at, by, what, lines }: ReportedEntry): string[] => [
  `  #${number}  ${timeText(at)}  ${by}: ${what}`,
  ...lines.map((line) => `        ${line}`),
]
