/** What may be put onto a node. A wrong CTL is fetched by every phone. */
import { createHash } from 'node:crypto'
import { BridgeError } from '../../bridge-error.js'
import { CtlError } from '../../ctl/ctl-error.js'
import { decodeCtlFile } from '../../ctl/ctl-file.js'
import { fileNameOf } from '../../ctl/header-fields.js'
import { verifyCtlFile } from '../../trust/verify/verify-ctl-file.js'

export const CTL_FILE = 'CTLFile.tlv'

export interface CheckedFile {
  readonly file: string
  readonly bytes: Uint8Array
  readonly sha256: string
}

/** Throws PUBLISH_FILE_REFUSED, or CTL_… where the name says CTL or ITL and the bytes are none that verifies. */
export function checkPublishedFile(bytes: Uint8Array, file: string = CTL_FILE): CheckedFile {
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/.test(file)) {
    throw refusal(file, 'A file of TFTP is named by letters, digits, dots, hyphens and underscores here.')
  }
  if (/\.tlv$/i.test(file)) checkTrustList(bytes, file)
  else if (bytes.length === 0) throw refusal(file, 'The file is empty.')
  return { file, bytes, sha256: sha256Of(bytes) }
}

export const sha256Of = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

function checkTrustList(bytes: Uint8Array, file: string): void {
  const { problem } = verifyCtlFile(bytes)
  if (problem !== undefined) throw new CtlError(problem.code, problem.detail, problem.at)
  const own = fileNameOf(decodeCtlFile(bytes))
  // Phones ask for CTLSEP<MAC>.tlv and get CTLFile.tlv, so the first letters decide.
  const [kind] = /^(CTL|ITL)/i.exec(file) ?? []
  const [ownKind] = /^(CTL|ITL)/i.exec(own ?? '') ?? []
  if (kind === undefined) throw refusal(file, 'A trust list is named CTL… or ITL….')
  if (ownKind === undefined || ownKind.toUpperCase() === kind.toUpperCase()) return
  throw refusal(file, `The file says of itself that it is ${own}.`)
}

const refusal = (file: string, detail: string): BridgeError =>
  new BridgeError('PUBLISH_FILE_REFUSED', detail, { file: file.slice(0, 100) })
