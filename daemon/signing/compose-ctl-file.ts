/** Composes an unsigned CTL from a request that names tokens by serial: their certificates are filled in here. */
import { SAST } from '../ctl/tags.js'
import type { TokenView } from '../tokens/token-view.js'
import type { CertificateHolder } from '../trust/certificate/certificate-fields.js'
import { type Composition, type CompositionRequest, compose } from '../trust/compose/composition.js'
import type { WantedRecord } from '../trust/compose/wanted-record.js'
import { tokenCertificate } from './token-certificate.js'

/** A certificate by token (and fingerprint, where a token has several), or as DER. */
export type CertificateSource =
  | { readonly token: string; readonly certificate?: string | undefined }
  | { readonly der: Uint8Array }

interface Address {
  /** Replaces DNSNAME. */
  readonly host?: string | undefined
  /** Dotted IPv4. */
  readonly ipAddress?: string | undefined
}

export type ComposeRecordRequest =
  | ({
      readonly from: 'base'
      readonly record: number
      readonly layout: 'own' | 'profile'
      /** In place of the record's certificate. */
      readonly replacement?: CertificateSource | undefined
    } & Address)
  | ({ readonly from: 'token'; readonly source: CertificateSource } & Address)
  | ({
      readonly from: 'certificate'
      readonly source: CertificateSource
      readonly function: number
      readonly holder: CertificateHolder
    } & Address)
  | { readonly from: 'stub'; readonly function: number; readonly host: string; readonly ipAddress: string }

export interface ComposeCtlFileRequest extends Omit<CompositionRequest, 'signer' | 'records'> {
  readonly signer?: CertificateSource | { readonly base: number } | undefined
  readonly records: readonly ComposeRecordRequest[]
}

/** What composing needs of `daemon/tokens`. A token that is remembered and not plugged in will do. */
export interface KnownTokens {
  get(serial: string): TokenView
}

/** `at`: the time that validity is judged by. Throws CTL_…, TOKEN_UNKNOWN or CERTIFICATE_UNKNOWN. */
export function composeCtlFile(tokens: KnownTokens, request: ComposeCtlFileRequest, at: Date): Composition {
  const { signer, records, ...rest } = request
  return compose(
    {
      ...rest,
      ...(signer && { signer: 'base' in signer ? signer : certificateOf(tokens, signer) }),
      records: records.map((record) => toTrust(tokens, record)),
    },
    at,
  )
}

function toTrust(tokens: KnownTokens, record: ComposeRecordRequest): WantedRecord {
  switch (record.from) {
    case 'base':
      return {
        base: record.record,
        layout: record.layout,
        ...(record.replacement && { replacement: certificateOf(tokens, record.replacement) }),
        ...address(record),
      }
    case 'token':
      return {
        certificate: certificateOf(tokens, record.source),
        kind: 'token',
        function: SAST,
        ...address(record),
      }
    case 'certificate':
      return {
        certificate: certificateOf(tokens, record.source),
        kind: record.holder,
        function: record.function,
        ...address(record),
      }
    case 'stub':
      return {
        stub: { function: record.function, dnsName: record.host, ipAddress: ipBytes(record.ipAddress) },
      }
  }
}

function address({ host, ipAddress }: Address): { dnsName?: string; ipAddress?: Uint8Array } {
  return {
    ...(host === undefined ? {} : { dnsName: host }),
    ...(ipAddress === undefined ? {} : { ipAddress: ipBytes(ipAddress) }),
  }
}

const ipBytes = (text: string): Uint8Array => Uint8Array.from(text.split('.').map(Number))

function certificateOf(tokens: KnownTokens, source: CertificateSource): Uint8Array {
  if ('der' in source) return source.der
  return tokenCertificate(tokens.get(source.token), source.certificate).der
}
