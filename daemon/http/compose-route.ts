/** `/v1/ctl/compose` */
import { createHash } from 'node:crypto'
import { type ComposeCtlFileRequest, composeCtlFile } from '../signing/compose-ctl-file.js'
import type { Composition } from '../trust/compose/composition.js'
import { ctlReply } from './file-reply.js'
import { jsonRoute, type Reply, type Route } from './route.js'
import type { RouteParts } from './route-parts.js'
import { type ComposeRequest, composeRequestSchema } from './schemas/ctl-schemas.js'

export function composeRoute({ tokens, now }: RouteParts): Route {
  return jsonRoute('ComposeRequest', composeRequestSchema, {
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
  })
}

const der = (text: string): Uint8Array => Buffer.from(text, 'base64')

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
