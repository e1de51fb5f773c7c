/** `ctl-bridge verify FILE`: valid or not, by whom, and what is worth knowing. */
import { BridgeError } from '../../bridge-error.js'
import { exitCodes } from '../../problems/exit-codes.js'
import { parseRelease, type ReleaseRules, rulesOf } from '../../trust/verify/sast-by-release.js'
import { verifyCtlFile } from '../../trust/verify/verify-ctl-file.js'
import { reportVerdict } from '../../verdict-report.js'
import type { CommandContext } from '../command.js'
import { jsonText } from '../json-text.js'
import { paintFor } from '../paint.js'
import { readInputFile } from '../read-input-file.js'
import { verdictText } from './verdict-text.js'

export async function run({ operands, values, lists, switches, terminal }: CommandContext): Promise<number> {
  const name = operands[0] ?? ''
  const at = values.at === undefined ? new Date() : readDate(values.at)
  const release = values.release === undefined ? undefined : readRelease(values.release)
  const names = lists.roots ?? []
  const roots =
    names.length === 0
      ? undefined
      : await (await import('../read-certificate-file.js')).readCertificateFiles(names)
  const bytes = await readInputFile(name)
  const verdict = verifyCtlFile(bytes, { at, ...(release && { release }), ...(roots && { roots }) })
  const report = reportVerdict(verdict, { strict: switches.has('strict') })
  if (terminal.json) terminal.print(jsonText({ file: name, bytes: bytes.length, ...report }, 2))
  else terminal.print(verdictText(name, bytes.length, report, paintFor(terminal)))
  return report.passed ? exitCodes.done : exitCodes.file
}

/** ISO 8601: a day, which begins in UTC, or a time with its zone. */
function readDate(text: string): Date {
  const isDate = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2}))?$/.test(text)
  const date = new Date(text)
  // Date takes 31 February for 3 March.
  const isDay = new Date(`${text.slice(0, 10)}T00:00:00Z`).getUTCDate() === Number(text.slice(8, 10))
  if (isDate && isDay && !Number.isNaN(date.getTime())) return date
  throw new BridgeError(
    'USAGE',
    `--at is a date like 2026-03-01 or 2026-03-01T12:00:00Z, not ${JSON.stringify(text)}.`,
  )
}

function readRelease(text: string): ReleaseRules {
  const release = parseRelease(text)
  const rules = release && rulesOf(release)
  if (rules !== undefined) return rules
  throw new BridgeError(
    'USAGE',
    `--release is a CUCM release from 8.0 on, like 10.5(2) or 14SU3, not ${JSON.stringify(text)}.`,
  )
}
