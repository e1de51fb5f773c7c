/** The shapes of `/v1/signing-requests`. */
import { z } from 'zod'
import { descriptionSchema, signerSchema } from './ctl-schemas.js'
import { digest, hex, instant } from './shared-schemas.js'

const principal = z.object({ keyId: z.string(), name: z.string() })

const summary = {
  id: hex(32).describe('SHA-256 over the lines of the request'),
  from: z.string().describe('Who asks, as they say'),
  made: instant,
  signer: signerSchema.describe('The SAST record whose certificate must sign'),
  digest,
  toBeSignedSha256: hex(32),
  toBeSignedBytes: z.int(),
  file: descriptionSchema.describe('The file, as the bytes to be signed say'),
}

export const requestSummarySchema = z.strictObject(summary)

export const signingRequestSchema = z.strictObject({
  ...summary,
  state: z.enum(['open', 'signed']),
  madeBy: principal.describe('The key it was made with'),
  answeredAt: instant.optional(),
  answeredBy: principal.optional().describe('The key the answer came with'),
  signedSha256: hex(32).optional().describe('Of the signed file'),
})

export const signingRequestListSchema = z.strictObject({
  requests: z.array(signingRequestSchema).describe('The latest first, at most 100'),
})
