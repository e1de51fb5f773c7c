import { digestOf } from '../../ctl/header-fields.js'
import type { CertificateParts } from '../certificate/certificate-parts.js'
import { certificateFindings } from './certificate-findings.js'
import { chainFindings, chainProblems, chainsOf } from './chains.js'
import { type CheckedCtl, checkCtlFile } from './check-ctl-file.js'
import { fileFindings, recordSetFindings, signerFindings } from './file-findings.js'
import { recordFindings } from './record-findings.js'
import { releaseFindings } from './release-findings.js'
import type { ReleaseRules } from './sast-by-release.js'
import type { CtlProblem, CtlVerdict, Finding } from './verdict.js'

export interface VerifyOptions {
  /** The time to judge certificates and TIMESTAMP at. Left out: neither is looked at. */
  readonly at?: Date
  /** What the CUCM release should have in a CTL. */
  readonly release?: ReleaseRules
  /** Certificates that are trusted as issuers. Left out: no chain is looked at. */
  readonly roots?: readonly CertificateParts[]
}

/**
 * Whether a file is a CTL whose signature was made by one of its own SAST records, and what is worth knowing
 * about it. Never throws: what does not decode is invalid, with the decoder's code and offset.
 */
export function verifyCtlFile(bytes: Uint8Array, options: VerifyOptions = {}): CtlVerdict {
  const checked = checkCtlFile(bytes)
  const { file, records, signer } = checked
  if (file === undefined) return { ...ending(checked.problems), findings: [] }
  const chains = options.roots && chainsOf(records, options.roots)
  const problems = [...checked.problems, ...chainProblems(chains ?? [])]
  return {
    ...ending(problems),
    ...(signer && { signer }),
    digest: digestOf(file),
    ...(chains && { chains: chains.map(({ namesRoot: _, ...chain }) => chain) }),
    findings: [
      ...fileFindings(file, bytes.length, options.at),
      ...findingsOf(checked, options),
      ...chainFindings(chains ?? [], records),
    ],
  }
}

function findingsOf({ file, records, signer }: CheckedCtl, { at, release }: VerifyOptions): Finding[] {
  return [
    ...recordSetFindings(records),
    ...(file && signer ? signerFindings(file, records, signer.record) : []),
    ...(file && release ? releaseFindings(file, records, signer?.record, release) : []),
    ...records.flatMap((record) => [...recordFindings(record), ...certificateFindings(record, at)]),
  ]
}

function ending(problems: readonly CtlProblem[]): Pick<CtlVerdict, 'verdict' | 'problem' | 'problems'> {
  const [problem] = problems
  return problem === undefined ? { verdict: 'valid', problems } : { verdict: 'invalid', problem, problems }
}
