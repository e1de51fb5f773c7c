/** The files of TAC 118893's migrations, and others that phones may hold. */

import type { RecordProfileName } from '../../daemon/ctl/record-profiles.js'
import { SAST } from '../../daemon/ctl/tags.js'
import { composeCtl, type NewRecord } from '../../daemon/trust/compose/compose-ctl.js'
import { readTrustList, type TrustList } from '../../daemon/trust/phones/trust-list.js'
import * as tac from './tac-cluster.js'

export const TVS_ROLE = 21
const SERVER = 2

export interface FileWish {
  readonly signer: tac.Holder
  /** SAST beside the signer. */
  readonly sast?: readonly tac.Holder[]
  readonly profile?: RecordProfileName
  readonly digest?: 'sha1' | 'sha512'
  readonly timestamp?: number
  readonly server?: tac.Holder
  readonly extra?: readonly NewRecord[]
}

const isToken = (holder: tac.Holder) => holder === tac.firstToken || holder === tac.secondToken

export function record(holder: tac.Holder, role: number, dnsName = 'cucm-1051-a-pub'): NewRecord {
  const isServer = !isToken(holder)
  return {
    certificate: holder.der,
    kind: isServer ? 'server' : 'token',
    function: role,
    ...(isServer && { dnsName, ipAddress: Uint8Array.of(10, 48, 47, 153) }),
  }
}

export function draftOf(wish: FileWish) {
  const { signer, sast = [], server = tac.publisher, extra = [] } = wish
  return composeCtl({
    profile: wish.profile ?? (isToken(signer) ? 'ctl-client' : 'cucm-cli'),
    digest: wish.digest ?? 'sha1',
    timestamp: wish.timestamp ?? 0x54fa0217,
    signer: signer.der,
    records: [...[signer, ...sast].map((holder) => record(holder, SAST)), record(server, SERVER), ...extra],
  })
}

export const signedFile = (wish: FileWish): Uint8Array =>
  tac.signDraft(draftOf(wish), wish.signer.key, wish.digest ?? 'sha1')

export const listOf = (wish: FileWish): TrustList => readTrustList(signedFile(wish))

/** ITLRecovery, which signs from 12.0 on. */
export const itlRecovery: tac.Holder = tac.sastToken('ITLRECOVERY_pub', '0a0b0c0d0e0f')

/** A tokenless CTL of CUCM 10.5(2): CallManager signs, ITLRecovery is SAST too. */
export const tokenless: FileWish = { signer: tac.publisher, sast: [itlRecovery] }
/** A token CTL of CUCM 10.5: tokens only. */
export const byTokens: FileWish = { signer: tac.firstToken, sast: [tac.secondToken] }
/** A token CTL of CUCM 11.5 and later: ITLRecovery and CallManager are SAST as well. */
export const byTokensAndServers: FileWish = {
  signer: tac.firstToken,
  sast: [tac.secondToken, itlRecovery, tac.publisher],
}
/** An ITL that lists CallManager as its signer, and TVS. */
export const itl: FileWish = { signer: tac.publisher, extra: [record(tac.capf, TVS_ROLE)] }
