/** A recipe as a request of `trust/compose`. Pure: the same recipe on the same ground and second gives the same bytes. */

import { BridgeError } from '../../bridge-error.js'
import { decodeCtlFile } from '../../ctl/ctl-file.js'
import { certificateOf, functionOf, parseIpAddress } from '../../ctl/record-fields.js'
import { SAST } from '../../ctl/tags.js'
import type { CompositionRequest } from '../../trust/compose/composition.js'
import type { NewRecord, WantedRecord } from '../../trust/compose/wanted-record.js'
import { itlEntries, type PlanGround, sha256 } from './ground.js'
import type { CtlEdit, CtlRecipe } from './plan.js'

interface Held {
  readonly der: Uint8Array
  readonly kind: 'token' | 'server'
}

/** `timestamp`: seconds since 1970. Throws MIGRATION_CERTIFICATE_UNKNOWN, and CtlError for a base that is none. */
export function compositionOf(recipe: CtlRecipe, ground: PlanGround, timestamp: number): CompositionRequest {
  const base = recipe.base === 'before' ? ground.file?.bytes : undefined
  const held = heldBy(ground, recipe.edits)
  const isAsterisk = ground.situation.kind === 'asterisk'
  return {
    ...(base !== undefined && { base }),
    ...(isAsterisk && (base === undefined ? { profile: 'certutils' as const } : { keepHeader: true })),
    timestamp,
    signer: bytesOf(held, recipe.signer),
    records: [...sastRecords(recipe, base, held), ...otherRecords(recipe, base, held)],
    ...(recipe.mode !== 'keep' && { mode: recipe.mode }),
    ...(recipe.mode !== 'keep' && ground.releaseText !== undefined && { release: ground.releaseText }),
  }
}

/** Every certificate that is known here, by SHA-256: of tokens, of the file, of ITLs, and those that came with edits. */
function heldBy(ground: PlanGround, edits: readonly CtlEdit[]): ReadonlyMap<string, Held> {
  const { situation, file } = ground
  const server = (der: Uint8Array): [string, Held] => [sha256(der), { der, kind: 'server' }]
  const records = file === undefined ? [] : decodeCtlFile(file.bytes).records
  return new Map([
    ...itlEntries(ground).map(({ certificate }) => server(certificate)),
    ...records.flatMap((record) => certificateOf(record) ?? []).map(server),
    ...edits.flatMap((edit) => ('der' in edit && edit.der !== undefined ? [server(edit.der)] : [])),
    ...(file?.sast ?? [])
      .filter(({ holder }) => holder === 'token')
      .map(({ certificate: der, sha256: sum }): [string, Held] => [sum, { der, kind: 'token' }]),
    ...situation.tokens.map(({ certificate: der, sha256: sum }): [string, Held] => [
      sum,
      { der, kind: 'token' },
    ]),
  ])
}

function bytesOf(held: ReadonlyMap<string, Held>, sum: string): Uint8Array {
  return heldOf(held, sum).der
}

function heldOf(held: ReadonlyMap<string, Held>, sum: string): Held {
  const found = held.get(sum)
  if (found !== undefined) return found
  const detail = `The certificate with SHA-256 ${sum} is on no token known here, in no file of the cluster, and was not given.`
  throw new BridgeError('MIGRATION_CERTIFICATE_UNKNOWN', detail)
}

interface BaseEntry {
  /** From 1. */
  readonly number: number
  readonly role: number
  readonly sum: string | undefined
}

function entriesOf(base: Uint8Array | undefined): BaseEntry[] {
  if (base === undefined) return []
  return decodeCtlFile(base).records.map((record, index) => {
    const der = certificateOf(record)
    return { number: index + 1, role: functionOf(record), sum: der && sha256(der) }
  })
}

/** A record of the base is taken over, so that phones find their SAST by the same bytes. */
function sastRecords(
  { sast, edits }: CtlRecipe,
  base: Uint8Array | undefined,
  held: ReadonlyMap<string, Held>,
): WantedRecord[] {
  const own = entriesOf(base).filter(({ role }) => role === SAST)
  const wanted = sast.length > 0 ? sast : own.flatMap(({ sum }) => sum ?? [])
  return [...new Set(wanted)].flatMap((sum) => {
    const there = own.find((entry) => entry.sum === sum)
    if (there !== undefined) return edited(there, edits, held)
    const { der, kind } = heldOf(held, sum)
    return [{ certificate: der, kind, function: SAST }]
  })
}

function otherRecords(
  { edits }: CtlRecipe,
  base: Uint8Array | undefined,
  held: ReadonlyMap<string, Held>,
): WantedRecord[] {
  const kept = entriesOf(base)
    .filter(({ role }) => role !== SAST)
    .flatMap((entry) => edited(entry, edits, held))
  return [
    ...kept,
    ...edits.flatMap((edit): NewRecord[] => (edit.edit === 'add' ? [addedBy(edit, held)] : [])),
  ]
}

function addedBy(edit: Extract<CtlEdit, { edit: 'add' }>, held: ReadonlyMap<string, Held>): NewRecord {
  const { der, kind } = heldOf(held, edit.certificate)
  return { certificate: der, kind, function: edit.function, ...placeOf(edit) }
}

function edited(
  { number, sum }: BaseEntry,
  edits: readonly CtlEdit[],
  held: ReadonlyMap<string, Held>,
): WantedRecord[] {
  const own = edits.filter((edit) => edit.edit !== 'add' && edit.certificate === sum)
  if (own.some(({ edit }) => edit === 'remove')) return []
  let record: WantedRecord = { base: number }
  for (const edit of own) {
    if (edit.edit === 'replace') record = { ...record, replacement: bytesOf(held, edit.by) }
    if (edit.edit === 'address') record = { ...record, ...placeOf(edit) }
  }
  return [record]
}

function placeOf({ address, dnsName }: { readonly address?: string; readonly dnsName?: string }) {
  const ipAddress = address === undefined ? undefined : parseIpAddress(address)
  return { ...(dnsName !== undefined && { dnsName }), ...(ipAddress !== undefined && { ipAddress }) }
}
