/** The shapes of `/v1/configuration`. */
import { z } from 'zod'
import { findingSchema } from './ctl-schemas.js'
import { base64, digest, hex, instant } from './shared-schemas.js'

/** Base64 of 10 MiB. */
const largeBase64 = z.base64().max(14_000_000)

const hashed = {
  length: z.int().describe('Bytes'),
  md5: hex(16),
  sha1: hex(20),
  sha256: hex(32),
}

export const sgnDescriptionSchema = z.strictObject({
  ...hashed,
  version: z.string(),
  headerLength: z.int(),
  signer: z.object({ name: z.string(), serial: z.string(), issuer: z.string() }),
  digest,
  signatureLength: z.int(),
  unsigned: z.boolean(),
  fileName: z.string().optional(),
  timestamp: instant.optional(),
  encrypted: z.enum(['name', 'header']).optional().describe('By what the payload is known to be encrypted'),
  payload: z.strictObject(hashed).describe('What the header stands in front of'),
})

export const sgnVerdictSchema = z.strictObject({
  verdict: z.enum(['valid', 'invalid']),
  problem: z
    .object({ code: z.string(), detail: z.string(), at: z.record(z.string(), z.number()) })
    .optional(),
  signer: z
    .object({
      subject: z.string().describe('RFC 4514'),
      issuer: z.string(),
      serial: z.string(),
      certificateSha256: hex(32),
      keyBits: z.int(),
      record: z.int().optional().describe('Where it stands in the CTL or ITL, from 1'),
      functionName: z.string().optional(),
    })
    .optional(),
  digest: digest.optional(),
  findings: z.array(findingSchema),
})

const file = largeBase64.describe('The signed file')
const name = z.string().min(1).max(255).optional().describe('What it is called, to compare with FILENAME')

export const verifyConfigurationRequestSchema = z.union([
  z.strictObject({ file, name, certificate: base64.describe('DER') }),
  z.strictObject({ file, name, trust: base64.describe('The CTL or ITL that the phone has') }),
])
export type VerifyConfigurationRequest = z.output<typeof verifyConfigurationRequestSchema>
