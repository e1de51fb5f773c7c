import type { CtlFile, CtlRecord } from '../../ctl/ctl-field.js'
import { certificateOf } from '../../ctl/record-fields.js'
import { type RecordProfileName, recordProfileNames, recordProfiles } from '../../ctl/record-profiles.js'
import type { CompositionMode } from './arrange-sast.js'

/** The profile whose fields a record has, in whatever order; undefined for a stub and for a mixture. */
export function profileOfRecord(record: CtlRecord): RecordProfileName | undefined {
  if (certificateOf(record) === undefined) return undefined
  // The profile of CUCM has every field that some profile writes.
  const known = recordProfiles['cucm-cli'].recordOrder
  const tags = record.fields.flatMap((field) =>
    field.kind === 'value' && known.includes(field.tag) ? [field.tag] : [],
  )
  return recordProfileNames.find((name) => {
    const { recordOrder } = recordProfiles[name]
    return tags.length === recordOrder.length && tags.every((tag) => recordOrder.includes(tag))
  })
}

/** What a file is composed in when nobody says otherwise: as its base, or as the producer of that mode. */
export function usualProfile(
  base: CtlFile | undefined,
  mode: CompositionMode | undefined,
): RecordProfileName {
  const found = [...new Set(base?.records.flatMap((record) => profileOfRecord(record) ?? []))]
  const own = found.length === 1 ? found[0] : undefined
  if (own === 'certutils' || (mode === undefined && own !== undefined)) return own
  return mode === 'tokenless' ? 'cucm-cli' : 'ctl-client'
}
