/** The shapes of the API: requests are checked against them, answers are described by them. */
import { z } from 'zod'
import { recordProfileNames } from '../ctl/record-profiles.js'

const hex = (bytes: number) => z.string().regex(new RegExp(`^[0-9a-f]{${bytes * 2}}$`))
const instant = z.iso.datetime().describe('ISO 8601, UTC')
const serial = z.string().min(1).max(64).describe('Serial of a token, as the token tells it')
const base64 = z.base64().max(1_500_000)
const ipAddress = z.ipv4()
const host = z
  .string()
  .min(1)
  .max(255)
  .regex(/^[\x21-\x7e]+$/, 'printable ASCII without spaces')

export const problemSchema = z.object({
  type: z.string().describe('urn:ctl-bridge:problem:CODE'),
  code: z.string().describe('Stable; the table is in docs/problems.md'),
  title: z.string(),
  status: z.int(),
  detail: z.string().describe('One sentence about this occurrence'),
  remedy: z.string().describe('What to do'),
  at: z
    .record(z.string(), z.union([z.string(), z.number()]))
    .describe('Where: offset, record, token, module, …'),
  requestId: z.string(),
})

export const keySchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('rsa'), bits: z.int() }),
  z.object({ type: z.literal('ec'), curve: z.string() }),
  z.object({ type: z.literal('other'), name: z.string() }),
])

const certificateFacts = {
  sha256: hex(32),
  sha1: hex(20),
  subject: z.string().describe('RFC 4514'),
  issuer: z.string().describe('RFC 4514'),
  serial: z.string().describe('X.509 serial number, hex'),
  notBefore: instant,
  notAfter: instant,
  key: keySchema,
}

/** What cannot be read of a certificate is null, and `whyNot` says so. */
export const tokenCertificateSchema = z.strictObject({
  sha256: hex(32),
  sha1: hex(20),
  subject: z.string().nullable().describe('RFC 4514'),
  issuer: z.string().nullable().describe('RFC 4514'),
  serial: z.string().nullable().describe('X.509 serial number, hex'),
  notBefore: instant.nullable(),
  notAfter: instant.nullable(),
  key: keySchema.nullable(),
  keyId: z.string().describe('CKA_ID, hex'),
  label: z.string(),
  maySign: z.boolean(),
  whyNot: z.string().optional(),
})

export const leaseSchema = z.object({
  holder: z.string().describe('Name of the key that unlocked the token'),
  keyId: z.string(),
  until: instant,
  usesLeft: z.int(),
})

export const tokenSchema = z.strictObject({
  serial,
  label: z.string(),
  manufacturer: z.string(),
  model: z.string(),
  firmware: z.string(),
  hardware: z.string(),
  module: z.string().describe('The module that serves it'),
  shadowed: z.array(z.string()).describe('Later modules that show the same serial'),
  slot: z.string(),
  state: z
    .enum(['absent', 'present', 'ready', 'signing', 'locked-out', 'faulty'])
    .describe('absent: seen before, not plugged in · ready: unlocked'),
  fault: z.string().optional().describe('Why the state is faulty'),
  pin: z.object({
    set: z.boolean(),
    countLow: z.boolean(),
    finalTry: z.boolean(),
    locked: z.boolean(),
    mustChange: z.boolean(),
    onReader: z.boolean(),
    minLength: z.int(),
    maxLength: z.int(),
  }),
  wrongTries: z
    .int()
    .describe('Wrong and interrupted PIN tries that this daemon caused since it first saw the token'),
  mechanisms: z.array(z.string()),
  lease: leaseSchema.nullable(),
  certificates: z.array(tokenCertificateSchema),
})

export const moduleSchema = z.strictObject({
  name: z.string(),
  state: z
    .enum(['starting', 'ready', 'failed', 'parked'])
    .describe('parked: its processes keep dying; tried again every ten minutes, and by /v1/tokens/rescan'),
  error: z.object({ code: z.string(), detail: z.string(), remedy: z.string() }).optional(),
  library: z.object({ description: z.string(), manufacturer: z.string(), version: z.string() }).optional(),
  tokens: z.int(),
})

export const tokenListSchema = z.object({ tokens: z.array(tokenSchema), modules: z.array(moduleSchema) })

const repeatPin = z
  .boolean()
  .default(false)
  .describe('Send the PIN although it failed on this token before, or its last try was interrupted')

