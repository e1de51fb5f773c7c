/** What plans are made on: the situation, looked at once. Pure. */
import { createHash } from 'node:crypto'
import { decodeCtlFile } from '../../ctl/ctl-file.js'
import { certificateOf, functionOf, ipAddressOf, signerRecordsOf } from '../../ctl/record-fields.js'
import { SAST } from '../../ctl/tags.js'
import { readCertificateParts } from '../../trust/certificate/certificate-parts.js'
import {
  parseRelease,
  type ReleaseRules,
  rulesOf,
  type SastHolder,
  sastHolders,
} from '../../trust/verify/sast-by-release.js'
import { serverCertificates } from '../../trust/verify/server-certificates.js'
import type { KnownToken, NodeSituation, Observed, Situation } from '../situation/situation.js'

export interface ListedSast {
  /** SHA-256 of the certificate. */
  readonly sha256: string
  readonly certificate: Uint8Array
  readonly holder: SastHolder
  readonly isSigner: boolean
}

export interface CurrentFile {
  readonly bytes: Uint8Array
  /** `token` when a token signed it. */
  readonly kind: 'token' | 'tokenless'
  /** Whether its servers stand without certificates, as in a non-secure cluster. */
  readonly isStubs: boolean
  readonly sast: readonly ListedSast[]
}

export interface PlanGround {
  readonly situation: Situation
  readonly releaseText: string | undefined
  readonly rules: ReleaseRules | undefined
  readonly publisher: string | undefined
  /** Names of nodes. */
  readonly tftp: readonly string[]
  readonly tvs: readonly string[]
  readonly callManagers: readonly string[]
  /** Of those with tftp. */
  readonly guided: readonly string[]
  readonly automatic: readonly string[]
  /** What is served now; undefined when no node serves one that can be read. */
  readonly file: CurrentFile | undefined
}

export const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

export function seen<Value>(observed: Observed<Value> | undefined): Value | undefined {
  return observed !== undefined && 'seen' in observed ? observed.seen : undefined
}

export function groundOf(situation: Situation): PlanGround {
  const { nodes } = situation
  const running = (service: NodeSituation['runs'][number]) =>
    nodes.filter(({ runs }) => runs.includes(service))
  const names = (some: readonly NodeSituation[]) => some.map(({ name }) => name)
  const tftp = running('tftp')
  const releaseText = seen(situation.release)
  const release = releaseText === undefined ? undefined : parseRelease(releaseText)
  return {
    situation,
    releaseText,
    rules: release && rulesOf(release),
    publisher: names(running('publisher'))[0],
    tftp: names(tftp),
    tvs: names(running('tvs')),
    callManagers: names(running('callmanager')),
    guided: names(tftp.filter(({ publishing }) => publishing === 'guided')),
    automatic: names(tftp.filter(({ publishing }) => publishing !== 'guided')),
    file: currentFile(tftp),
  }
}

function currentFile(nodes: readonly NodeSituation[]): CurrentFile | undefined {
  const served = nodes.map(({ ctl }) => seen(ctl)).find((bytes) => bytes instanceof Uint8Array)
  return served instanceof Uint8Array ? readCurrentFile(served, serversInItls(nodes)) : undefined
}

/** Undefined for bytes that are no CTL. `servers`: certificates that are known to be of servers. */
export function readCurrentFile(
  bytes: Uint8Array,
  servers: readonly Uint8Array[] = [],
): CurrentFile | undefined {
  try {
    const file = decodeCtlFile(bytes)
    const holderOf = sastHolders(file, servers)
    const signers = signerRecordsOf(file)
    const sast = file.records.flatMap((record, index): ListedSast[] => {
      const certificate = certificateOf(record)
      if (functionOf(record) !== SAST || certificate === undefined) return []
      const holder = holderOf(record, readCertificateParts(certificate))
      return [{ sha256: sha256(certificate), certificate, holder, isSigner: signers.includes(index) }]
    })
    const others = file.records.filter((record) => functionOf(record) !== SAST)
    return {
      bytes,
      kind: sast.some(({ holder }) => holder === 'token') ? 'token' : 'tokenless',
      isStubs: others.length > 0 && others.some((record) => certificateOf(record) === undefined),
      sast,
    }
  } catch {
    return undefined
  }
}

/** A certificate that an ITL lists: the only place where a cluster without a CTL shows those of its servers. */
export interface ItlEntry {
  readonly node: string
  readonly role: number
  readonly certificate: Uint8Array
  readonly sha256: string
  readonly isRecovery: boolean
  /** As the record says it; undefined where it says none. */
  readonly ipAddress: string | undefined
}

export function itlEntries({ situation }: PlanGround): ItlEntry[] {
  return situation.nodes.flatMap(({ name, itl }) => {
    const bytes = seen(itl)
    return bytes instanceof Uint8Array ? entriesOf(name, bytes) : []
  })
}

/** Of the cluster's servers, as their ITLs show them. */
export function serversInItls(nodes: readonly NodeSituation[]): Uint8Array[] {
  return nodes.flatMap(({ itl }) => {
    const bytes = seen(itl)
    return bytes instanceof Uint8Array ? serverCertificates(bytes) : []
  })
}

export function entriesOf(node: string, bytes: Uint8Array): ItlEntry[] {
  try {
    const file = decodeCtlFile(bytes)
    const holderOf = sastHolders(file)
    return file.records.flatMap((record): ItlEntry[] => {
      const certificate = certificateOf(record)
      if (certificate === undefined) return []
      const holder = holderOf(record, readCertificateParts(certificate))
      const role = functionOf(record)
      return [
        {
          node,
          role,
          certificate,
          sha256: sha256(certificate),
          isRecovery: role === SAST && holder === 'itl-recovery',
          ipAddress: noZeros(ipAddressOf(record)),
        },
      ]
    })
  } catch {
    return []
  }
}

const noZeros = (address: string | undefined): string | undefined =>
  address === '0.0.0.0' ? undefined : address

/** The chosen tokens in their order; undefined for one that is not known here. */
export function tokensOf(
  { situation }: PlanGround,
  serials: readonly string[],
): readonly (KnownToken | undefined)[] {
  return serials.map((serial) => situation.tokens.find((token) => token.serial === serial))
}
