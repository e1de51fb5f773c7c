/** The shapes of `/v1/tokens`. */
import { z } from 'zod'
import { base64, hex, instant, keySchema, serial } from './shared-schemas.js'

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
  readerRefuses: z
    .boolean()
    .describe('The library did not let the reader ask for the PIN when it was tried: send the PIN itself'),
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

/** No control character: a library may end the PIN at a NUL, and one wrong PIN would pass under many spellings. */
const pinText = z
  .string()
  .max(255)
  .regex(/^[^\p{Cc}]*$/u, 'no control characters')

const pin = pinText.describe('Never logged, never stored. Empty when the reader asks for it (pin.onReader)')

export const unlockRequestSchema = z.strictObject({
  pin,
  seconds: z.int().min(1).max(3600).default(300).describe('The lease ends after this time'),
  uses: z.int().min(1).max(1000).default(10).describe('… or after so many signatures'),
  finalTry: z.boolean().default(false).describe('Spend the last try of a token that says it has one left'),
  repeatPin,
})

export const changePinRequestSchema = z.strictObject({
  pin: pinText.describe('The PIN now. Empty where it is typed on the reader'),
  newPin: pinText,
  repeatPin,
})

const nameText = z
  .string()
  .min(1)
  .max(64)
  .regex(/^[^\p{Cc}]+$/u, 'no control characters')

const pinTry = {
  pin,
  finalTry: z.boolean().default(false),
  repeatPin: z.boolean().default(false),
}

/** For one step of a migration; how long and how often is the step's. */
export const stepUnlockRequestSchema = z.strictObject(pinTry)

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
