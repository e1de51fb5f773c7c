/** A verdict in words, for `verify` and `sign`. */

import { printable } from '../ctl/text.js'
import { problems } from '../problems.js'
import type { CtlVerdict } from '../trust/verdict.js'

export function verdictText(name: string, bytes: number, verdict: CtlVerdict): string {
  const { signer, digest, problem } = verdict
  const rows = [
    `${name}: ${verdict.verdict === 'valid' ? 'VALID' : 'NOT VALID'}, ${bytes} bytes`,
    ...(problem === undefined ? [] : problemRows(problem)),
    ...(signer === undefined
      ? []
      : [
          `  signer   ${signer.subject}`,
          `  issuer   ${signer.issuer}`,
          `  serial   ${signer.serial}`,
          `  key      RSA ${signer.keyBits}, digest ${digest ?? 'unknown'}, SAST record ${signer.record}`,
        ]),
    ...verdict.findings.map((finding) => {
      const where = finding.record === undefined ? '' : ` (record ${finding.record})`
      return `  ${finding.severity}  ${finding.code}${where}: ${finding.detail} ${finding.remedy}`
    }),
  ]
  return `${rows.map(printable).join('\n')}\n`
}

function problemRows({ code, detail, at }: NonNullable<CtlVerdict['problem']>): string[] {
  const where = Object.entries(at).map(([key, value]) => `${key} ${value}`)
  return [
    `  problem  ${code}: ${detail}${where.length > 0 ? ` (${where.join(', ')})` : ''}`,
    `  do       ${problems[code].remedy}`,
  ]
}
