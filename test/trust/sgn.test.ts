import { sign } from 'node:crypto'
import test from 'ava'
import { insertSgnSignature, takeSgnToBeSigned, type UnsignedSgn } from '../../daemon/ctl/sgn-file.js'
import { asSignature } from '../../daemon/ctl/to-be-signed.js'
import { composeCtl } from '../../daemon/trust/compose/compose-ctl.js'
import { composeSgn, type SgnRequest } from '../../daemon/trust/sgn/compose-sgn.js'
import { describeSgnFile } from '../../daemon/trust/sgn/describe-sgn-file.js'
import { showSgnText } from '../../daemon/trust/sgn/show-sgn-text.js'
import { verifySgnFile } from '../../daemon/trust/sgn/verify-sgn-file.js'
import { opensslSays } from './openssl-says.js'
import { capf, firstToken, type Holder, newPublisher, signDraft, subscriber } from './tac-cluster.js'

const NAME = 'SEP001122334455.cnf.xml.sgn'
const xml = Buffer.from('<device/>\n')

function draftOf(holder: Holder, changed: Partial<SgnRequest> = {}): UnsignedSgn {
  return composeSgn({
    layout: 'certutils',
    digest: 'sha1',
    timestamp: 1_425_675_365,
    fileName: NAME,
    certificate: holder.der,
    payload: xml,
    ...changed,
  })
}

function signedBy(holder: Holder, changed: Partial<SgnRequest> = {}): Uint8Array {
  const draft = draftOf(holder, changed)
  const signature = sign(changed.digest ?? 'sha1', takeSgnToBeSigned(draft), holder.key.privateKey)
  return insertSgnSignature(draft, asSignature(new Uint8Array(signature)))
}

/** A CTL that lists this certificate in these roles. */
function trustOf(holder: Holder, roles: readonly number[], profile: 'certutils' | 'cucm-cli'): Uint8Array {
  const draft = composeCtl({
    profile,
    digest: 'sha1',
    timestamp: 1,
    signer: firstToken.der,
    records: [
      { certificate: firstToken.der, kind: 'token', function: 0 },
      { certificate: capf.der, kind: 'server', function: 4, dnsName: 'a', ipAddress: new Uint8Array(4) },
      ...roles.map((role) => ({
        certificate: holder.der,
        kind: 'server' as const,
        function: role,
        dnsName: 'a',
        ipAddress: new Uint8Array(4),
      })),
    ],
  })
  return signDraft(draft, firstToken.key, 'sha1')
}

const codes = (findings: readonly { code: string }[]) => findings.map(({ code }) => code)

test('what is composed and signed verifies with openssl alone', (t) => {
  for (const digest of ['sha1', 'sha256', 'sha512'] as const) {
    for (const layout of ['certutils', 'cucm'] as const) {
      const file = signedBy(newPublisher, { digest, layout })
      t.is(opensslSays(file, newPublisher.der, digest), 'Verified OK')
      const changed = Uint8Array.from(file)
      changed[changed.length - 2] = 65
      t.is(opensslSays(changed, newPublisher.der, digest), 'Verification failure')
      t.is(verifySgnFile(file, { certificate: newPublisher.der }).verdict, 'valid')
      t.is(verifySgnFile(changed, { certificate: newPublisher.der }).problem?.code, 'CTL_SIGNATURE_WRONG')
    }
  }
})

test('names are written as certutils writes them in such a header, or as CUCM does', (t) => {
  t.is(
    describeSgnFile(draftOf(subscriber)).signer.name,
    'C=PL;ST=Malopolska;L=Krakow;O=Cisco;OU=TAC;CN=cucm-1051-a-sub1',
  )
  t.is(
    describeSgnFile(draftOf(subscriber, { layout: 'cucm' })).signer.name,
    'CN=cucm-1051-a-sub1;OU=TAC;O=Cisco;L=Krakow;ST=Malopolska;C=PL',
  )
})

test('a phone finds the signer in its CTL by serial and issuer, and looks at the role', (t) => {
  for (const [roles, expected] of [
    [[2], 'valid'],
    [[3], 'valid'],
    [[1, 3], 'valid'],
    [[1], 'SGN_SIGNER_ROLE'],
    [[0], 'SGN_SIGNER_ROLE'],
    [[], 'CTL_SIGNER_MISSING'],
  ] as const) {
    const trust = trustOf(subscriber, roles, 'cucm-cli')
    const { verdict, problem, signer } = verifySgnFile(signedBy(subscriber, { layout: 'cucm' }), { trust })
    t.is(problem?.code ?? verdict, expected, roles.join())
    if (expected === 'valid') t.is(signer?.record, 2 + roles.length)
  }
})

