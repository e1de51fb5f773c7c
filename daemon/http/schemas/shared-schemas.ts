/** Parts that the shapes of several resources are made of. */
import { z } from 'zod'

export const hex = (bytes: number) => z.string().regex(new RegExp(`^[0-9a-f]{${bytes * 2}}$`))
export const instant = z.iso.datetime().describe('ISO 8601, UTC')
export const serial = z.string().min(1).max(64).describe('Serial of a token, as the token tells it')
export const base64 = z.base64().max(1_500_000)
export const ipAddress = z.ipv4()
export const host = z
  .string()
  .min(1)
  .max(255)
  .regex(/^[\x21-\x7e]+$/, 'printable ASCII without spaces')

export const keySchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('rsa'), bits: z.int() }),
  z.object({ type: z.literal('ec'), curve: z.string() }),
  z.object({ type: z.literal('other'), name: z.string() }),
])

export const certificateFacts = {
  sha256: hex(32),
  sha1: hex(20),
  subject: z.string().describe('RFC 4514'),
  issuer: z.string().describe('RFC 4514'),
  serial: z.string().describe('X.509 serial number, hex'),
  notBefore: instant,
  notAfter: instant,
  key: keySchema,
}

export const digest = z.enum(['sha1', 'sha256', 'sha512'])
