/** The shapes of `/v1/ctl`. */
import { z } from 'zod'
import { recordProfileNames } from '../../ctl/record-profiles.js'
import { base64, certificateFacts, digest, hex, host, instant, ipAddress, serial } from './shared-schemas.js'

export const findingSchema = z.object({
  code: z.string(),
  severity: z.enum(['info', 'warning']),
  record: z.int().optional(),
  detail: z.string(),
  remedy: z.string(),
})

export const signerSchema = z.object({
  record: z.int().describe('Number of the SAST record that signed, from 1'),
  subject: z.string(),
  issuer: z.string(),
  serial: z.string(),
  certificateSha256: hex(32),
  keyBits: z.int(),
})

export const verdictSchema = z.strictObject({
  verdict: z.enum(['valid', 'invalid']),
  problem: z
    .object({ code: z.string(), detail: z.string(), at: z.record(z.string(), z.number()) })
    .optional(),
  signer: signerSchema.optional(),
  digest: digest.optional(),
  findings: z.array(findingSchema),
})

const fieldSchema = z.strictObject({
  tag: z.int(),
  name: z.string().describe('As `show ctl` prints it; UNKNOWN for a tag that no document names'),
  offset: z.int().describe('Of the tag byte, from the start of the file'),
  length: z.int().describe('Of the value'),
  within: z.int().optional().describe('Tag of the container'),
  hex: z.string().optional().describe('The bytes of an unknown tag'),
})

const recordNumbers = z.array(z.int())

const certificateSchema = z.object({
  length: z.int().describe('Bytes'),
  ...certificateFacts,
  chain: z
    .strictObject({
      selfSigned: z.boolean(),
      issuedBy: recordNumbers.describe('Records with another certificate whose key made the signature'),
      sameNameOnly: recordNumbers.describe('Records with the issuer’s name and another key'),
    })
    .optional()
    .describe('Where the certificate stands among those of the file; trust is not judged'),
})

const recordSchema = z.strictObject({
  number: z.int().describe('From 1, as `show ctl` counts'),
  offset: z.int().describe('Bytes from the start of the file'),
  length: z.int(),
  function: z.int(),
  functionName: z.string(),
  dnsName: z.string().optional(),
  subject: z.string().optional(),
  issuer: z.string().optional(),
  serial: z.string().optional().describe('In the byte order of the record'),
  ipAddress: z.string().optional(),
  publicKeyBytes: z.int().optional(),
  serialOrder: z
    .enum(['certificate', 'reversed', 'other'])
    .optional()
    .describe('How the serial stands to the certificate’s'),
  certificate: certificateSchema.optional(),
  certificateProblem: z.object({ code: z.string(), detail: z.string() }).optional(),
  unknownTags: z.array(z.int()),
  fields: z.array(fieldSchema).describe('In the order of the record, without RECORDLENGTH'),
  signedTheFile: z.boolean().describe('Whether the header names this SAST record'),
})

export const descriptionSchema = z.strictObject({
  length: z.int().describe('Bytes'),
  kind: z.enum(['ctl', 'itl', 'unknown']).describe('By FILENAME'),
  md5: hex(16),
  sha1: hex(20),
  sha256: hex(32),
  version: z.string(),
  headerLength: z.int(),
  signerVersion: z.string().optional().describe('Tag 28, written by certutils'),
  signer: z.object({
    name: z.string(),
    serial: z.string(),
    issuer: z.string(),
    record: z.int().optional().describe('The first SAST record that the header names'),
  }),
  digest,
  digestCode: z.int(),
  modulusCode: z.int(),
  signatureLength: z.int(),
  unsigned: z.boolean().describe('A composed file that nobody signed yet'),
  verified: z.boolean().describe('Whether /v1/ctl/verify says valid'),
  fileName: z.string().optional(),
  timestamp: instant.optional(),
  fields: z.array(fieldSchema).describe('Of the header, in their order'),
  records: z.array(recordSchema),
})

const fromToken = z.strictObject({
  token: serial,
  certificate: hex(32).optional().describe('Which certificate; may be left out when one may sign'),
})
const fromBytes = z.strictObject({ certificate: base64.describe('DER') })

export const composeRequestSchema = z.strictObject({
  base: base64.optional().describe('The CTL whose records are kept'),
  profile: z.enum(recordProfileNames).default('ctl-client').describe('How the records are laid out'),
  digest: z.enum(['sha1', 'sha512']).default('sha1'),
  timestamp: instant.optional().describe('Now, if left out'),
  fileName: z.string().min(1).max(200).default('CTLFile.tlv'),
  signer: z.union([fromToken, fromBytes]),
  records: z
    .array(
      z.discriminatedUnion('from', [
        z.strictObject({
          from: z.literal('base'),
          record: z.int().min(1).describe('Number of the record in the base, from 1'),
          host: host.optional().describe('Replaces DNSNAME'),
          ipAddress: ipAddress.optional(),
        }),
        z.strictObject({ from: z.literal('token'), ...fromToken.shape, ipAddress: ipAddress.optional() }),
        z.strictObject({
          from: z.literal('certificate'),
          ...fromBytes.shape,
          function: z.int().min(0).max(65535),
          host: host.optional(),
          ipAddress: ipAddress.optional(),
        }),
        z.strictObject({
          from: z.literal('stub'),
          function: z.int().min(0).max(65535).default(2),
          host,
          ipAddress,
        }),
      ]),
    )
    .min(1)
    .max(256),
})
export type ComposeRequest = z.output<typeof composeRequestSchema>
