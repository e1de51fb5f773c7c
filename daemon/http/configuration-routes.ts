/** `/v1/configuration/…`: configuration files with the header of a CTL, `.sgn`. */
import { BridgeError } from '../bridge-error.js'
import { sgnLayoutNames } from '../ctl/compose-sgn.js'
import { signConfiguration } from '../signing/sign-configuration.js'
import { describeSgnFile } from '../trust/sgn/describe-sgn-file.js'
import { showSgnText } from '../trust/sgn/show-sgn-text.js'
import { verifySgnFile } from '../trust/sgn/verify-sgn-file.js'
import { fileReply } from './file-reply.js'
import { oncePerKey } from './idempotency.js'
import { fileRoute, jsonRoute, type Route } from './route.js'
import type { RouteParts } from './route-parts.js'
import {
  type VerifyConfigurationRequest,
  verifyConfigurationRequestSchema,
} from './schemas/configuration-schemas.js'
import { signProblems } from './sign-problems.js'

/** MAX_SGN_BYTES of daemon/ctl. */
const SGN_LIMIT = '10mb'
/** Its base64, a CTL's, and room for the rest. */
const SGN_JSON_LIMIT = '16mb'

const digests = ['sha1', 'sha256', 'sha512'] as const

export function configurationRoutes(parts: RouteParts): Route[] {
  const { idempotency, now } = parts
  return [
    fileRoute({
      method: 'post',
      path: '/v1/configuration/inspect',
      id: 'inspectConfiguration',
      summary: 'What is in the header of a signed configuration file, and the hashes of its payload',
      scope: 'read',
      limit: SGN_LIMIT,
      query: { name: { required: false, description: 'What the file is called' } },
      answers: [{ type: 'application/json', schema: 'ConfigurationDescription' }, { type: 'text/plain' }],
      problems: ['CTL_TRUNCATED', 'CTL_LENGTH_LIES', 'CTL_FIELD_MISPLACED'],
      handle: ({ body, query, accepted }) => {
        if (accepted === 'text/plain') return { text: showSgnText(body, query.name) }
        return { json: describeSgnFile(body, query.name) }
      },
    }),
    jsonRoute('VerifyConfigurationRequest', verifyConfigurationRequestSchema, {
      method: 'post',
      path: '/v1/configuration/verify',
      id: 'verifyConfiguration',
      summary: 'Whether a certificate, or one that a CTL or ITL lets sign, signed a configuration file',
      description:
        'A file that does not verify is an answer (`invalid`, with its problem), not a failed request.',
      scope: 'read',
      limit: SGN_JSON_LIMIT,
      answers: [{ type: 'application/json', schema: 'ConfigurationVerdict' }],
      problems: [],
      handle: ({ body }) => ({ json: verify(body, now()) }),
    }),
    fileRoute({
      method: 'post',
      path: '/v1/configuration/sign',
      id: 'signConfiguration',
      summary: 'Sign a configuration file with an unlocked token',
      description:
        'The body is the file without a header. The answer is the header and the file; it verified before it left. Send Idempotency-Key to get the same answer again after a lost one.',
      scope: 'sign',
      limit: SGN_LIMIT,
      query: {
        token: { required: true, description: 'Serial of the unlocked token' },
        name: { required: true, description: 'What FILENAME says: SEP001122334455.cnf.xml.sgn' },
        certificate: {
          required: false,
          description: 'SHA-256 of the certificate; may be left out when one may sign',
        },
        digest: { required: false, description: `${digests.join(', ')}; sha1 if left out` },
        layout: { required: false, description: `${sgnLayoutNames.join(', ')}; certutils if left out` },
      },
      answers: [{ type: 'application/octet-stream' }],
      problems: [
        'SGN_NAME_WRONG',
        'SGN_PAYLOAD_REFUSED',
        'SGN_ENCRYPTED',
        'CERTIFICATE_UNKNOWN',
        ...signProblems,
      ],
      handle: ({ caller, query, headers, body }) => {
        const fileName = query.name ?? ''
        const request = {
          token: query.token ?? '',
          certificate: query.certificate,
          fileName,
          digest: oneOf('digest', query.digest ?? 'sha1', digests),
          layout: oneOf('layout', query.layout ?? 'certutils', sgnLayoutNames),
        }
        return oncePerKey(
          idempotency,
          { caller, headers },
          ['configuration', JSON.stringify(request), body],
          async () => {
            const timestamp = Math.floor(now().getTime() / 1000)
            return fileReply(
              await signConfiguration(parts, caller, { ...request, timestamp, payload: body }),
              fileName,
            )
          },
        )
      },
    }),
  ]
}

function verify(body: VerifyConfigurationRequest, at: Date) {
  const bytes = (text: string): Uint8Array => Buffer.from(text, 'base64')
  const against =
    'certificate' in body ? { certificate: bytes(body.certificate) } : { trust: bytes(body.trust) }
  return verifySgnFile(bytes(body.file), against, {
    at,
    ...(body.name !== undefined && { name: body.name }),
  })
}

function oneOf<Name extends string>(what: string, text: string, names: readonly Name[]): Name {
  const found = names.find((name) => name === text)
  if (found !== undefined) return found
  throw new BridgeError('BODY_INVALID', `${what} is one of ${names.join(', ')}.`, { pointer: what })
}
