/** The files whose sizes TAC 118893 prints, from the certificates of `tac-cluster.ts`. */
import type { SignedCtl, UnsignedCtl } from '../../daemon/ctl/to-be-signed.js'
import { composeCtl, type NewRecord, type TokenCtlRequest } from '../../daemon/trust/compose/compose-ctl.js'
import * as tac from './tac-cluster.js'

const address = (last: number) => Uint8Array.of(10, 48, 47, last)
const server = (holder: tac.Holder, role: number, dnsName: string, last = 153): NewRecord => ({
  certificate: holder.der,
  kind: 'server',
  function: role,
  dnsName,
  ipAddress: address(last),
})
const token = (holder: tac.Holder): NewRecord => ({ certificate: holder.der, kind: 'token', function: 0 })
const publisherName = 'cucm-1051-a-pub'

const tokenlessRequest = (publisher: tac.Holder): TokenCtlRequest => ({
  profile: 'cucm-cli',
  digest: 'sha1',
  timestamp: 0x54fa1467,
  signer: publisher.der,
  records: [
    server(publisher, 0, publisherName),
    server(publisher, 2, publisherName),
    server(tac.capf, 4, publisherName),
    server(tac.subscriber, 2, 'cucm-1051-a-sub1', 154),
  ],
})

export interface TacFile {
  readonly draft: UnsignedCtl
  readonly signed: SignedCtl
}

const signedBy = (draft: UnsignedCtl, { key }: tac.Holder): TacFile => ({
  draft,
  signed: tac.signDraft(draft, key, 'sha1'),
})

/** CUCM 10.5, `utils ctl set-cluster mixed-mode`. */
export function tokenless(): TacFile {
  return signedBy(composeCtl(tokenlessRequest(tac.publisher)), tac.publisher)
}

/** The publisher's CallManager certificate was regenerated with 2048 bits, then `utils ctl update CTLFile`. */
export function regenerated(): TacFile {
  return signedBy(composeCtl(tokenlessRequest(tac.newPublisher)), tac.newPublisher)
}

/** The CTL Client with two tokens, made from the tokenless file; the token in the port when it ends is the signer. */
export function withTokens(signer: tac.Holder, timestamp = 0x54fa0217): TacFile {
  const draft = composeCtl({
    base: tokenless().signed,
    profile: 'ctl-client',
    digest: 'sha1',
    timestamp,
    signer: signer.der,
    records: [token(tac.firstToken), { base: 2 }, { base: 3 }, { base: 4 }, token(tac.secondToken)],
  })
  return signedBy(draft, signer)
}

/** The same client while the cluster is non-secure: servers are stubs. */
export function nonSecure(): TacFile {
  const stub = (last: number) => ({
    stub: { function: 2, dnsName: `10.48.47.${last}`, ipAddress: address(last) },
  })
  const draft = composeCtl({
    profile: 'ctl-client',
    digest: 'sha1',
    timestamp: 0x54fa0217,
    signer: tac.firstToken.der,
    records: [
      token(tac.firstToken),
      stub(153),
      server(tac.capf, 4, '10.48.47.153'),
      stub(154),
      token(tac.secondToken),
    ],
  })
  return signedBy(draft, tac.firstToken)
}
