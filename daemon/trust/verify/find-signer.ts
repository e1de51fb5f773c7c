import { sameBytes } from '../../ctl/bytes.js'
import { CtlError } from '../../ctl/ctl-error.js'
import { recordOffsets } from '../../ctl/ctl-field.js'
import type { CtlFile } from '../../ctl/ctl-file.js'
import { signerIdOffset } from '../../ctl/header-fields.js'
import { certificateOf, signerRecordsOf } from '../../ctl/record-fields.js'
import { headerTag } from '../../ctl/tags.js'

/**
 * Index of the SAST record whose certificate must fit the signature. The publisher may stand in several
 * records with one certificate; that is common. Throws CTL_SIGNER_MISSING, or CTL_SIGNER_AMBIGUOUS when
 * serial and issuer lead to different certificates.
 */
export function findSigner(file: CtlFile): number {
  const [first, ...others] = signerRecordsOf(file)
  if (first === undefined) {
    throw new CtlError('CTL_SIGNER_MISSING', 'No SAST record has the serial and issuer of the signer.', {
      offset: signerIdOffset(file),
      tag: headerTag.signerId,
    })
  }
  for (const other of others) {
    if (!sameBytes(certificateAt(file, first), certificateAt(file, other))) {
      throw new CtlError(
        'CTL_SIGNER_AMBIGUOUS',
        `Records ${first + 1} and ${other + 1} have the signer's serial and issuer, and different certificates.`,
        { offset: recordOffsets(file)[other] ?? 0, record: other + 1 },
      )
    }
  }
  return first
}

function certificateAt(file: CtlFile, index: number): Uint8Array | undefined {
  const record = file.records[index]
  return record && certificateOf(record)
}
