/**
 * Cuts the signature record out of a CTL. Written from the format's description alone and sharing no
 * code with the product, so that it can contradict it.
 */
export function signatureAndRest(file: Buffer): { signature: Buffer; rest: Buffer } {
  const headerEnd = file.readUInt16BE(8)
  let at = 10
  while (at < headerEnd) {
    const length = file.readUInt16BE(at + 1)
    if (file[at] === 12) {
      const end = at + 3 + length
      return {
        signature: file.subarray(at + 3, end),
        rest: Buffer.concat([file.subarray(0, at), file.subarray(end)]),
      }
    }
    at += 3 + length
  }
  throw new Error('no signature')
}
