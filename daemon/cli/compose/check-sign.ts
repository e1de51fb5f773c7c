/** What can be known to be wrong before a PIN is asked for and before a file is written. Pure. */
import type { TokenErrorCode } from '../../../drivers/token.js'
import { BridgeError } from '../../bridge-error.js'
import { takeToBeSigned } from '../../ctl/to-be-signed.js'
import type { LeaseErrorCode } from '../../tokens/lease-error.js'
import type { CtlVerdict } from '../../trust/verify/verdict.js'
import type { StatusAnswer, TokenAnswer } from '../answers.js'

/** The daemon would refuse the same, but only after the PIN was typed or used. */
class TokenRefusal extends Error {
  override readonly name = 'TokenRefusal'
  readonly code: TokenErrorCode | LeaseErrorCode
  readonly place: { readonly token: string; readonly holder?: string }

  constructor(code: TokenRefusal['code'], detail: string, place: TokenRefusal['place']) {
    super(detail)
    this.code = code
    this.place = place
  }
}

/** Throws what the daemon would: SCOPE_MISSING, TOKEN_…, SIGNER_NOT_ON_TOKEN or KEY_UNUSABLE. */
export function checkSign(
  draft: CtlVerdict,
  serial: string,
  tokens: readonly TokenAnswer[],
  key: StatusAnswer['key'],
): void {
  checkSigner(draft.signer?.certificateSha256, checkToken(serial, tokens, key))
}

/** Whether this key may use the token now. Throws SCOPE_MISSING or TOKEN_…. */
export function checkToken(
  serial: string,
  tokens: readonly TokenAnswer[],
  key: StatusAnswer['key'],
): TokenAnswer {
  if (!key.scopes.includes('sign')) {
    throw new BridgeError('SCOPE_MISSING', `The key ${key.name} lacks the scope sign.`, { scope: 'sign' })
  }
  const token = findToken(tokens, serial)
  if (token.state === 'absent') {
    throw new TokenRefusal('TOKEN_REMOVED', `The token ${serial} is not plugged in.`, { token: serial })
  }
  if (token.lease !== null && token.lease.keyId !== key.keyId) {
    const { holder } = token.lease
    const detail = `The token ${serial} is in use by ${holder}.`
    throw new TokenRefusal('TOKEN_IN_USE', detail, { token: serial, holder })
  }
  return token
}

export function findToken(tokens: readonly TokenAnswer[], serial: string): TokenAnswer {
  const found = tokens.find((token) => token.serial === serial)
  if (found !== undefined) return found
  throw new TokenRefusal('TOKEN_UNKNOWN', `The daemon knows no token ${serial}.`, { token: serial })
}

/** Throws SIGNER_NOT_ON_TOKEN or KEY_UNUSABLE. */
export function checkSigner(signer: string | undefined, { serial, certificates }: TokenAnswer): void {
  const certificate = certificates.find(({ sha256 }) => sha256 === signer)
  if (certificate === undefined) {
    throw new BridgeError('SIGNER_NOT_ON_TOKEN', 'The signer named in the file is not on this token.', {
      token: serial,
      ...(signer === undefined ? {} : { certificate: signer }),
    })
  }
  if (certificate.maySign) return
  const why = certificate.whyNot ?? 'no reason is known'
  const detail = `The certificate "${certificate.label}" of the token ${serial} cannot sign: ${why}.`
  throw new TokenRefusal('KEY_UNUSABLE', detail, { token: serial })
}

/** What was shown before the PIN is what was signed, byte by byte; DAEMON_UNREACHABLE when it is another file. */
export function refuseOther(draft: Uint8Array, signed: Uint8Array): void {
  if (Buffer.compare(takeToBeSigned(draft), takeToBeSigned(signed)) === 0) return
  throw new BridgeError('DAEMON_UNREACHABLE', 'The answer is another file than the one to be signed.')
}
