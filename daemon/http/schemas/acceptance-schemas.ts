/** The shapes of `/v1/ctl/acceptance`. */
import { z } from 'zod'
import { deviceClasses } from '../../trust/phones/phone-acceptance.js'
import { base64 } from './shared-schemas.js'

const none = z.literal('none')
const deviceClass = z.enum(deviceClasses)

export const acceptanceRequestSchema = z.strictObject({
  installed: z.union([none, base64]).describe('The CTL that the phone holds, or `none`'),
  new: base64.describe('The CTL to be published; a draft is judged as if it were signed'),
  itl: z
    .union([none, base64])
    .optional()
    .describe('The ITL that the phone holds, or `none`; may be left out'),
  tvs: z
    .array(base64)
    .max(256)
    .optional()
    .describe('Certificates (DER) that TVS would vouch for; left out: TVS was not asked'),
})

/** An answer of `trust/phones`. */
export const acceptanceFields = {
  answer: z.enum(['accepts', 'accepts-through-tvs', 'refuses', 'unknown']),
  reason: z.string().describe('Stable code of the rule that decided'),
  sure: z.enum(['stated', 'inferred', 'unknown']).describe('Whether a document says so'),
  detail: z.string(),
  remedy: z.string(),
  sources: z.array(z.string()),
  notes: z.array(z.string()),
}

export const acceptanceSchema = z.strictObject({
  draft: z.boolean().describe('Whether the new file is not signed yet'),
  answers: z.array(
    z.strictObject({
      class: deviceClass,
      ...acceptanceFields,
    }),
  ),
})
