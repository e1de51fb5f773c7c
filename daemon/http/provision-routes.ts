/** What writes onto a token: keys and certificates, for tokens that Cisco did not make. */
import { jsonRoute, type Route } from './route.js'
import type { RouteParts } from './route-parts.js'
import { issuedCertificateRequestSchema, newKeyRequestSchema } from './schemas/token-schemas.js'
import { tokenJson } from './token-json.js'

const problems = [
  'TOKEN_UNKNOWN',
  'TOKEN_REMOVED',
  'TOKEN_IN_USE',
  'TOKEN_NOT_OURS',
  'PIN_LENGTH',
  'PIN_WRONG',
  'PIN_LOCKED',
  'PIN_FINAL_TRY',
  'PIN_KNOWN_WRONG',
  'PIN_UNKNOWN_OUTCOME',
  'KEY_UNUSABLE',
  'DEADLINE_EXCEEDED',
  'MODULE_HOST_DIED',
  'AUDIT_NOT_WRITABLE',
  'STORE_UNUSABLE',
] as const

export function provisionRoutes({ provisioning }: RouteParts): Route[] {
  return [
    jsonRoute('NewKeyRequest', newKeyRequestSchema, {
      method: 'post',
      path: '/v1/tokens/{serial}/keys',
      id: 'makeKey',
      summary: 'Make a key on the token, with a self-signed certificate or a request for one',
      description:
        'The private key never leaves the token. Refused for tokens of Cisco’s. One call is at most one try of the PIN.',
      scope: 'admin',
      answers: [{ type: 'application/json', schema: 'NewKey' }],
      problems,
      handle: async ({ caller, params, body }) => {
        const { token, keyId, der } = await provisioning.makeKey(caller, params.serial ?? '', body)
        return { json: { token: tokenJson(token), keyId, der: Buffer.from(der).toString('base64') } }
      },
    }),
    jsonRoute('IssuedCertificateRequest', issuedCertificateRequestSchema, {
      method: 'post',
      path: '/v1/tokens/{serial}/certificates',
      id: 'writeCertificate',
      summary: 'Write a certificate that an authority issued for a key of the token',
      scope: 'admin',
      answers: [{ type: 'application/json', schema: 'Token' }],
      problems: [...problems, 'CTL_CERTIFICATE_NOT_DER'],
      handle: async ({ caller, params, body }) => {
        const request = { ...body, certificate: Buffer.from(body.certificate, 'base64') }
        return { json: tokenJson(await provisioning.writeCertificate(caller, params.serial ?? '', request)) }
      },
    }),
  ]
}
