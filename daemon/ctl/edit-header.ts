import { type CtlField, fieldsSize, HEADER_START } from './ctl-field.js'
import type { SignerId } from './header-fields.js'
import { headerTag } from './tags.js'

/** The header's values that composing decides. */
export interface HeaderValues {
  readonly signer: SignerId
  /** The value of each field outside SIGNERID, by tag. */
  readonly values: ReadonlyMap<number, Uint8Array>
}

/**
 * The header of a file with other values: order, tag 28 and tags that nobody documents stay. FILENAME and
 * TIMESTAMP are added where they are missing.
 */
export function editHeader(header: readonly CtlField[], { signer, values }: HeaderValues): CtlField[] {
  const wanted = new Map([
    ...values,
    [headerTag.signerName as number, signer.name],
    [headerTag.serialNumber as number, signer.serial],
    [headerTag.caName as number, signer.issuer],
  ])
  const edited = header.map((field) => withValues(field, wanted))
  const missing = [headerTag.fileName, headerTag.timestamp].flatMap((tag): CtlField[] => {
    const value = wanted.get(tag)
    const isThere = header.some((field) => field.kind === 'value' && field.tag === tag)
    return isThere || value === undefined ? [] : [{ kind: 'value', tag, value }]
  })
  const end = edited.findLastIndex(({ kind }) => kind !== 'padding') + 1
  const whole = [...edited.slice(0, end), ...missing, ...edited.slice(end)]
  return hasUsualPadding(header) ? padHeader(whole.filter(({ kind }) => kind !== 'padding')) : whole
}

function withValues(field: CtlField, wanted: ReadonlyMap<number, Uint8Array>): CtlField {
  if (field.kind === 'padding') return field
  if (field.kind === 'container') {
    return { ...field, fields: field.fields.map((inner) => withValues(inner, wanted)) }
  }
  return { ...field, value: wanted.get(field.tag) ?? field.value }
}

/** Lone bytes up to a boundary of 4: printed header lengths are multiples of 4, and certutils pads so. */
export function padHeader(header: readonly CtlField[]): CtlField[] {
  return [...header, ...Array.from({ length: gapAfter(header) }, (): CtlField => lonePadding)]
}

const lonePadding: CtlField = { kind: 'padding', form: 'lone' }

const gapAfter = (header: readonly CtlField[]): number => -(HEADER_START + fieldsSize(header)) & 3

/** Padding of any other form or place is somebody's, and stays as it is. */
function hasUsualPadding(header: readonly CtlField[]): boolean {
  const end = header.findLastIndex(({ kind }) => kind !== 'padding') + 1
  const tail = header.slice(end)
  return (
    header.slice(0, end).every(({ kind }) => kind !== 'padding') &&
    tail.every((field) => field.kind === 'padding' && field.form === 'lone') &&
    tail.length === gapAfter(header.slice(0, end))
  )
}
