/** `/v1/ctl/…` */
import { CtlError } from '../ctl/ctl-error.js'
import type { SignedCtl } from '../ctl/to-be-signed.js'
import type { Caller } from '../principal.js'
import type { SignCtlRequest } from '../signing/sign-ctl-file.js'
import { type CertificateParts, readCertificateParts } from '../trust/certificate/certificate-parts.js'
import { describeDiff } from '../trust/diff/describe-diff.js'
import { describeCtlFile } from '../trust/show/describe-ctl-file.js'
import { showCtlText } from '../trust/show/show-ctl-text.js'
import { showLongText } from '../trust/show/show-long-text.js'
import { verifyCtlFile } from '../trust/verify/verify-ctl-file.js'
import { reportVerdict } from '../verdict-report.js'
import { composeRoute } from './compose-route.js'
import { ctlReply } from './file-reply.js'
import { oncePerKey } from './idempotency.js'
import { readQuery } from './read-query.js'
import { fileOrJsonRoute, fileRoute, jsonRoute, type Route } from './route.js'
import type { RouteParts } from './route-parts.js'
import {
  diffRequestSchema,
  inspectQuerySchema,
  verifyQuerySchema,
  verifyRequestSchema,
} from './schemas/ctl-schemas.js'
import { signProblems } from './sign-problems.js'

type SignUseCase = (caller: Caller, request: SignCtlRequest) => Promise<SignedCtl>

export function ctlRoutes(parts: RouteParts, sign: SignUseCase): Route[] {
  const { idempotency, now } = parts
  return [
    fileRoute({
      method: 'post',
      path: '/v1/ctl/inspect',
      id: 'inspectCtl',
      summary: 'What is in a CTL or ITL: JSON, or the text of `show ctl`',
      scope: 'read',
      description:
        'The JSON always has everything; `long` adds to the text what `show ctl` leaves out. `zone` is the time zone of its date.',
      query: {
        long: { required: false, description: 'Empty, `true` or `false`' },
        zone: { required: false, description: 'For example Europe/Warsaw; UTC, if left out' },
      },
      answers: [{ type: 'application/json', schema: 'CtlDescription' }, { type: 'text/plain' }],
      problems: ['BODY_INVALID', 'CTL_TRUNCATED', 'CTL_LENGTH_LIES', 'CTL_CONTAINER_WRONG', 'BODY_TOO_LARGE'],
      handle: ({ body, query, accepted }) => {
        const { long, zone } = readQuery(inspectQuerySchema, query)
        const description = describeCtlFile(body)
        if (accepted !== 'text/plain') return { json: description }
        const options = zone === undefined ? {} : { timeZone: zone }
        return { text: long ? showLongText(body, options) : showCtlText(body, options) }
      },
    }),
    fileOrJsonRoute('VerifyRequest', verifyRequestSchema, {
      method: 'post',
      path: '/v1/ctl/verify',
      id: 'verifyCtl',
      summary: 'Whether signature and records hold, and what is worth knowing',
      description:
        'A file that does not verify is an answer (`invalid`, with its problem), not a failed request. As JSON the file can come with the certificates that are trusted as issuers. docs/findings.md lists the findings.',
      scope: 'read',
      query: {
        at: { required: false, description: 'Judge certificates at this time (ISO 8601). Now, if left out' },
        release: {
          required: false,
          description: 'CUCM release, for example 10.5(2): its SAST records, signer and roles are expected',
        },
        strict: { required: false, description: '`true`: a file with warnings has not `passed`' },
      },
      answers: [{ type: 'application/json', schema: 'CtlVerdict' }],
      problems: ['BODY_TOO_LARGE', 'CTL_CERTIFICATE_NOT_DER'],
      handle: ({ body, query }) => {
        const { at = now(), release, strict } = readQuery(verifyQuerySchema, query)
        const isFile = body instanceof Uint8Array
        const roots = isFile ? undefined : body.roots?.map(readRoot)
        const verdict = verifyCtlFile(isFile ? body : der(body.file), {
          at,
          ...(release && { release }),
          ...(roots && { roots }),
        })
        return { json: reportVerdict(verdict, { strict }) }
      },
    }),
    jsonRoute('DiffRequest', diffRequestSchema, {
      method: 'post',
      path: '/v1/ctl/diff',
      id: 'diffCtl',
      summary: 'What changes from one CTL or ITL to another: signer, records, fields, order',
      description: 'Neither file is verified.',
      scope: 'read',
      answers: [{ type: 'application/json', schema: 'CtlDiff' }],
      problems: ['CTL_TRUNCATED', 'CTL_LENGTH_LIES', 'CTL_CONTAINER_WRONG', 'BODY_TOO_LARGE'],
      handle: ({ body }) => ({ json: describeDiff(der(body.old), der(body.new)) }),
    }),
    composeRoute(parts),
    fileRoute({
      method: 'post',
      path: '/v1/ctl/sign',
      id: 'signCtl',
      summary: 'Sign a composed CTL with an unlocked token',
      description:
        'The file must name a certificate of the token as its signer. The answer verified before it left. Send Idempotency-Key to get the same answer again after a lost one.',
      scope: 'sign',
      query: { token: { required: true, description: 'Serial of the unlocked token' } },
      answers: [{ type: 'application/octet-stream' }],
      problems: ['SIGNER_NOT_ON_TOKEN', ...signProblems],
      handle: (request) => {
        const token = request.query.token ?? ''
        return oncePerKey(idempotency, request, [token, request.body], async () =>
          ctlReply(await sign(request.caller, { token, file: request.body })),
        )
      },
    }),
  ]
}

/** Of a certificate or a file. */
const der = (text: string): Uint8Array => Buffer.from(text, 'base64')

function readRoot(text: string, index: number): CertificateParts {
  try {
    return readCertificateParts(der(text))
  } catch (error) {
    if (!(error instanceof CtlError)) throw error
    throw new CtlError(error.code, `roots/${index}: ${error.message}`)
  }
}
