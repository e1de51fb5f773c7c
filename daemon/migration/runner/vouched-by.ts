/** The certificates that every TVS that was asked vouches for as SAST. Pure. */
import { decodeCtlFile } from '../../ctl/ctl-file.js'
import { certificateOf } from '../../ctl/record-fields.js'
import { seen, sha256 } from '../plan/ground.js'
import type { Situation } from '../situation/situation.js'

const SAST_ROLE = 0

/** `known`: certificates beside those of tokens and of the files that were seen. */
export function vouchedBy(
  situation: Situation,
  known: readonly Uint8Array[] = [],
): readonly Uint8Array[] | 'not asked' {
  const asked = situation.nodes.flatMap(({ tvs }) => (tvs === undefined ? [] : [tvs]))
  if (asked.length === 0) return 'not asked'
  const certificates = new Map(
    [...known, ...situation.tokens.map(({ certificate }) => certificate), ...servedCertificates(situation)].map(
      (certificate) => [sha256(certificate), certificate],
    ),
  )
  return [...certificates].flatMap(([sum, certificate]) => {
    const isVouched = asked.every((tvs) => {
      const answer = seen(tvs[sum])
      return answer?.isTrusted === true && answer.roles.includes(SAST_ROLE)
    })
    return isVouched ? [certificate] : []
  })
}

function servedCertificates({ nodes }: Situation): Uint8Array[] {
  return nodes.flatMap(({ ctl, itl }) =>
    [ctl, itl].flatMap((observed) => {
      const file = seen(observed)
      return file instanceof Uint8Array ? certificatesIn(file) : []
    }),
  )
}

export function certificatesIn(file: Uint8Array): Uint8Array[] {
  try {
    return decodeCtlFile(file).records.flatMap((record) => certificateOf(record) ?? [])
  } catch {
    return []
  }
}
