import { readFileSync } from 'node:fs'

function vector(name: string): Buffer {
  return readFileSync(new URL(`../../../test/vectors/${name}`, import.meta.url))
}

/** A trust list from the field; see README.md. */
export const realFile = (): Uint8Array => Uint8Array.from(vector('ITLFile-real.tlv'))

export const realFileShown = (): string => vector('ITLFile-real.show.txt').toString('utf8')
