/** What writes onto a token: keys and certificates, for tokens that Cisco did not make. */
import { limitTries, pinTryProblems } from './pin-try.js'
import { jsonRoute, type Route } from './route.js'
import type { RouteParts } from './route-parts.js'
import { issuedCertificateRequestSchema, newKeyRequestSchema } from './schemas/token-schemas.js'
import { tokenJson } from './token-json.js'

const problems = [...pinTryProblems, 'TOKEN_NOT_OURS', 'KEY_UNUSABLE'] as const

export function provisionRoutes({ provisioning, unlockLimit }: RouteParts): Route[] {
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
      problems: [...problems, 'KEY_EXISTS', 'SIGNATURE_WRONG'],
      handle: async ({ caller, params, body }) => {
        const { serial = '' } = params
        const make = () => provisioning.makeKey(caller, serial, body)
        const { token, keyId, der } = await limitTries(unlockLimit, serial, make)
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
      problems: [...problems, 'CERTIFICATE_EXISTS', 'CTL_CERTIFICATE_NOT_DER'],
      handle: async ({ caller, params, body }) => {
        const request = { ...body, certificate: Buffer.from(body.certificate, 'base64') }
        const { serial = '' } = params
        const write = () => provisioning.writeCertificate(caller, serial, request)
        return { json: tokenJson(await limitTries(unlockLimit, serial, write)) }
      },
    }),
  ]
}
