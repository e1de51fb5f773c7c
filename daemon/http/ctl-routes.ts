/** `/v1/ctl/…` */
import { createHash } from 'node:crypto'
import { CtlError } from '../ctl/ctl-error.js'
import type { SignedCtl } from '../ctl/to-be-signed.js'
import type { Caller } from '../principal.js'
import { type ComposeCtlFileRequest, composeCtlFile } from '../signing/compose-ctl-file.js'
import type { SignCtlRequest } from '../signing/sign-ctl-file.js'
import { type CertificateParts, readCertificateParts } from '../trust/certificate-parts.js'
import type { Composition } from '../trust/composition.js'
import { describeCtlFile } from '../trust/describe-ctl-file.js'
import { describeDiff } from '../trust/describe-diff.js'
import { showCtlText } from '../trust/show-ctl-text.js'
import { verifyCtlFile } from '../trust/verify-ctl-file.js'
import { reportVerdict } from '../verdict-report.js'
import { fileReply } from './file-reply.js'
import { readQuery } from './read-query.js'
import { fileOrJsonRoute, fileRoute, jsonRoute, type Reply, type Route } from './route.js'
import type { RouteParts } from './route-parts.js'
import {
  type ComposeRequest,
  composeRequestSchema,
  diffRequestSchema,
  verifyQuerySchema,
  verifyRequestSchema,
} from './schemas/ctl-schemas.js'

type SignUseCase = (caller: Caller, request: SignCtlRequest) => Promise<SignedCtl>

export function ctlRoutes({ tokens, idempotency, now }: RouteParts, sign: SignUseCase): Route[] {
  return [
    fileRoute({
      method: 'post',
      path: '/v1/ctl/inspect',
      id: 'inspectCtl',
      summary: 'What is in a CTL or ITL: JSON, or the text of `show ctl`',
      scope: 'read',
      answers: [{ type: 'application/json', schema: 'CtlDescription' }, { type: 'text/plain' }],
      problems: ['CTL_TRUNCATED', 'CTL_LENGTH_LIES', 'CTL_CONTAINER_WRONG', 'BODY_TOO_LARGE'],
      handle: ({ body, accepted }) => {
        const description = describeCtlFile(body)
        return accepted === 'text/plain' ? { text: showCtlText(body) } : { json: description }
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
    jsonRoute('ComposeRequest', composeRequestSchema, {
      method: 'post',
      path: '/v1/ctl/compose',
      id: 'composeCtl',
      summary: 'A new CTL, complete but unsigned, from records of a file, tokens and certificates',
      description:
        'The signature of the answer is all zero bytes until `/v1/ctl/sign` fills it in. As JSON: the file with its records before and after, and what is worth knowing of the change.',
      scope: 'read',
      answers: [{ type: 'application/octet-stream' }, { type: 'application/json', schema: 'Composition' }],
      problems: [
        'TOKEN_UNKNOWN',
        'CERTIFICATE_UNKNOWN',
        'CTL_SIGNER_MISSING',
        'CTL_SIGNER_KEY_UNSUPPORTED',
        'CTL_SERVER_ADDRESS_NEEDED',
        'CTL_CERTIFICATE_NOT_DER',
        'CTL_NOT_ENCODABLE',
        'CTL_RECORD_DUPLICATE',
        'CTL_RELEASE_RULE',
        'CTL_OVER_CEILING',
      ],
      handle: ({ body, accepted }) => {
        const composed = composeCtlFile(tokens, toComposition(body, now), now())
        return accepted === 'application/json' ? compositionReply(composed) : ctlReply(composed.draft)
      },
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
          async () => ctlReply(await sign(caller, { token, file: body })),
        )
      },
    }),
  ]
}

const ctlReply = (bytes: Uint8Array): Reply => fileReply(bytes, 'CTLFile.tlv')

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

function sourceOf(source: { token: string; certificate?: string | undefined } | { certificate: string }) {
  return 'token' in source
    ? { token: source.token, certificate: source.certificate }
    : { der: der(source.certificate) }
}

/** What is written where the base's header is not kept and the request does not say. */
const newHeader = { profile: 'ctl-client', digest: 'sha1', fileName: 'CTLFile.tlv' } as const

function toComposition(
  { base, timestamp, signer, release, mode, records, profile, digest, fileName, ...rest }: ComposeRequest,
  now: () => Date,
): ComposeCtlFileRequest {
  const at = timestamp === undefined ? now() : new Date(timestamp)
  return {
    ...(rest.keepHeader ? {} : newHeader),
    ...rest,
    ...(profile && { profile }),
    ...(digest && { digest }),
    ...(fileName !== undefined && { fileName }),
    ...(base !== undefined && { base: der(base) }),
    ...(release !== undefined && { release }),
    ...(mode !== undefined && { mode }),
    timestamp: Math.floor(at.getTime() / 1000),
    ...(signer && { signer: 'record' in signer ? { base: signer.record } : sourceOf(signer) }),
    records: records.map((record) => {
      if (record.from === 'token' || record.from === 'certificate')
        return { ...record, source: sourceOf(record) }
      if (record.from === 'stub') return record
      const { replace, ...kept } = record
      return { ...kept, replacement: replace && sourceOf(replace) }
    }),
  }
}

function compositionReply({ draft, rows, findings }: Composition): Reply {
  const sha256 = createHash('sha256').update(draft).digest('hex')
  const file = Buffer.from(draft).toString('base64')
  return { json: { file, length: draft.length, sha256, records: rows, findings } }
}
