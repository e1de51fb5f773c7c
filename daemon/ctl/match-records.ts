import { hex, isAllZero } from './bytes.js'
import type { CtlRecord } from './ctl-field.js'
import { functionOf, recordText, recordValue } from './record-fields.js'
import { recordTag } from './tags.js'

/** Indexes of two records that are one and the same to a person. */
export interface RecordPair {
  readonly old: number
  readonly new: number
}

/** What a record is recognised by; undefined where it has no such thing. */
type Trait = (record: CtlRecord) => string | undefined

const bytesOf = (tag: number): Trait => {
  return (record) => {
    const value = recordValue(record, tag)
    return value && hex(value)
  }
}
const certificate = bytesOf(recordTag.certificate)
const publicKey = bytesOf(recordTag.publicKey)
const subject: Trait = (record) => recordText(record, recordTag.subjectName) || undefined

/** DNSNAME, or IPADDRESS where there is none; tokens have a single NUL and, it seems, no address. */
const address: Trait = (record) => {
  const ip = recordValue(record, recordTag.ipAddress)
  return recordText(record, recordTag.dnsName) || (ip && !isAllZero(ip) ? ip.join('.') : undefined)
}

const everything: Trait = (record) =>
  record.fields.map((field) => (field.kind === 'value' ? `${field.tag}:${hex(field.value)}` : '')).join()

const all =
  (...traits: readonly Trait[]): Trait =>
  (record) => {
    const found = traits.map((trait) => trait(record))
    return found.includes(undefined) ? undefined : found.join('\n')
  }
const role: Trait = (record) => String(functionOf(record))

/**
 * From the surest to the weakest; a record that was matched takes no further part. Certificate and key come
 * first, and never the serial alone, which the CTL Client turns round. The role stands beside them because a
 * tokenless file holds the publisher's certificate twice, as SAST and as CCM+TFTP. Then role and address find the
 * server whose certificate was replaced, and role and subject the one without an address (certutils). Last, a
 * certificate that changed its role.
 */
const traits: readonly Trait[] = [
  everything,
  all(role, certificate, address),
  all(role, certificate),
  all(role, publicKey),
  all(role, address, subject),
  all(role, address),
  all(role, subject),
  certificate,
  publicKey,
]

/** Each record of the one list with at most one of the other, in the order of the new one. */
export function matchRecords(old: readonly CtlRecord[], next: readonly CtlRecord[]): RecordPair[] {
  const pairs: RecordPair[] = []
  let oldLeft = [...old.entries()]
  let newLeft = [...next.entries()]
  for (const trait of traits) {
    const waiting = waitingBy(trait, oldLeft)
    const found = newLeft.flatMap(([index, record]): RecordPair[] => {
      const partner = waiting.get(trait(record) ?? '')?.next().value
      return partner === undefined ? [] : [{ old: partner, new: index }]
    })
    pairs.push(...found)
    const oldFound = new Set(found.map((pair) => pair.old))
    const newFound = new Set(found.map((pair) => pair.new))
    oldLeft = oldLeft.filter(([index]) => !oldFound.has(index))
    newLeft = newLeft.filter(([index]) => !newFound.has(index))
  }
  return pairs.sort((one, other) => one.new - other.new)
}

/** The indexes of the records with each value of a trait, one after the other. */
function waitingBy(trait: Trait, records: readonly [number, CtlRecord][]): Map<string, Iterator<number>> {
  const lists = new Map<string, number[]>()
  for (const [index, record] of records) {
    const key = trait(record)
    if (key === undefined) continue
    const list = lists.get(key)
    if (list === undefined) lists.set(key, [index])
    else list.push(index)
  }
  return new Map([...lists].map(([key, list]) => [key, list.values()]))
}
