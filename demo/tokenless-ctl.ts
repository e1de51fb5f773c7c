/**
 * The CTL that a tokenless CUCM 10.5 serves: the publisher's certificate twice (SAST, CCM+TFTP), CAPF,
 * one subscriber; signed by the publisher (TAC 118893).
 */
import { sign } from 'node:crypto'
import {
  insertSignature,
  type Signature,
  type SignedCtl,
  takeToBeSigned,
} from '../daemon/ctl/to-be-signed.js'
import { composeCtl } from '../daemon/trust/compose/compose-ctl.js'
import { makeServerCertificate } from './server-certificate.js'

const SAST = 0
const CCM_TFTP = 2
const CAPF = 4

export async function makeTokenlessCtl(timestamp: number): Promise<SignedCtl> {
  const [publisher, capf, subscriber] = await Promise.all([
    makeServerCertificate('cucm-1051-a-pub'),
    makeServerCertificate('CAPF-e41e7d87'),
    makeServerCertificate('cucm-1051-a-sub1'),
  ])
  const atPublisher = { dnsName: 'cucm-1051-a-pub', ipAddress: Uint8Array.of(10, 48, 47, 153) }
  const atSubscriber = { dnsName: 'cucm-1051-a-sub1', ipAddress: Uint8Array.of(10, 48, 47, 154) }
  const draft = composeCtl({
    profile: 'cucm-cli',
    digest: 'sha1',
    timestamp,
    signer: publisher.der,
    records: [
      { certificate: publisher.der, kind: 'server', function: SAST, ...atPublisher },
      { certificate: publisher.der, kind: 'server', function: CCM_TFTP, ...atPublisher },
      { certificate: capf.der, kind: 'server', function: CAPF, ...atPublisher },
      { certificate: subscriber.der, kind: 'server', function: CCM_TFTP, ...atSubscriber },
    ],
  })
  const signature = sign('sha1', takeToBeSigned(draft), publisher.privateKey)
  return insertSignature(draft, new Uint8Array(signature) as Signature)
}