test('an issuer written in another form is found and said to be so', (t) => {
  const trust = trustOf(subscriber, [3], 'certutils')
  const other = verifySgnFile(signedBy(subscriber), { trust }, { name: NAME })
  t.is(other.verdict, 'valid')
  t.deepEqual(codes(other.findings), ['ISSUER_WRITTEN_OTHERWISE'])
  const same = verifySgnFile(
    signedBy(subscriber, { layout: 'cucm' }),
    { trust: trustOf(subscriber, [3], 'cucm-cli') },
    { name: NAME },
  )
  t.deepEqual(codes(same.findings), [])
})

test('another key than the record’s, another certificate, and a CTL that does not hold are refused', (t) => {
  const trust = trustOf(subscriber, [3], 'cucm-cli')
  const draft = draftOf(subscriber, { layout: 'cucm' })
  const forged = insertSgnSignature(
    draft,
    asSignature(new Uint8Array(sign('sha1', takeSgnToBeSigned(draft), capf.key.privateKey))),
  )
  t.is(verifySgnFile(forged, { trust }).problem?.code, 'CTL_SIGNATURE_WRONG')
  t.is(verifySgnFile(draft, { trust }).problem?.code, 'CTL_UNSIGNED')
  t.is(verifySgnFile(signedBy(subscriber), { certificate: capf.der }).problem?.code, 'SGN_SIGNER_OTHER')
  const damaged = Uint8Array.from(trust)
  damaged[damaged.length - 1] = 9
  t.is(verifySgnFile(signedBy(subscriber), { trust: damaged }).problem?.code, 'CTL_SIGNATURE_WRONG')
  t.regex(verifySgnFile(signedBy(subscriber), { trust: damaged }).problem?.detail ?? '', /^The CTL or ITL/)
  t.is(verifySgnFile(new Uint8Array(), { trust }).problem?.code, 'CTL_EMPTY')
  t.is(verifySgnFile(xml, { certificate: xml }).verdict, 'invalid')
})

test('every byte of header and payload is under the signature', (t) => {
  const file = signedBy(subscriber, { layout: 'cucm' })
  const trust = trustOf(subscriber, [3], 'cucm-cli')
  for (let at = 0; at < file.length; at++) {
    const changed = Uint8Array.from(file)
    changed[at] = (changed[at] ?? 0) ^ 1
    t.is(verifySgnFile(changed, { trust }).verdict, 'invalid', String(at))
  }
})

test('findings tell of the name, the time of the certificate, encryption and an unchecked role', (t) => {
  const file = signedBy(subscriber)
  const against = { certificate: subscriber.der }
  const found = (name: string, at?: Date) =>
    codes(verifySgnFile(file, against, { name, ...(at && { at }) }).findings)
  t.deepEqual(found(NAME), ['ROLE_NOT_CHECKED'])
  // certutils puts .sgn into FILENAME, older releases did not.
  t.deepEqual(found('SEP001122334455.cnf.xml'), ['ROLE_NOT_CHECKED'])
  t.deepEqual(found('SEP665544332211.cnf.xml.sgn'), ['FILE_NAME_DIFFERS', 'ROLE_NOT_CHECKED'])
  t.true(found(NAME, new Date('2100-01-01')).includes('CERTIFICATE_EXPIRED'))
  t.true(found(NAME, new Date('1990-01-01')).includes('CERTIFICATE_NOT_YET_VALID'))
  t.true(found('SEP001122334455.cnf.xml.enc.sgn').includes('ENCRYPTED'))
})

test('the text shows the header as show ctl does, and what it stands in front of', (t) => {
  const file = Buffer.from(signedBy(subscriber, { fileName: 'SEP0[31m.xml' }))
  // A name that a terminal would obey is not written here, but may come from elsewhere.
  file[file.indexOf('SEP0') + 3] = 0x1b
  const text = showSgnText(file, NAME)
  t.regex(text, /\nVersion:\t1\.0\nHeaderLength:\t\d+ \(BYTES\)\n\nBYTEPOS\tTAG/)
  t.regex(text, /\n3\tSIGNERID\t2\t\d+\n4\tSIGNERNAME\t\d+\tC=PL;/)
  t.regex(text, /\nPayload\n-------\nName:\tSEP\\x1b\[31m\.xml\nLength:\t10 \(BYTES\)\n/)
  t.regex(text, /SHA256:\t[0-9a-f]{64}\n$/)
  t.false(text.includes('\u001b'))
})
