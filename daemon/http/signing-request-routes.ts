/** `/v1/signing-requests`: a signature by a token that is plugged in elsewhere. */
import { createHash } from 'node:crypto'
import { BridgeError } from '../bridge-error.js'
import {
  answerRequest,
  type DeskRequest,
  findRequest,
  makeRequest,
  type RequestDeskParts,
} from '../signing/request-desk.js'
import { signRequest } from '../signing/sign-request.js'
import { decodeSigningRequest, describeSigningRequest } from '../signing/signing-request.js'
import { fileReply } from './file-reply.js'
import { oncePerKey } from './idempotency.js'
import { fileRoute, plainRoute, type Route, textRoute } from './route.js'
import type { RouteParts } from './route-parts.js'
import { signProblems } from './sign-problems.js'

/** A CTL of 1 MiB in base64 with the checks of its lines, in UTF-16. */
const TEXT_LIMIT = '4mb'
const LISTED = 100

export function signingRequestRoutes(parts: RouteParts): Route[] {
  return [...askingRoutes(parts), ...answeringRoutes(parts)]
}

function askingRoutes(parts: RouteParts): Route[] {
  const { requests, events } = parts
  const desk: RequestDeskParts = { ...parts, publish: (type, data) => events.publish(type, data) }
  return [
    fileRoute({
      method: 'post',
      path: '/v1/signing-requests',
      id: 'makeSigningRequest',
      summary: 'Ask for a signature over a composed CTL by a token elsewhere',
      description:
        'The body is the unsigned CTL. The request is kept until its answer comes; its text goes to the machine with the token.',
      scope: 'sign',
      query: { from: { required: false, description: 'Who asks; the name of the key if left out' } },
      answers: [{ type: 'application/json', schema: 'SigningRequest' }, { type: 'text/plain' }],
      problems: ['CTL_SIGNER_MISSING', 'CTL_RECORD_MISMATCH', 'AUDIT_NOT_WRITABLE', 'STORE_UNUSABLE'],
      handle: async ({ caller, query, body, accepted }) =>
        requestReply(await makeRequest(desk, caller, { file: body, from: query.from }), accepted),
    }),
    plainRoute({
      method: 'get',
      path: '/v1/signing-requests',
      id: 'listSigningRequests',
      summary: 'The signing requests that were made here',
      scope: 'read',
      answers: [{ type: 'application/json', schema: 'SigningRequestList' }],
      problems: ['STORE_UNUSABLE'],
      handle: async () => {
        const kept = await requests.latest(LISTED)
        const found = kept.map((entry) => ({ kept: entry, request: decodeSigningRequest(entry.text) }))
        return { json: { requests: found.map(requestJson) } }
      },
    }),
    plainRoute({
      method: 'get',
      path: '/v1/signing-requests/{id}',
      id: 'getSigningRequest',
      summary: 'A signing request: JSON, or the text that is sent',
      scope: 'read',
      answers: [{ type: 'application/json', schema: 'SigningRequest' }, { type: 'text/plain' }],
      problems: ['REQUEST_UNKNOWN', 'STORE_UNUSABLE'],
      handle: async ({ params, accepted }) =>
        requestReply(await findRequest(requests, params.id ?? ''), accepted),
    }),
    textRoute({
      method: 'post',
      path: '/v1/signing-requests/{id}/signature',
      id: 'answerSigningRequest',
      summary: 'Bring the answer; the signed CTL comes back, verified',
      description: 'A wrong answer changes nothing. The same answer again gives the same file.',
      scope: 'sign',
      limit: TEXT_LIMIT,
      answers: [{ type: 'application/octet-stream' }],
      problems: [
        'REQUEST_UNKNOWN',
        'REQUEST_ANSWERED',
        'ANSWER_MALFORMED',
        'ANSWER_FOR_OTHER_REQUEST',
        'ANSWER_FOR_OTHER_SIGNER',
        'CTL_SIGNATURE_WRONG',
        'CTL_SIGNATURE_LENGTH',
        'AUDIT_NOT_WRITABLE',
        'STORE_UNUSABLE',
      ],
      handle: async ({ caller, params, body }) =>
        fileReply(await answerRequest(desk, caller, { id: params.id ?? '', text: body }), 'CTLFile.tlv'),
    }),
    plainRoute({
      method: 'get',
      path: '/v1/signing-requests/{id}/file',
      id: 'getSignedFile',
      summary: 'The signed CTL of a request that was answered',
      scope: 'read',
      answers: [{ type: 'application/octet-stream' }],
      problems: ['REQUEST_UNKNOWN', 'STORE_UNUSABLE'],
      handle: async ({ params }) => {
        const id = params.id ?? ''
        const { kept } = await findRequest(requests, id)
        if (kept.answered !== undefined) return fileReply(kept.answered.file, 'CTLFile.tlv')
        throw new BridgeError('REQUEST_UNKNOWN', 'The request has no answer yet.', { request: id })
      },
    }),
  ]
}

/** On the machine with the token. */
function answeringRoutes(parts: RouteParts): Route[] {
  return [
    textRoute({
      method: 'post',
      path: '/v1/signing-requests/inspect',
      id: 'inspectSigningRequest',
      summary: 'What a request that came from elsewhere asks for, from the bytes to be signed',
      scope: 'read',
      limit: TEXT_LIMIT,
      answers: [{ type: 'application/json', schema: 'SigningRequestSummary' }],
      problems: ['REQUEST_MALFORMED', 'REQUEST_TAMPERED'],
      handle: ({ body }) => ({ json: describeSigningRequest(decodeSigningRequest(body)) }),
    }),
    textRoute({
      method: 'post',
      path: '/v1/signing-requests/sign',
      id: 'signSigningRequest',
      summary: 'Sign a request that came from elsewhere with an unlocked token; the answer goes back',
      description:
        'The body is the text of the request. Its summary is made from the bytes to be signed again, and a text that shows another one is refused. Send Idempotency-Key to get the same answer again after a lost one.',
      scope: 'sign',
      limit: TEXT_LIMIT,
      query: { token: { required: true, description: 'Serial of the unlocked token' } },
      answers: [{ type: 'text/plain' }],
      problems: ['REQUEST_MALFORMED', 'REQUEST_TAMPERED', 'REQUEST_FOR_OTHER_SIGNER', ...signProblems],
      handle: ({ caller, query, headers, body }) => {
        const token = query.token ?? ''
        return oncePerKey(
          parts.idempotency,
          { caller, headers },
          ['signing-request', token, body],
          async () => ({ text: await signRequest(parts, caller, { token, text: body }) }),
        )
      },
    }),
  ]
}

function requestReply(found: DeskRequest, accepted: string) {
  return accepted === 'text/plain' ? { text: found.kept.text } : { json: requestJson(found) }
}

function requestJson({ kept, request }: DeskRequest): Record<string, unknown> {
  const { answered } = kept
  return {
    ...describeSigningRequest(request),
    state: kept.state,
    madeBy: kept.principal,
    ...(answered !== undefined && {
      answeredAt: answered.at,
      answeredBy: answered.principal,
      signedSha256: createHash('sha256').update(answered.file).digest('hex'),
    }),
  }
}