export const unlockRequestSchema = z.strictObject({
  pin: z
    .string()
    .max(255)
    .describe('Never logged, never stored. Empty when the reader asks for it (pin.onReader)'),
  seconds: z.int().min(1).max(3600).default(300).describe('The lease ends after this time'),
  uses: z.int().min(1).max(1000).default(10).describe('… or after so many signatures'),
  finalTry: z.boolean().default(false).describe('Spend the last try of a token that says it has one left'),
  repeatPin,
})

export const changePinRequestSchema = z.strictObject({
  pin: z.string().max(255).describe('The PIN now. Empty where it is typed on the reader'),
  newPin: z.string().max(255),
  repeatPin,
})

export const auditPageSchema = z.strictObject({
  entries: z.array(
    z.strictObject({
      sequence: z.int().describe('Rises by one per entry'),
      at: instant,
      principal: z.object({ keyId: z.string(), name: z.string() }),
      requestId: z.string().describe('X-Request-Id of the answer'),
      action: z.string(),
      phase: z.enum(['intent', 'outcome']),
      outcome: z.string().optional().describe('ok or a problem code; absent in an intent'),
      facts: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
    }),
  ),
  next: z.int().nullable().describe('`after` of the page that follows'),
})

const nameText = z
  .string()
  .min(1)
  .max(64)
  .regex(/^[^\p{Cc}]+$/u, 'no control characters')

const pinTry = {
  pin: z.string().max(255).describe('Never logged, never stored'),
  finalTry: z.boolean().default(false),
  repeatPin: z.boolean().default(false),
}

export const newKeyRequestSchema = z.strictObject({
  ...pinTry,
  bits: z.literal([1024, 2048, 4096]).default(2048),
  label: nameText.default('SAST'),
  commonName: nameText,
  organization: nameText.optional(),
  organizationalUnit: nameText.optional(),
  days: z.int().min(1).max(36_500).default(3650).describe('Validity of a self-signed certificate'),
  want: z.enum(['self-signed', 'request']).default('self-signed'),
})

export const issuedCertificateRequestSchema = z.strictObject({
  ...pinTry,
  certificate: base64.describe('DER'),
})

export const newKeySchema = z.strictObject({
  token: tokenSchema,
  keyId: z.string().describe('CKA_ID, hex'),
  der: base64.describe('The certificate, or the PKCS#10 request, in DER'),
})

export const statusSchema = z.object({
  name: z.literal('ctl-bridge'),
  version: z.string(),
  boot: z.string().describe('Changes with every start; first part of event ids'),
  startedAt: instant,
  tokens: z.int().describe('Tokens plugged in now'),
  modules: z.array(moduleSchema),
  usb: z
    .object({
      state: z.enum(['ready', 'unavailable']).describe('unavailable: tokens are noticed later, by scans'),
      detail: z.string().optional(),
      devices: z.array(z.object({ vendorId: hex(2), productId: hex(2), name: z.string() })),
    })
    .describe('Plugged-in USB devices of vendors that make tokens'),
  key: z.object({ keyId: z.string(), name: z.string(), scopes: z.array(z.string()) }),
})

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

const digest = z.enum(['sha1', 'sha256', 'sha512'])

export const verdictSchema = z.strictObject({
  verdict: z.enum(['valid', 'invalid']),
  problem: z
    .object({ code: z.string(), detail: z.string(), at: z.record(z.string(), z.number()) })
    .optional(),
  signer: signerSchema.optional(),
  digest: digest.optional(),
  findings: z.array(findingSchema),
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
  certificate: z.object(certificateFacts).optional(),
  certificateProblem: z.object({ code: z.string(), detail: z.string() }).optional(),
  unknownTags: z.array(z.int()),
  signedTheFile: z.boolean().describe('Whether the header names this SAST record'),
})

export const descriptionSchema = z.strictObject({
  length: z.int().describe('Bytes'),
  md5: hex(16),
  sha1: hex(20),
  sha256: hex(32),
  version: z.string(),
  headerLength: z.int(),
  signerVersion: z.string().optional().describe('Tag 28, written by certutils'),
  signer: z.object({ name: z.string(), serial: z.string(), issuer: z.string() }),
  digest,
  signatureLength: z.int(),
  unsigned: z.boolean().describe('A composed file that nobody signed yet'),
  fileName: z.string().optional(),
  timestamp: instant.optional(),
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

export const eventSchema = z.object({
  id: z.string().describe('BOOT-N: N rises by one per event of this start'),
  type: z.enum([
    'token.inserted',
    'token.removed',
    'token.changed',
    'token.unlocked',
    'token.locked',
    'module.ready',
    'module.failed',
    'resync',
  ]),
  at: instant,
  data: z.record(z.string(), z.unknown()),
})
