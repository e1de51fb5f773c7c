/** A verdict in words, for `verify` and `sign`: the verdict first, then the worst of what was found. */

import { printable } from '../../ctl/text.js'
import type { CtlVerdict, RecordChain } from '../../trust/verify/verdict.js'
import type { VerdictReport } from '../../verdict-report.js'
import { type Paint, plain } from '../paint.js'
import { findingRows, recordList } from './finding-rows.js'

export function verdictText(
  name: string,
  bytes: number,
  report: VerdictReport,
  paint: Paint = plain,
): string {
  const { signer, digest, chains, findings } = report
  const rows = [
    headline(name, bytes, report, paint),
    ...(signer === undefined
      ? []
      : [
          `  signer   ${printable(signer.subject)}`,
          `  issuer   ${printable(signer.issuer)}`,
          `  serial   ${signer.serial}`,
          `  key      RSA ${signer.keyBits}, digest ${digest ?? 'unknown'}, SAST record ${signer.record}`,
        ]),
    ...(chains === undefined ? [] : chainRows(chains)),
    ...findingRows(findings, paint),
  ]
  return `${rows.join('\n')}\n`
}

function headline(
  name: string,
  bytes: number,
  { verdict, passed, findings }: VerdictReport,
  paint: Paint,
): string {
  const isValid = verdict === 'valid'
  const word = isValid ? paint(passed ? 'green' : 'yellow', 'VALID') : paint('red', 'NOT VALID')
  const warnings = findings.filter(({ severity }) => severity === 'warning').length
  const failed =
    isValid && !passed ? `, and refused for its ${warnings === 1 ? 'warning' : `${warnings} warnings`}` : ''
  return `${printable(name)}: ${word}, ${bytes} bytes${failed}`
}

const chainWords: Readonly<Record<RecordChain['chain'], string>> = {
  root: 'chain to a given root',
  'self-signed': 'self-signed',
  'issuer-not-given': 'issuer not given',
  broken: 'not signed by the issuer of that name',
  'not-checked': 'not readable by OpenSSL',
}

function chainRows(chains: NonNullable<CtlVerdict['chains']>): string[] {
  const states = [...new Set(chains.map(({ chain }) => chain))]
  return states.map((state, index) => {
    const records = chains.filter(({ chain }) => chain === state).map(({ record }) => record)
    return `  ${index === 0 ? 'chains ' : '       '}  ${recordList(records)}: ${chainWords[state]}`
  })
}
