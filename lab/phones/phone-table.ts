/** What `lab phones` shows: a report in, text of at most 80 columns out. */
import { printable } from '../../daemon/ctl/text.js'
import type { FleetReport, ResetFigures } from './fleet-report.js'
import { isInTrouble, isStranded, outcomeText, type PhoneRecord } from './phone-record.js'

/** Stranded phones that are named for each reason; the JSON form has them all. */
const NAMED = 8
const NAMES_A_LINE = 4

export function phoneTable(report: FleetReport): string {
  const { phones } = report
  if (phones.length === 0) return 'The lab has no phones.\n'
  return [
    ...modelLines(phones),
    '',
    ...checksumLines(phones),
    '',
    ...troubleLines(phones),
    '',
    ...progressLines(report),
  ]
    .map((line) => `${line}\n`)
    .join('')
}

interface Column {
  readonly title: string
  readonly width: number
  readonly counts: (phone: PhoneRecord) => boolean
}

const hasOutcome =
  (...kinds: readonly string[]) =>
  ({ ctl }: PhoneRecord): boolean =>
    kinds.includes(ctl.outcome.kind)

const MODEL_WIDTH = 18

const columns: readonly Column[] = [
  { title: 'Phones', width: 8, counts: () => true },
  { title: 'Current', width: 8, counts: hasOutcome('up to date') },
  { title: 'Updated', width: 9, counts: hasOutcome('updated') },
  { title: 'TVS', width: 6, counts: hasOutcome('updated through TVS') },
  { title: 'Rejected', width: 10, counts: hasOutcome('rejected') },
  { title: 'Other', width: 7, counts: hasOutcome('no file', 'unreachable', 'as installed', 'not asked') },
  { title: 'Locked', width: 8, counts: ({ registration }) => registration === 'locked out' },
]

function modelLines(phones: readonly PhoneRecord[]): string[] {
  const byModel = groups(phones, ({ model, securityByDefault }) => `${securityByDefault}/${model}`)
  const head = `${'Model'.padEnd(MODEL_WIDTH)}  SBD${columns.map(titleOf).join('')}`
  const rows = [...byModel.values()].map((group) => {
    const [{ model, securityByDefault } = { model: '', securityByDefault: false }] = group
    return modelCell(model) + (securityByDefault ? '  yes' : '   no') + countCells(group)
  })
  const total = 'All'.padEnd(MODEL_WIDTH + 5) + countCells(phones)
  return [head, ...rows, ...(rows.length > 1 ? [total] : [])]
}

const titleOf = ({ title, width }: Column): string => title.padStart(width)

function modelCell(model: string): string {
  const name = printable(model).replace(/^Cisco /, '')
  const short = name.length > MODEL_WIDTH ? `${name.slice(0, MODEL_WIDTH - 1)}…` : name
  return short.padEnd(MODEL_WIDTH)
}

const countCells = (phones: readonly PhoneRecord[]): string =>
  columns.map(({ counts, width }) => `${phones.filter(counts).length}`.padStart(width)).join('')

/** The checksums as they stand on the screens, with how many phones show each. */
function checksumLines(phones: readonly PhoneRecord[]): string[] {
  const held = groups(phones, ({ ctl, shows }) =>
    ctl.checksum === undefined ? 'no CTL' : `${shows === 'md5' ? 'MD5 ' : 'SHA1'} ${ctl.checksum}`,
  )
  return [
    'CTL on the screen',
    ...bySize(held).map(([text, { length }]) => `${`${length}`.padStart(8)}  ${text}`),
  ]
}

function troubleLines(phones: readonly PhoneRecord[]): string[] {
  const troubled = phones.filter(isInTrouble)
  if (troubled.length === 0) return ['No phone refused the file, and none is locked out.']
  return [
    `Refused the file, or locked out: ${troubled.length} of ${phones.length}.`,
    ...bySize(groups(troubled, reasonOf)).flatMap(([reason, group]) => [
      `${`${group.length}`.padStart(8)}  ${reason}`,
      ...nameLines(group),
    ]),
    ...strandedLines(troubled.filter(isStranded).length),
  ]
}

/** TAC 118893: such a device keeps its old CTL until somebody deletes it there. */
const strandedLines = (count: number): string[] =>
  count === 0
    ? []
    : [
        `Stranded: ${count}. They take no file of this signer until their CTL is deleted there`,
        'or until the change is undone.',
      ]

function reasonOf({ ctl, registration }: PhoneRecord): string {
  const lockedOut = registration === 'locked out' ? 'locked out of CallManager' : undefined
  if (ctl.outcome.kind !== 'rejected') return lockedOut ?? ''
  return lockedOut ? `${ctl.outcome.why}; locked out` : ctl.outcome.why
}

function nameLines(phones: readonly PhoneRecord[]): string[] {
  const names = phones.slice(0, NAMED).map(({ device }) => printable(device))
  const lines: string[] = []
  for (let start = 0; start < names.length; start += NAMES_A_LINE) {
    lines.push(`          ${names.slice(start, start + NAMES_A_LINE).join('  ')}`)
  }
  const more = phones.length - names.length
  return more > 0 ? [...lines, `          and ${more} more`] : lines
}

function progressLines({ progress, figures, phones }: FleetReport): string[] {
  if (progress) return [`Being reset: ${progress.done} of ${progress.total} are ready.`]
  if (figures) return figuresLines(figures)
  const unreset = phones.every(({ resets }) => resets === 0)
  return [unreset ? 'No phone was reset yet.' : 'No reset is running.']
}

/** Two lines: what the whole took, and what a phone took. */
export function figuresLines(figures: ResetFigures): string[] {
  const { phones, seconds, phonesPerSecond, p50, p95, bytes } = figures
  const inSeconds = (milliseconds: number) => `${(milliseconds / 1000).toFixed(2)} s`
  const size = bytes < 1e6 ? `${(bytes / 1e3).toFixed(0)} kB` : `${(bytes / 1e6).toFixed(1)} MB`
  return [
    `Last reset: ${phones} phones in ${seconds.toFixed(1)} s, ${phonesPerSecond.toFixed(0)} a second; ${size}.`,
    `A phone is ready within ${inSeconds(p50)} (half of them), ${inSeconds(p95)} (95 of 100).`,
  ]
}

/** One phone whole: what its screen, its status messages and its console say. */
export function phoneText(phone: PhoneRecord, log: readonly string[]): string {
  const { device, model, shows, ctl, itl, registration, statusMessages } = phone
  const held = (name: string, { checksum, outcome }: PhoneRecord['ctl']) =>
    `  ${name}  ${checksum === undefined ? 'none' : `${shows === 'md5' ? 'MD5' : 'SHA1'} ${checksum}`}\n` +
    `       ${outcomeText(outcome)}\n`
  return (
    `${printable(device)}  ${printable(model)}\n${held('CTL', ctl)}${held('ITL', itl)}` +
    `  CallManager  ${registration}\n` +
    `  Status messages  ${statusMessages.length > 0 ? statusMessages.join('; ') : 'none'}\n` +
    `\n${log.map((line) => `${printable(line)}\n`).join('')}`
  )
}

function groups<Item>(items: readonly Item[], keyOf: (item: Item) => string): Map<string, Item[]> {
  const found = new Map<string, Item[]>()
  for (const item of items) {
    const key = keyOf(item)
    const group = found.get(key)
    if (group) group.push(item)
    else found.set(key, [item])
  }
  return found
}

const bySize = <Item>(found: ReadonlyMap<string, readonly Item[]>) =>
  [...found].sort(([, one], [, other]) => other.length - one.length)
