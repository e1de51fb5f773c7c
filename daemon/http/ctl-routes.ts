/** `/v1/ctl/…` */
import { createHash } from 'node:crypto'
import { BridgeError } from '../bridge-error.js'
import type { SignedCtl } from '../ctl/to-be-signed.js'
import type { Caller } from '../principal.js'
import { type ComposeCtlFileRequest, composeCtlFile } from '../signing/compose-ctl-file.js'
import type { SignCtlRequest } from '../signing/sign-ctl-file.js'
import { describeCtlFile } from '../trust/describe-ctl-file.js'
import { showCtlText } from '../trust/show-ctl-text.js'
import { showLongText } from '../trust/show-long-text.js'
import { verifyCtlFile } from '../trust/verify-ctl-file.js'
import { fileRoute, jsonRoute, type Reply, type Route } from './route.js'
import type { RouteParts } from './route-parts.js'
import { type ComposeRequest, composeRequestSchema } from './schemas/ctl-schemas.js'

type SignUseCase = (caller: Caller, request: SignCtlRequest) => Promise<SignedCtl>

export function ctlRoutes({ tokens, idempotency, now }: RouteParts, sign: SignUseCase): Route[] {
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
        const isLong = isSwitchedOn(query, 'long')
        const description = describeCtlFile(body)
        if (accepted !== 'text/plain') return { json: description }
        const options = query.zone === undefined ? {} : { timeZone: query.zone }
        return { text: isLong ? showLongText(body, options) : showCtlText(body, options) }
      },
    }),
    fileRoute({
      method: 'post',
      path: '/v1/ctl/verify',
      id: 'verifyCtl',
      summary: 'Whether signature and records hold, and what is worth knowing',
      description:
        'A file that does not verify is an answer (`invalid`, with its problem), not a failed request.',
      scope: 'read',
      answers: [{ type: 'application/json', schema: 'CtlVerdict' }],
      problems: ['BODY_TOO_LARGE'],
      handle: ({ body }) => ({ json: verifyCtlFile(body, { at: now() }) }),
    }),
    jsonRoute('ComposeRequest', composeRequestSchema, {
      method: 'post',
      path: '/v1/ctl/compose',
      id: 'composeCtl',
      summary: 'A new CTL, complete but unsigned, from records of a file, tokens and certificates',
      description: 'The signature of the answer is all zero bytes until `/v1/ctl/sign` fills it in.',
      scope: 'read',
      answers: [{ type: 'application/octet-stream' }],
      problems: [
        'TOKEN_UNKNOWN',
        'CERTIFICATE_UNKNOWN',
        'CTL_SIGNER_MISSING',
        'CTL_SIGNER_KEY_UNSUPPORTED',
        'CTL_SERVER_ADDRESS_NEEDED',
        'CTL_CERTIFICATE_NOT_DER',
      ],
      handle: ({ body }) => fileReply(composeCtlFile(tokens, composition(body, now))),
    }),
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
      problems: [
        'TOKEN_UNKNOWN',
        'TOKEN_LOCKED',
        'TOKEN_REMOVED',
        'TOKEN_IN_USE',
        'KEY_UNUSABLE',
        'SIGNER_NOT_ON_TOKEN',
        'SIGNATURE_WRONG',
        'DEADLINE_EXCEEDED',
        'AUDIT_NOT_WRITABLE',
        'IDEMPOTENCY_KEY_REUSED',
      ],
      handle: ({ caller, query, headers, body }) => {
        const token = query.token ?? ''
        const key = headers['idempotency-key']
        return idempotency.once(
          caller.principal.keyId,
          typeof key === 'string' ? key : undefined,
          [token, body],
          async () => fileReply(await sign(caller, { token, file: body })),
        )
      },
    }),
  ]
}

/** A query parameter that is a switch: `?long`, `?long=true`. Throws BODY_INVALID. */
function isSwitchedOn(query: Readonly<Record<string, string>>, name: string): boolean {
  const value = query[name] ?? 'false'
  if (value === '' || value === 'true') return true
  if (value === 'false') return false
  throw new BridgeError('BODY_INVALID', `Query parameter ${name} is true or false.`)
}

function fileReply(bytes: Uint8Array): Reply {
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  return {
    bytes,
    type: 'application/octet-stream',
    headers: { ETag: `"${sha256}"`, 'Content-Disposition': 'attachment; filename="CTLFile.tlv"' },
  }
}

const der = (text: string): Uint8Array => Buffer.from(text, 'base64')

function sourceOf(source: { token: string; certificate?: string | undefined } | { certificate: string }) {
  return 'token' in source
    ? { token: source.token, certificate: source.certificate }
    : { der: der(source.certificate) }
}

function composition(body: ComposeRequest, now: () => Date): ComposeCtlFileRequest {
  const at = body.timestamp === undefined ? now() : new Date(body.timestamp)
  return {
    ...(body.base === undefined ? {} : { base: der(body.base) }),
    profile: body.profile,
    digest: body.digest,
    timestamp: Math.floor(at.getTime() / 1000),
    fileName: body.fileName,
    signer: sourceOf(body.signer),
    records: body.records.map((record) => {
      if (record.from === 'token' || record.from === 'certificate')
        return { ...record, source: sourceOf(record) }
      return record
    }),
  }
}
