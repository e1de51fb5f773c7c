/** What phones hold in the end, and what preflight said of it, in one form so that they can be compared. */
import { createHash } from 'node:crypto'
import type { MigrationView } from '../../../daemon/migration/desk/migrations.js'
import { isStranded, outcomeText, type PhoneRecord } from '../../../lab/phones/phone-record.js'

export type ByModel = Readonly<Record<string, number>>

/** Devices by model that keep what they held, as preflight named them. */
export function namedStranded(findings: MigrationView['findings']): ByModel {
  const named = findings.filter(({ code }) => code === 'DEVICES_WITHOUT_SBD')
  return Object.fromEntries(
    named.map(({ at = 'some model', devices = 0 }) => [at, devices] as const).sort(byName),
  )
}

/** Phones by model that do not hold this file, as their screens show it. */
export function withoutFile(phones: readonly PhoneRecord[], file: Uint8Array): ByModel {
  return countModels(
    phones.filter(({ shows, ctl }) => ctl.checksum !== createHash(shows).update(file).digest('hex')),
  )
}

/** Phones by model that refused a signer whom they can never get to know. */
export const strandedPhones = (phones: readonly PhoneRecord[]): ByModel =>
  countModels(phones.filter(isStranded))

export function countModels(phones: readonly PhoneRecord[]): ByModel {
  const counts = new Map<string, number>()
  for (const { model } of phones) counts.set(model, (counts.get(model) ?? 0) + 1)
  return Object.fromEntries([...counts].sort(byName))
}

/** How each phone decided, for a message. */
export const decisions = (phones: readonly PhoneRecord[]): string =>
  phones.map(({ model, ctl }) => `${model}: ${outcomeText(ctl.outcome)}`).join('; ')

const byName = ([one]: readonly [string, number], [other]: readonly [string, number]): number =>
  one < other ? -1 : 1
