/** The certificates of a node as Certificate Management lists them. */
import { createHash, X509Certificate } from 'node:crypto'
import type { LabCluster, LabNode, TrustStoreName } from '../../../model/lab-cluster.js'
import { trustStores } from '../../../model/lab-cluster.js'

/** What a person can have made anew here. */
export const regenerable = ['CallManager', 'TVS', 'CAPF', 'ITLRecovery'] as const
export type Regenerable = (typeof regenerable)[number]

export interface ListedCertificate {
  /** `CallManager`, `Phone-SAST-trust`. */
  readonly purpose: Regenerable | 'tomcat' | TrustStoreName
  /** Lower-case hex of SHA-256 over the DER: how a page names one of many. */
  readonly fingerprint: string
  readonly x509: X509Certificate
  readonly commonName: string
}

export function certificatesOf(lab: LabCluster, node: LabNode): readonly ListedCertificate[] {
  const isPublisher = node === lab.publisher
  const recovery = isPublisher ? lab.itlRecovery() : undefined
  return [
    listed('tomcat', node.tomcat.certificate),
    listed('CallManager', node.callManager().certificate),
    listed('TVS', node.tvsStored().certificate),
    ...(isPublisher ? [listed('CAPF', lab.capf().certificate)] : []),
    ...(recovery === undefined ? [] : [listed('ITLRecovery', recovery.certificate)]),
    ...trustStores.flatMap((store) => node.trusted(store).map((der) => listed(store, der))),
  ]
}

function listed(purpose: ListedCertificate['purpose'], der: Uint8Array): ListedCertificate {
  const x509 = new X509Certificate(der)
  return {
    purpose,
    fingerprint: createHash('sha256').update(der).digest('hex'),
    x509,
    commonName: /^CN=(.*)$/m.exec(x509.subject)?.[1] ?? '',
  }
}

/** Which of them this node can make anew: CAPF and ITLRecovery are the publisher's. */
export function regenerableOn(lab: LabCluster, node: LabNode): readonly Regenerable[] {
  const present = new Set<string>(certificatesOf(lab, node).map(({ purpose }) => purpose))
  return regenerable.filter((what) => present.has(what))
}
