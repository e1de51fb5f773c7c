/** The bytes of a certificate that a plan names by SHA-256. Pure. */
import type { Situation } from '../situation/situation.js'
import { entriesOf, readCurrentFile, sha256 } from './ground.js'

/** Of a token known here, or of a file that a node served. */
export function certificateNamed(situation: Situation, sum: string): Uint8Array | undefined {
  const token = situation.tokens.find(({ sha256 }) => sha256 === sum)
  if (token !== undefined) return token.certificate
  for (const { name, ctl, itl } of situation.nodes) {
    for (const file of [ctl, itl]) {
      if (file === undefined || !('seen' in file) || file.seen === 'none') continue
      const found =
        entriesOf(name, file.seen).find(({ sha256 }) => sha256 === sum)?.certificate ??
        readCurrentFile(file.seen)?.sast.find(({ certificate }) => sha256(certificate) === sum)?.certificate
      if (found !== undefined) return found
    }
  }
  return undefined
}
