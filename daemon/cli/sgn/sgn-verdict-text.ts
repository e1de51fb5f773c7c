/** A verdict on a signed configuration file in words. */
import { printable } from '../../ctl/text.js'
import { problems } from '../../problems.js'
import type { SgnVerdict } from '../../trust/sgn/verify-sgn-file.js'

export function sgnVerdictText(name: string, bytes: number, verdict: SgnVerdict): string {
  const { signer, digest, problem } = verdict
  const rows = [
    `${name}: ${verdict.verdict === 'valid' ? 'VALID' : 'NOT VALID'}, ${bytes} bytes`,
    ...(problem === undefined
      ? []
      : [
          `  problem  ${problem.code}: ${problem.detail}${placeText(problem.at)}`,
          `  do       ${problems[problem.code].remedy}`,
        ]),
    ...(signer === undefined
      ? []
      : [
          `  signer   ${signer.subject}`,
          `  issuer   ${signer.issuer}`,
          `  serial   ${signer.serial}`,
          `  key      RSA ${signer.keyBits}, digest ${digest ?? 'unknown'}`,
          ...(signer.record === undefined
            ? []
            : [`  role     ${signer.functionName ?? ''}, record ${signer.record} of the CTL or ITL`]),
        ]),
    ...verdict.findings.map(
      ({ severity, code, detail, remedy }) => `  ${severity}  ${code}: ${detail} ${remedy}`,
    ),
  ]
  return `${rows.map(printable).join('\n')}\n`
}

function placeText(at: object): string {
  const where = Object.entries(at).map(([key, value]) => `${key} ${value}`)
  return where.length > 0 ? ` (${where.join(', ')})` : ''
}
