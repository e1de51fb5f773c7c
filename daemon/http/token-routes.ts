/** `/v1/tokens…` */
import { BridgeError } from '../bridge-error.js'
import type { TokenView } from '../tokens/token-view.js'
import { moduleJson } from './module-json.js'
import { limitTries, pinTryProblems } from './pin-try.js'
import { jsonRoute, plainRoute, type Reply, type Route } from './route.js'
import type { RouteParts } from './route-parts.js'
import { changePinRequestSchema, unlockRequestSchema } from './schemas/token-schemas.js'
import { certificateJson, tokenJson } from './token-json.js'

export function tokenRoutes({ tokens, unlockLimit }: RouteParts): Route[] {
  const get = (serial = ''): TokenView => tokens.get(serial)
  const list = (): Reply => ({
    json: { tokens: tokens.list().map(tokenJson), modules: tokens.modules().map(moduleJson) },
  })
  return [
    plainRoute({
      method: 'get',
      path: '/v1/tokens',
      id: 'listTokens',
      summary: 'Tokens that are plugged in or were seen, and the modules that show them',
      scope: 'read',
      answers: [{ type: 'application/json', schema: 'TokenList' }],
      problems: [],
      handle: list,
    }),
    plainRoute({
      method: 'post',
      path: '/v1/tokens/rescan',
      id: 'rescanTokens',
      summary: 'Look at every library now, those too that are parked, and list what they show',
      description:
        'Tokens that come and go are noticed without it. It is for a library that was mended, or one that nothing hints about.',
      scope: 'sign',
      answers: [{ type: 'application/json', schema: 'TokenList' }],
      problems: [],
      handle: async () => {
        await tokens.rescan()
        return list()
      },
    }),
    plainRoute({
      method: 'post',
      path: '/v1/tokens/{serial}/forget',
      id: 'forgetToken',
      summary: 'Take a token that is not plugged in off the list, and list the others',
      description:
        'Its certificates go with it; keep them first where a CTL or an upload needs them. Wrong tries of its PIN stay on record for when it comes back.',
      scope: 'operate',
      answers: [{ type: 'application/json', schema: 'TokenList' }],
      problems: ['TOKEN_UNKNOWN', 'TOKEN_PRESENT', 'AUDIT_NOT_WRITABLE', 'STORE_UNUSABLE'],
      handle: async ({ caller, params }) => {
        await tokens.forget(caller, params.serial ?? '')
        return list()
      },
    }),
    plainRoute({
      method: 'get',
      path: '/v1/tokens/{serial}',
      id: 'getToken',
      summary: 'One token',
      scope: 'read',
      answers: [{ type: 'application/json', schema: 'Token' }],
      problems: ['TOKEN_UNKNOWN'],
      handle: ({ params }) => ({ json: tokenJson(get(params.serial)) }),
    }),
    plainRoute({
      method: 'get',
      path: '/v1/tokens/{serial}/certificates/{sha256}',
      id: 'getCertificate',
      summary: 'One certificate as JSON, DER or PEM, as Accept says',
      scope: 'read',
      answers: [
        { type: 'application/json', schema: 'TokenCertificate' },
        { type: 'application/pkix-cert' },
        { type: 'application/x-pem-file' },
      ],
      problems: ['TOKEN_UNKNOWN', 'CERTIFICATE_UNKNOWN'],
      handle: ({ params, accepted }) => certificateReply(get(params.serial), params.sha256 ?? '', accepted),
    }),
    jsonRoute('UnlockRequest', unlockRequestSchema, {
      method: 'post',
      path: '/v1/tokens/{serial}/unlock',
      id: 'unlockToken',
      summary: 'Log in with the PIN and get a lease',
      description: 'One call is at most one try of the PIN. It is never repeated by the daemon.',
      scope: 'sign',
      answers: [{ type: 'application/json', schema: 'Token' }],
      problems: [...pinTryProblems, 'LEASE_LIMITS'],
      handle: async ({ caller, params, body }) => {
        const { serial } = get(params.serial)
        const token = await limitTries(unlockLimit, serial, () => tokens.unlock(caller, serial, body))
        // A lease that nobody knows of is one that nobody ends.
        return { json: tokenJson(caller.hasLeft?.() ? await tokens.lock(caller, serial) : token) }
      },
    }),
    jsonRoute('ChangePinRequest', changePinRequestSchema, {
      method: 'post',
      path: '/v1/tokens/{serial}/pin',
      id: 'changePin',
      summary: 'Change the PIN',
      description:
        'One call is at most one try of the old PIN. A lease of the caller ends. PINs that failed before are possible again.',
      scope: 'sign',
      answers: [{ type: 'application/json', schema: 'Token' }],
      problems: pinTryProblems,
      handle: async ({ caller, params, body }) => {
        const { serial } = get(params.serial)
        const change = () => tokens.changePin(caller, serial, body)
        return { json: tokenJson(await limitTries(unlockLimit, serial, change)) }
      },
    }),
    plainRoute({
      method: 'post',
      path: '/v1/tokens/{serial}/lock',
      id: 'lockToken',
      summary: 'End the lease and log out',
      scope: 'sign',
      answers: [{ type: 'application/json', schema: 'Token' }],
      problems: ['TOKEN_UNKNOWN', 'TOKEN_IN_USE', 'AUDIT_NOT_WRITABLE'],
      handle: async ({ caller, params }) => ({
        json: tokenJson(await tokens.lock(caller, params.serial ?? '')),
      }),
    }),
  ]
}

function certificateReply(token: TokenView, sha256: string, accepted: string): Reply {
  const found = token.certificates.find((certificate) => certificate.sha256 === sha256.toLowerCase())
  if (found === undefined) {
    throw new BridgeError('CERTIFICATE_UNKNOWN', `Token ${token.serial} has no such certificate.`, {
      token: token.serial,
      certificate: sha256.slice(0, 64),
    })
  }
  const headers = { ETag: `"${found.sha256}"` }
  if (accepted === 'application/pkix-cert') return { bytes: found.der, type: accepted, headers }
  if (accepted === 'application/x-pem-file') {
    return { bytes: Buffer.from(pemOf(found.der)), type: accepted, headers }
  }
  return { json: certificateJson(found), headers }
}

/** RFC 7468. Whatever the token calls a certificate can be looked at, readable or not. */
function pemOf(der: Uint8Array): string {
  const lines =
    Buffer.from(der)
      .toString('base64')
      .match(/.{1,64}/g) ?? []
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n')
}
