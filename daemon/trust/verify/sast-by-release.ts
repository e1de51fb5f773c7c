import type { CtlFile, CtlRecord } from '../../ctl/ctl-field.js'
import { certificateOf } from '../../ctl/record-fields.js'
import type { CertificateParts } from '../certificate/certificate-parts.js'
import { attributeOf, commonName } from '../certificate/distinguished-name.js'
import { serverCertificatesOf } from './server-certificates.js'

/**
 * Who stands as SAST in the CTL of a CUCM release, and who signs. Sources: the CUCM Security Guides 9.1 to
 * 12.5 and TAC 118893. Releases between two rows follow the earlier one, which is inferred.
 */

export type CtlMode = 'token' | 'tokenless'
export type SastHolder = 'token' | 'call-manager' | 'itl-recovery'

export interface SastRule {
  /** In the order of the file; the first one signs. */
  readonly holders: readonly SastHolder[]
}

/** Why a release has no such file. */
export interface NoSuchFile {
  readonly impossible: string
}

export interface ReleaseRules {
  /** The first release of the row: major, minor, maintenance. */
  readonly from: readonly [number, number, number]
  readonly token: SastRule | NoSuchFile
  readonly tokenless: SastRule | NoSuchFile
}

const twoTokens: SastRule = { holders: ['token', 'token'] }
const tokensAndServers: SastRule = { holders: ['token', 'token', 'itl-recovery', 'call-manager'] }
const noTokens: NoSuchFile = {
  // From 14SU3 on the CTL Provider service refuses tokens.
  impossible: 'Cisco does not support token CTLs from CUCM 14 on, and an update may overwrite one.',
}

/** From the earliest row to the latest. */
export const releaseRules: readonly ReleaseRules[] = [
  {
    from: [8, 0, 0],
    token: twoTokens,
    tokenless: { impossible: 'CUCM before 10.0 has no `utils ctl`, so its CTL is always signed by a token.' },
  },
  { from: [10, 0, 0], token: twoTokens, tokenless: { holders: ['call-manager'] } },
  { from: [10, 5, 2], token: twoTokens, tokenless: { holders: ['call-manager', 'itl-recovery'] } },
  { from: [11, 5, 0], token: tokensAndServers, tokenless: { holders: ['call-manager', 'itl-recovery'] } },
  { from: [12, 0, 0], token: tokensAndServers, tokenless: { holders: ['itl-recovery', 'call-manager'] } },
  { from: [14, 0, 0], token: noTokens, tokenless: { holders: ['itl-recovery', 'call-manager'] } },
]

/**
 * `9.1(2)`, `10.5.2`, `11.5(1)SU3`, `12.5.1.11900-146`, `14SU3`: major, minor, maintenance. Undefined for
 * anything else.
 */
export function parseRelease(text: string): readonly [number, number, number] | undefined {
  const match = releaseText.exec(text.trim())
  if (match === null) return undefined
  return [Number(match[1]), Number(match[2] ?? 0), Number(match[3] ?? match[4] ?? 0)]
}

const releaseText =
  /^(\d{1,2})(?:\.(\d{1,2})(?:\.(\d{1,2})|\((\d{1,2})\))?)?(?:\.\d+(?:-\d+)?)?(?:SU\d+[a-z]?)?$/i

/** The row of a release, or undefined for one before 8.0, which is not covered. */
export function rulesOf(release: readonly [number, number, number]): ReleaseRules | undefined {
  return releaseRules.findLast(({ from }) => compare(from, release) <= 0)
}

function compare(one: readonly number[], other: readonly number[]): number {
  const index = one.findIndex((part, place) => part !== other[place])
  return index < 0 ? 0 : (one[index] ?? 0) - (other[index] ?? 0)
}

/**
 * Whose certificate a SAST record holds. CallManager's is the one that a server's record holds too;
 * ITLRecovery's subject begins with that word (inferred); any other is taken for a token's.
 */
export function sastHolder(file: CtlFile, record: CtlRecord, certificate: CertificateParts): SastHolder {
  return sastHolders(file)(record, certificate)
}

/**
 * `sastHolder` for many records of one file. `known`: certificates of servers that the cluster shows elsewhere (its
 * ITL); the file of a non-secure cluster names its servers without certificates (TAC 118893), and tells none itself.
 */
export function sastHolders(
  file: CtlFile,
  known: readonly Uint8Array[] = [],
): (record: CtlRecord, certificate: CertificateParts) => SastHolder {
  const servers = new Set([...serverCertificatesOf(file), ...known].flatMap(keyOf))
  return (record, certificate) => {
    if (servers.has(keyOf(certificateOf(record))[0] ?? '')) return 'call-manager'
    const name = attributeOf(certificate.subjectName, commonName) ?? ''
    return /^ITLRECOVERY/i.test(name) ? 'itl-recovery' : 'token'
  }
}

const keyOf = (der: Uint8Array | undefined): string[] =>
  der === undefined ? [] : [Buffer.from(der).toString('latin1')]
