/** What the nodes serve in the end and who signed it, by a small reader and node:crypto, not by the product. */
import { createHash, X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { readTlv } from '../../lab/model/read-tlv.js'
import type { Rehearsal } from './rehearsal.js'

const CTL = 'CTLFile.tlv'

export const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

/** DER of the certificate of a token, from the file that a person uploads. */
export function certificateOf({ running: { tokens } }: Rehearsal, index: number): Uint8Array {
  const file = tokens.tokens[index]?.certificateFile
  if (file === undefined) throw new Error(`there is no token ${index}`)
  return new X509Certificate(readFileSync(file)).raw
}

export const pemSha256 = (rehearsal: Rehearsal, index: number): string =>
  sha256(certificateOf(rehearsal, index))

/** CTLFile.tlv of each node, as Cisco Tftp serves it. */
export const served = ({ running: { lab } }: Rehearsal): readonly (Uint8Array | undefined)[] =>
  lab.nodes.map((node) => node.serve(CTL))

/** SHA-256 of what each node serves and of what lies on its disk; `none` for no file. */
export const sumsOf = ({ running: { lab } }: Rehearsal): Readonly<Record<string, string>> =>
  Object.fromEntries(
    lab.nodes.map((node) => {
      const bytes = node.serve(CTL)
      return [node.name, bytes === undefined ? 'none' : sha256(bytes)]
    }),
  )

/** The one file that all nodes serve; throws when they differ. */
export function onlyFile(rehearsal: Rehearsal): Uint8Array | undefined {
  const sums = sumsOf(rehearsal)
  if (new Set(Object.values(sums)).size !== 1) throw new Error(`the nodes differ: ${JSON.stringify(sums)}`)
  return served(rehearsal)[0]
}

/** Whose key made the signature of a file. */
export function signerOf(rehearsal: Rehearsal, bytes: Uint8Array): string {
  const { lab, tokens } = rehearsal.running
  const itlRecovery = lab.itlRecovery()
  const signers: (readonly [string, Uint8Array])[] = [
    ...tokens.tokens.map((_, index) => ['token', certificateOf(rehearsal, index)] as const),
    ['CallManager', lab.publisher.callManager().certificate],
    ...(itlRecovery === undefined ? [] : [['ITLRecovery', itlRecovery.certificate] as const]),
  ]
  const file = readTlv(bytes)
  const found = signers.find(([, der]) => file.isSignedBy(new X509Certificate(der).publicKey))
  return found?.[0] ?? 'nobody known'
}
