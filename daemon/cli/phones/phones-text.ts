/** What phones will do with a file, in words. */
import { printable } from '../../ctl/text.js'
import type { Acceptance, DeviceClass } from '../../trust/phones/phone-acceptance.js'
import type { TrustList } from '../../trust/phones/trust-list.js'

export const classNames: Readonly<Record<DeviceClass, string>> = {
  'security-by-default': 'with Security By Default',
  'no-security-by-default': 'without Security By Default',
  unknown: 'of a class not known',
}

export const answerTexts: Readonly<Record<Acceptance['answer'], string>> = {
  accepts: 'accepts',
  'accepts-through-tvs': 'accepts through TVS',
  refuses: 'refuses',
  unknown: 'unknown',
}

const lines = (rows: readonly string[]): string => `${rows.map(printable).join('\n')}\n`

/** The file that is judged. */
export function newFileText(name: string, { size, digest, timestamp, signer, isDraft }: TrustList): string {
  const when = timestamp === undefined ? '' : `, ${new Date(timestamp * 1000).toISOString()}`
  const by =
    signer && `  signer   ${signer.subject} (record ${signer.record})${isDraft ? ', not signed yet' : ''}`
  const rows = [`New file ${name}: ${size} bytes${digest ? `, ${digest}` : ''}${when}`]
  return lines(by ? [...rows, by] : rows)
}

/** One class of devices that hold one file. */
export function classText(holding: string, deviceClass: DeviceClass, acceptance: Acceptance): string {
  const holds = holding === 'none' ? 'no CTL' : holding
  return lines([
    '',
    `Devices ${classNames[deviceClass]} that hold ${holds}: ${answerTexts[acceptance.answer].toUpperCase()}`,
    ...acceptanceRows(acceptance),
  ])
}

function acceptanceRows({ reason, sure, detail, remedy, sources, notes }: Acceptance): string[] {
  const source = sources.length > 0 ? `${sources.join('; ')} (${sure})` : `none found (${sure})`
  return [
    `  why      ${detail} (${reason})`,
    ...notes.map((note) => `  note     ${note}`),
    `  do       ${remedy}`,
    `  source   ${source}`,
  ]
}

export interface FleetCount {
  readonly model: string
  readonly holds: string
  readonly acceptance: Acceptance
  readonly count: number
}

/** Counts per answer, then per model, then what each reason means. */
export function fleetText(counts: readonly FleetCount[], total: number, taken: number): string {
  const byAnswer = sumBy(counts, ({ acceptance }) => answerTexts[acceptance.answer])
  const byModel = sumBy(counts, ({ model, holds, acceptance }) =>
    [
      model || '(no model)',
      `holds ${holds}`,
      `${answerTexts[acceptance.answer]} (${acceptance.reason})`,
    ].join('  '),
  )
  const reasons = new Map(
    counts.map(({ acceptance }) => [`${acceptance.reason} ${acceptance.detail}`, acceptance]),
  )
  return lines([
    '',
    `${total} devices${taken > 0 ? `, ${taken} of them without a checksum and taken to hold a file that was given` : ''}`,
    ...rows(byAnswer),
    '',
    'By model:',
    ...rows(byModel),
    ...[...reasons.values()].flatMap((acceptance) => [
      '',
      `${answerTexts[acceptance.answer].toUpperCase()}`,
      ...acceptanceRows(acceptance),
    ]),
  ])
}

function sumBy(counts: readonly FleetCount[], keyOf: (count: FleetCount) => string): Map<string, number> {
  const sums = new Map<string, number>()
  for (const count of counts) sums.set(keyOf(count), (sums.get(keyOf(count)) ?? 0) + count.count)
  return sums
}

function rows(sums: ReadonlyMap<string, number>): string[] {
  const sorted = [...sums].sort(([one, few], [other, many]) => many - few || (one < other ? -1 : 1))
  return sorted.map(([name, count]) => `  ${String(count).padStart(8)}  ${name}`)
}
