/** Bytes that a node served → what is worth telling of them. Pure. */
import { createHash } from 'node:crypto'
import { type CtlFile, decodeCtlFile } from '../../ctl/ctl-file.js'
import { timestampOf } from '../../ctl/header-fields.js'
import { certificateOf, functionOf } from '../../ctl/record-fields.js'
import { SAST } from '../../ctl/tags.js'
import { identityOf } from '../../trust/certificate/certificate.js'
import { readCertificateParts } from '../../trust/certificate/certificate-parts.js'
import { type ReleaseRules, type SastHolder, sastHolders } from '../../trust/verify/sast-by-release.js'
import type { CtlVerdict } from '../../trust/verify/verdict.js'
import { verifyCtlFile } from '../../trust/verify/verify-ctl-file.js'
import type { FileSigner, ObservedFile, ServedFile } from './observation.js'

/** A certificate of a SAST record. */
export interface ListedSast {
  readonly der: Uint8Array
  readonly sha256: string
  readonly subject: string
  readonly holder: SastHolder
}

export interface ReadFile {
  readonly facts: ServedFile
  /** Each certificate once; none of an ITL, and none of a file that cannot be read. */
  readonly sasts: readonly ListedSast[]
}

export interface ReadingOptions {
  readonly at: Date
  /** Of an Asterisk cluster it is not known which keys are on tokens: neither mode nor holders are guessed. */
  readonly clusterKind: 'cucm' | 'asterisk'
  readonly release?: ReleaseRules
  /** Certificates of the cluster's servers that its ITLs show: a CTL whose servers are stubs names none. */
  readonly servers?: readonly Uint8Array[]
  /** Serial of the token known here that holds a certificate, by its SHA-256. */
  readonly tokenOf: (certificateSha256: string) => string | undefined
}

const CCM = 1
const CCM_AND_TFTP = 2

/** Never throws: what is wrong with the file is told in the facts. */
export function readServedFile(bytes: Uint8Array, kind: ObservedFile, options: ReadingOptions): ReadFile {
  const { at, clusterKind, release, servers, tokenOf } = options
  const isCucm = clusterKind === 'cucm'
  const verdict = verifyCtlFile(bytes, { at, ...(release && kind === 'ctl' && { release }) })
  const hash = (algorithm: string) => createHash(algorithm).update(bytes).digest('hex')
  const file = decoded(bytes)
  const sasts = file === undefined || kind === 'itl' ? [] : listedSasts(file, servers)
  const timestamp = file && timestampOf(file)
  const signer = signerOf(verdict, isCucm ? sasts : [], tokenOf)
  const facts: ServedFile = {
    kind,
    size: bytes.length,
    md5: hash('md5'),
    sha1: hash('sha1'),
    sha256: hash('sha256'),
    verified: verdict.verdict === 'valid',
    ...(verdict.problem && { problem: { code: verdict.problem.code, detail: verdict.problem.detail } }),
    ...(timestamp !== undefined && { timestamp: new Date(timestamp * 1000).toISOString() }),
    ...(signer && { signer }),
    ...(file && kind === 'ctl' && isCucm && { mode: modeOf(sasts), servers: serversOf(file) }),
    warnings: warningsOf(verdict),
  }
  return { facts, sasts }
}

function decoded(bytes: Uint8Array): CtlFile | undefined {
  try {
    return decodeCtlFile(bytes)
  } catch {
    return undefined
  }
}

function listedSasts(file: CtlFile, servers: readonly Uint8Array[] | undefined): ListedSast[] {
  const holderOf = sastHolders(file, servers)
  const found = new Map<string, ListedSast>()
  for (const record of file.records) {
    const der = certificateOf(record)
    if (functionOf(record) !== SAST || der === undefined) continue
    try {
      const parts = readCertificateParts(der)
      const { sha256, subject } = identityOf(parts)
      found.set(sha256, { der, sha256, subject, holder: holderOf(record, parts) })
    } catch {
      // The verdict on the file says that this certificate cannot be read.
    }
  }
  return [...found.values()]
}

const modeOf = (sasts: readonly ListedSast[]) =>
  sasts.some(({ holder }) => holder === 'token') ? 'token' : 'tokenless'

/** TAC 118893: the file of a non-secure cluster names its servers without certificates. */
function serversOf(file: CtlFile): NonNullable<ServedFile['servers']> {
  const servers = file.records.filter((record) => [CCM, CCM_AND_TFTP].includes(functionOf(record)))
  if (servers.length === 0) return 'none'
  return servers.some((record) => certificateOf(record) !== undefined) ? 'secure' : 'non-secure'
}

function signerOf(
  { signer }: CtlVerdict,
  sasts: readonly ListedSast[],
  tokenOf: ReadingOptions['tokenOf'],
): FileSigner | undefined {
  if (signer === undefined) return undefined
  const { subject, issuer, serial, certificateSha256 } = signer
  const holder = sasts.find(({ sha256 }) => sha256 === certificateSha256)?.holder
  const token = tokenOf(certificateSha256)
  return {
    subject,
    issuer,
    serial,
    certificateSha256,
    ...(holder && { holder }),
    ...(token !== undefined && { token }),
  }
}

const warningsOf = ({ findings }: CtlVerdict): ServedFile['warnings'] =>
  findings
    .filter(({ severity }) => severity === 'warning')
    .map(({ code, detail, record }) => ({ code, detail, ...(record !== undefined && { record }) }))
