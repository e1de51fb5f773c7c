/** Trust lists that are asked about again and again while a migration is looked at: each is verified once. */
import { readTrustList, type TrustList } from '../trust/phones/trust-list.js'

const known = new WeakMap<Uint8Array, TrustList>()

/** As `readTrustList`. Bytes that come from the store, or from a node, are never changed in place. */
export function knownTrustList(bytes: Uint8Array): TrustList {
  const list = known.get(bytes) ?? readTrustList(bytes)
  known.set(bytes, list)
  return list
}
