/** Edits that can be seen to be wrong before anything is composed. */
import { decodeCtlFile } from '../../ctl/ctl-file.js'
import { certificateOf } from '../../ctl/record-fields.js'
import type { KnownToken } from '../situation/situation.js'
import { type PlanGround, sha256 } from './ground.js'
import type { CtlEdit, NoPlan } from './plan.js'

export function wrongEdit(
  { file }: PlanGround,
  edits: readonly CtlEdit[],
  signer: KnownToken,
): Pick<NoPlan, 'impossible' | 'instead'> | undefined {
  const records = file === undefined ? [] : decodeCtlFile(file.bytes).records
  const listed = new Set(records.flatMap((record) => certificateOf(record) ?? []).map(sha256))
  const stranger = edits.find((edit) => edit.edit !== 'add' && !listed.has(edit.certificate))
  if (stranger !== undefined) {
    return {
      impossible: `No record of the file that is served holds the certificate with SHA-256 ${stranger.certificate}.`,
      instead: 'ctl-bridge show --json CTLFile.tlv lists the certificates of its records.',
    }
  }
  const own = edits.find(
    (edit) => (edit.edit === 'remove' || edit.edit === 'replace') && edit.certificate === signer.sha256,
  )
  if (own === undefined) return undefined
  return {
    impossible: `Token ${signer.serial} is to sign, and its own record is to go.`,
    instead: 'Let another token of the file sign: --signer.',
  }
}
