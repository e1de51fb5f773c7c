import test from 'ava'
import { fieldsOf, fieldsSize, headerLength, recordLength } from '../../daemon/ctl/ctl-field.js'
import { decodeCtlFile } from '../../daemon/ctl/ctl-file.js'
import { composeCtl, type NewRecord, type TokenCtlRequest } from '../../daemon/trust/compose-ctl.js'
import { verifyCtlFile } from '../../daemon/trust/verify-ctl-file.js'
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
  timestamp: 0x54fa0217,
  signer: publisher.der,
  records: [
    server(publisher, 0, publisherName),
    server(publisher, 2, publisherName),
    server(tac.capf, 4, publisherName),
    server(tac.subscriber, 2, 'cucm-1051-a-sub1', 154),
  ],
})

function sizes(bytes: Uint8Array): number[] {
  const file = decodeCtlFile(bytes)
  return [bytes.length, headerLength(file), ...file.records.map(recordLength)]
}

test('a tokenless file of CUCM 10.5 has the printed sizes', (t) => {
  const draft = composeCtl(tokenlessRequest(tac.publisher))
  t.deepEqual(sizes(draft), [4947, 336, 1156, 1156, 1138, 1161])
  const signerId = fieldsOf(decodeCtlFile(draft).header, 3)
  t.is(signerId && fieldsSize(signerId), 149)
  t.is(verifyCtlFile(tac.signDraft(draft, tac.publisher.key, 'sha1')).verdict, 'valid')
})

test('a tokenless file after a regeneration with 2048 bits has the printed sizes', (t) => {
  const draft = composeCtl(tokenlessRequest(tac.newPublisher))
  t.deepEqual(sizes(draft), [6113, 464, 1675, 1675, 1138, 1161])
  t.is(verifyCtlFile(tac.signDraft(draft, tac.newPublisher.key, 'sha1')).verdict, 'valid')
})

test('a token file made from the tokenless one has the printed sizes, and is signed by the token in use', (t) => {
  const base = tac.signDraft(composeCtl(tokenlessRequest(tac.publisher)), tac.publisher.key, 'sha1')
  const draft = composeCtl({
    base,
    profile: 'ctl-client',
    digest: 'sha1',
    timestamp: 0x54fa0217,
    signer: tac.secondToken.der,
    records: [token(tac.firstToken), { base: 2 }, { base: 3 }, { base: 4 }, token(tac.secondToken)],
  })
  t.deepEqual(sizes(draft), [5728, 304, 1186, 1022, 1004, 1026, 1186])
  const verdict = verifyCtlFile(tac.signDraft(draft, tac.secondToken.key, 'sha1'))
  t.is(verdict.verdict, 'valid')
  t.is(verdict.signer?.record, 5)
})

test('a token file of a non-secure cluster has the printed sizes', (t) => {
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
      { ...server(tac.capf, 4, '10.48.47.153') },
      stub(154),
      token(tac.secondToken),
    ],
  })
  t.deepEqual(sizes(draft), [3746, 304, 1186, 33, 1004, 33, 1186])
  t.is(verifyCtlFile(tac.signDraft(draft, tac.firstToken.key, 'sha1')).verdict, 'valid')
})
