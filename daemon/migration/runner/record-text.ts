/** A plan and a situation as the text that the journal keeps. Bytes stand in it as `{ "$bytes": base64 }`. */
import type { Plan } from '../plan/plan.js'
import type { Situation } from '../situation/situation.js'

export function encodeRecord(value: Plan | Situation): string {
  return JSON.stringify(value, function replace(this: Record<string, unknown>, key, plain: unknown) {
    // A Buffer has become something else by the time it arrives as `plain` (Buffer.toJSON).
    const original = this[key]
    return original instanceof Uint8Array ? { $bytes: Buffer.from(original).toString('base64') } : plain
  })
}

const decode = (text: string): unknown =>
  JSON.parse(text, (_, value: unknown) => {
    const bytes = typeof value === 'object' && value !== null && '$bytes' in value ? value.$bytes : undefined
    return typeof bytes === 'string' ? new Uint8Array(Buffer.from(bytes, 'base64')) : value
  })

/** Of what `encodeRecord` made. */
export const decodePlan = (text: string): Plan => decode(text) as Plan
export const decodeSituation = (text: string): Situation => decode(text) as Situation
