import test from 'ava'
import { decodeCtlFile } from '../../daemon/ctl/ctl-file.js'
import { signerIdOf } from '../../daemon/ctl/header-fields.js'
import { recordValue } from '../../daemon/ctl/record-fields.js'
import { composeCtl, type NewRecord, type TokenCtlRequest } from '../../daemon/trust/compose/compose-ctl.js'
import { verifyCtlFile } from '../../daemon/trust/verify/verify-ctl-file.js'
import { refusal } from '../ctl/refusals.js'
import { realFile } from '../vectors/real-file.js'
import { ecKey, makeCertificate } from './make-certificate.js'
import * as tac from './tac-cluster.js'

const token = (holder: tac.Holder): NewRecord => ({ certificate: holder.der, kind: 'token', function: 0 })
const request = (part: Partial<TokenCtlRequest> = {}): TokenCtlRequest => ({
  profile: 'ctl-client',
  digest: 'sha1',
  timestamp: 1,
  signer: tac.firstToken.der,
  records: [token(tac.firstToken), token(tac.secondToken)],
  ...part,
})

test("the header names the signer in the bytes of the signer's record", (t) => {
  const file = decodeCtlFile(composeCtl(request({ signer: tac.secondToken.der })))
  const record = file.records[1]
  if (record === undefined) return t.fail()
  t.deepEqual(signerIdOf(file), {
    name: recordValue(record, 3) ?? new Uint8Array(),
    serial: recordValue(record, 6) ?? new Uint8Array(),
    issuer: recordValue(record, 5) ?? new Uint8Array(),
  })
  t.is(Buffer.from(signerIdOf(file).serial).toString('hex'), '12e5080000005545a366')
})

test('a token file is the base of the next one, signed by a token that was copied', (t) => {
  const base = tac.signDraft(composeCtl(request()), tac.firstToken.key, 'sha1')
  const next = composeCtl(request({ base, signer: tac.secondToken.der, records: [{ base: 1 }, { base: 2 }] }))
  t.deepEqual(decodeCtlFile(next).records, decodeCtlFile(base).records)
  t.is(verifyCtlFile(tac.signDraft(next, tac.secondToken.key, 'sha1')).signer?.record, 2)
})

test('records that lack it get the signature of their certificate for other profiles', (t) => {
  const base = composeCtl(request())
  const next = decodeCtlFile(composeCtl(request({ base, profile: 'cucm-cli', records: [{ base: 1 }] })))
  t.deepEqual(next.records[0] && recordValue(next.records[0], 8), tac.firstToken.der.slice(-256))
})

test('records of a real file go into a token file once their addresses are given', (t) => {
  const base = realFile()
  const records = [{ base: 2 }, token(tac.firstToken)]
  const error = refusal(t, () => composeCtl(request({ base, records })), 'CTL_SERVER_ADDRESS_NEEDED')
  t.is(error.place.record, 2)
  const known = [{ base: 2, ipAddress: Uint8Array.of(10, 0, 0, 1) }, token(tac.firstToken)]
  const draft = composeCtl(request({ base, records: known }))
  t.is(verifyCtlFile(tac.signDraft(draft, tac.firstToken.key, 'sha1')).verdict, 'valid')
  const own = decodeCtlFile(
    composeCtl(request({ base, profile: 'certutils', records: [...records, { base: 3 }] })),
  )
  t.deepEqual(own.records[2], decodeCtlFile(base).records[2])
})

test('a signer that is not among the SAST records is refused', (t) => {
  refusal(t, () => composeCtl(request({ records: [token(tac.secondToken)] })), 'CTL_SIGNER_MISSING')
  const asServer = { ...token(tac.firstToken), function: 2, dnsName: '10.0.0.1' }
  refusal(t, () => composeCtl(request({ records: [asServer] })), 'CTL_SIGNER_MISSING')
})

test('a signer whose key cannot sign a CTL is refused with the reason', (t) => {
  const ec = makeCertificate({ subject: [['CN', 'e']], key: ecKey(), serial: '01' })
  const odd = tac.sastToken('SAST-odd', '01', 1536)
  for (const der of [ec, odd.der]) {
    const records = [{ certificate: der, kind: 'token', function: 0 } as const]
    refusal(t, () => composeCtl(request({ signer: der, records })), 'CTL_SIGNER_KEY_UNSUPPORTED')
  }
})

test('a record that the base does not have is refused with its number', (t) => {
  for (const part of [{ base: composeCtl(request()) }, {}]) {
    const attempt = () => composeCtl(request({ ...part, records: [token(tac.firstToken), { base: 9 }] }))
    t.is(refusal(t, attempt, 'CTL_NOT_ENCODABLE').place.record, 2)
  }
})

test('two tokens with one serial and issuer are refused before anybody signs', (t) => {
  const twin = tac.sastToken('SAST-ADN0twin0001', '31af455500000008e983')
  const records = [token(tac.firstToken), token(twin)]
  refusal(t, () => composeCtl(request({ records })), 'CTL_SIGNER_AMBIGUOUS')
})

test('a new certificate that is no DER is refused with the number of its record', (t) => {
  const records = [
    token(tac.firstToken),
    { certificate: Uint8Array.of(1), kind: 'server', function: 2 } as const,
  ]
  t.is(refusal(t, () => composeCtl(request({ records })), 'CTL_CERTIFICATE_NOT_DER').place.record, 2)
})

test('a base that does not verify is refused, and a draft is taken', (t) => {
  const base = Uint8Array.from(tac.signDraft(composeCtl(request()), tac.firstToken.key, 'sha1'))
  base[base.length - 1] = 1
  refusal(t, () => composeCtl(request({ base, records: [{ base: 1 }, { base: 2 }] })), 'CTL_SIGNATURE_WRONG')
  const draft = composeCtl(request())
  t.notThrows(() => composeCtl(request({ base: draft, records: [{ base: 1 }, { base: 2 }] })))
})
