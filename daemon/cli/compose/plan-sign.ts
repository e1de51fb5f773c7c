/** From a file and the tokens to what `sign` asks the daemon to compose. Pure. */
import { isIPv4 } from 'node:net'
import { BridgeError } from '../../bridge-error.js'
import type { RecordProfileName } from '../../ctl/record-profiles.js'
import type { CtlDescription } from '../../trust/show/describe-ctl-file.js'
import type { TokenAnswer } from '../answers.js'
import { findToken } from './check-sign.js'

export interface SignWishes {
  readonly token: string
  readonly withTokens: readonly string[]
  readonly certificate: string | undefined
  readonly dropSast: boolean
  /** `N=ADDRESS`, as typed. */
  readonly servers: readonly string[]
  readonly profile: RecordProfileName | undefined
  readonly digest: 'sha1' | 'sha512'
}

export interface TokenSource {
  readonly token: string
  readonly certificate: string
}

export interface SignPlan {
  readonly profile: RecordProfileName
  readonly digest: 'sha1' | 'sha512'
  readonly fileName: string
  readonly signer: TokenSource
  readonly records: readonly (
    | { readonly from: 'base'; readonly record: number; readonly ipAddress?: string }
    | ({ readonly from: 'token' } & TokenSource)
  )[]
}

const SAST = 0

/**
 * The tokens as SAST records first, the signer at their head, then the records of the file in their
 * order. A record whose certificate is one of the tokens' is replaced by that token's record.
 */
export function planSign(file: CtlDescription, tokens: readonly TokenAnswer[], wishes: SignWishes): SignPlan {
  const sources = [...new Set([wishes.token, ...wishes.withTokens])].map((serial) =>
    tokenSource(tokens, serial, serial === wishes.token ? wishes.certificate : undefined),
  )
  const listed = new Set(sources.map(({ certificate }) => certificate))
  const addresses = readServers(wishes.servers, file.records.length)
  const kept = file.records.filter((record) => {
    if (record.function !== SAST) return true
    return !wishes.dropSast && !listed.has(record.certificate?.sha256 ?? '')
  })
  const [signer] = sources
  if (signer === undefined) throw new BridgeError('USAGE', 'No token was named.')
  return {
    profile: wishes.profile ?? (file.signerVersion === undefined ? 'ctl-client' : 'certutils'),
    digest: wishes.digest,
    fileName: file.fileName ?? 'CTLFile.tlv',
    signer,
    records: [
      ...sources.map((source) => ({ from: 'token' as const, ...source })),
      ...kept.map(({ number }) => {
        const ipAddress = addresses.get(number)
        return { from: 'base' as const, record: number, ...(ipAddress === undefined ? {} : { ipAddress }) }
      }),
    ],
  }
}

/** Which certificate of a token stands in the file. Throws TOKEN_UNKNOWN or CERTIFICATE_UNKNOWN. */
export function tokenSource(
  tokens: readonly TokenAnswer[],
  serial: string,
  certificate: string | undefined,
): TokenSource {
  const found = findToken(tokens, serial)
  const fitting = found.certificates.filter(({ maySign, sha256 }) =>
    certificate === undefined ? maySign : sha256 === certificate.toLowerCase(),
  )
  // A token may hold one certificate twice.
  const [only, another] = fitting.filter(
    ({ sha256 }, index) => fitting.findIndex((other) => other.sha256 === sha256) === index,
  )
  if (only !== undefined && another === undefined) return { token: serial, certificate: only.sha256 }
  if (another !== undefined) {
    const detail = `Token ${serial} has several certificates that may sign; name one with --certificate.`
    throw new BridgeError('CERTIFICATE_UNKNOWN', detail, { token: serial })
  }
  const reasons = found.certificates.map(
    ({ label, whyNot }) => `"${label}": ${whyNot ?? 'not the one asked for'}`,
  )
  const why = reasons.length === 0 ? '' : ` (${reasons.join('; ')})`
  throw new BridgeError(
    'CERTIFICATE_UNKNOWN',
    `Token ${serial} has no such certificate that may sign${why}.`,
    {
      token: serial,
    },
  )
}

function readServers(servers: readonly string[], records: number): Map<number, string> {
  return new Map(
    servers.map((text) => {
      const [, number, address] = /^(\d{1,3})=(\d{1,3}(?:\.\d{1,3}){3})$/.exec(text) ?? []
      const inFile = Number(number) >= 1 && Number(number) <= records
      if (number === undefined || address === undefined || !inFile || !isIPv4(address)) {
        throw new BridgeError(
          'USAGE',
          `--server takes the number of a record and an IPv4 address (2=10.0.0.1), not ${text}.`,
        )
      }
      return [Number(number), address] as const
    }),
  )
}
