/** From the base, the wishes and the certificates they name to the records of the new file. Pure. */
import { BridgeError } from '../../bridge-error.js'
import { sameBytes } from '../../ctl/bytes.js'
import type { CtlFile } from '../../ctl/ctl-file.js'
import { certificateOf, functionOf } from '../../ctl/record-fields.js'
import { SAST } from '../../ctl/tags.js'
import type { BaseRecord, WantedRecord } from '../../trust/compose/wanted-record.js'
import type { ComposeWishes, RecordName } from './compose-wishes.js'

export interface ComposeMaterial {
  readonly base: CtlFile | undefined
  /** DER by the name of its file. */
  readonly certificates: ReadonlyMap<string, Uint8Array>
  /** DER of the tokens to list, the signer first. */
  readonly tokens: readonly Uint8Array[]
  readonly layout: 'own' | 'profile'
}

export interface ComposePlan {
  readonly records: readonly WantedRecord[]
  /** DER, or a record of the base. */
  readonly signer: Uint8Array | { readonly base: number } | undefined
  /** The name (`+1`) of each new record in `records`. */
  readonly names: ReadonlyMap<WantedRecord, string>
}

/** Servers that have no certificate: CCM+TFTP, as TAC 118893 prints them. */
const STUB_ROLE = 2

/** New SAST records stand first, tokens at their head; other new ones last. Throws USAGE. */
export function planCompose(wishes: ComposeWishes, material: ComposeMaterial): ComposePlan {
  const kept = keptRecords(wishes, material)
  const added = addedRecords(wishes, material)
  const isSast = (record: WantedRecord) => 'function' in record && record.function === SAST
  const usual = [...added.filter(isSast), ...kept, ...added.filter((record) => !isSast(record))]
  const find = (option: string, name: RecordName): WantedRecord => {
    const found = 'base' in name ? kept.find(({ base }) => base === name.base) : added[name.added - 1]
    if (found !== undefined) return found
    const text = 'base' in name ? `${name.base}` : `+${name.added}`
    throw new BridgeError(
      'USAGE',
      `ctl-bridge compose: --${option} names record ${text}; there are ${added.length} new records, counted by token, --add, --stub.`,
    )
  }
  const first = wishes.order.map((name) => find('order', name))
  return {
    records: [...first, ...usual.filter((record) => !first.includes(record))],
    signer: chooseSigner(wishes, material, (name) => find('signer', name)),
    names: new Map(added.map((record, index) => [record, `+${index + 1}`])),
  }
}

function keptRecords(wishes: ComposeWishes, material: ComposeMaterial): BaseRecord[] {
  const { base, certificates, layout } = material
  return (base?.records ?? []).flatMap((_, index): BaseRecord[] => {
    const number = index + 1
    if (wishes.remove.has(number)) return []
    const certificate = certificates.get(wishes.replace.get(number) ?? '')
    return [
      {
        base: number,
        layout,
        ...wishes.place.get(number),
        ...(certificate && { replacement: certificate }),
      },
    ]
  })
}

function addedRecords(
  { add, stubs }: ComposeWishes,
  { base, certificates, tokens }: ComposeMaterial,
): WantedRecord[] {
  const isListed = (der: Uint8Array) =>
    base?.records.some((record) => functionOf(record) === SAST && sameBytes(certificateOf(record), der))
  return [
    ...tokens
      .filter((der) => !isListed(der))
      .map((certificate) => ({ certificate, kind: 'token', function: SAST }) as const),
    ...add.map(({ file, ...rest }) => ({ certificate: certificates.get(file) ?? new Uint8Array(), ...rest })),
    ...stubs.map((stub) => ({ stub: { function: STUB_ROLE, ...stub } })),
  ]
}

function chooseSigner(
  { signer }: ComposeWishes,
  { certificates, tokens }: ComposeMaterial,
  find: (name: RecordName) => WantedRecord,
): ComposePlan['signer'] {
  if (signer === undefined) return tokens[0]
  if ('file' in signer) return certificates.get(signer.file)
  const record = find(signer)
  if ('base' in record) return record.replacement ?? { base: record.base }
  if ('certificate' in record) return record.certificate
  throw new BridgeError('USAGE', 'ctl-bridge compose: --signer names a record without certificate.')
}
