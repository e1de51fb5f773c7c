/** Why TLS did not come about, as a problem that names what would help. Pure. */
import { BridgeError } from '../../bridge-error.js'
import { systemReason } from '../files/node-error.js'
import type { TlsTarget } from './tls-trust.js'

export function handshakeProblem(error: unknown, { trust, port }: TlsTarget): BridgeError {
  const code = (error as NodeJS.ErrnoException).code ?? ''
  const fail = (detail: string) => new BridgeError('NODE_ANSWER_WRONG', detail, { node: trust.node })
  if (isAboutProtocol(code)) {
    return fail(
      `The node speaks no TLS that the settings allow: tls.oldest is "${trust.oldest}". Releases before 11.5 need tls.oldest = "TLSv1".`,
    )
  }
  if (isAboutStrength(code)) {
    return fail(
      `TLS does not come about because of what the node offers (${code}). ${advice(trust.weakKeys)}`,
    )
  }
  if (
    /^ERR_SSL_(WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG|HTTP_REQUEST|RECORD_LAYER_FAILURE)$/.test(code)
  ) {
    return fail(`What listens at port ${port} speaks no TLS.`)
  }
  if (/^(ERR_SSL|ERR_TLS|ERR_OSSL|ERR_CRYPTO|EPROTO$)/.test(code))
    return fail(`TLS does not come about (${code}).`)
  if (code === 'ECONNRESET') return fail('The node ended the connection before TLS came about.')
  return new BridgeError('NODE_UNREACHABLE', systemReason(error), { node: trust.node })
}

/** The alert of RFC 5246 §7.2.2 for versions, or a version below the oldest in the node's answer. */
const isAboutProtocol = (code: string): boolean =>
  /^ERR_SSL_(UNSUPPORTED_PROTOCOL|NO_PROTOCOLS_AVAILABLE|TLSV1_ALERT_PROTOCOL_VERSION|SSLV3_ALERT_UNSUPPORTED_PROTOCOL|VERSION_TOO_LOW)$/.test(
    code,
  )

/** Keys, groups, digests and renegotiation (RFC 5746) that OpenSSL takes at security level 0 only. */
const isAboutStrength = (code: string): boolean =>
  /KEY_TOO_SMALL|MD_TOO_WEAK|DIGEST_TOO|HANDSHAKE_FAILURE|INSUFFICIENT_SECURITY|NO_SHARED|NO_SUITABLE_SIGNATURE|WRONG_SIGNATURE_TYPE|LEGACY_RENEGOTIATION|LEGACY_SIGALG|BAD_ECPOINT|ALERT_ILLEGAL_PARAMETER/.test(
    code,
  )

const advice = (weakKeys: boolean): string =>
  weakKeys
    ? 'tls.weak_keys is on already; tls.oldest = "TLSv1" may help.'
    : 'Old releases have small keys and SHA-1: tls.weak_keys = true in the cluster’s settings allows them.'
