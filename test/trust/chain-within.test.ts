import test from 'ava'
import { readCertificateParts } from '../../daemon/trust/certificate/certificate-parts.js'
import { chainWithin } from '../../daemon/trust/show/chain-within.js'
import { ecKey, makeCertificate, type Name, rsaKey } from './make-certificate.js'

const name = (text: string): Name => [['CN', text]]
const [root, other, leaf] = [rsaKey(2048, 'root'), rsaKey(2048, 'other'), rsaKey(1024, 'leaf')]
const rootDer = makeCertificate({ subject: name('root'), key: root, serial: '01' })
const impostorDer = makeCertificate({ subject: name('root'), key: other, serial: '02' })
const leafDer = makeCertificate({
  subject: name('leaf'),
  issuer: name('root'),
  key: leaf,
  issuerKey: root,
  serial: '03',
})

const places = (...certificates: (Uint8Array | undefined)[]) =>
  chainWithin(certificates.map((der) => der && readCertificateParts(der)))

test('a certificate is issued by the one whose key made its signature, not by one of the same name', (t) => {
  t.deepEqual(places(leafDer, impostorDer, undefined, rootDer), [
    { selfSigned: false, issuedBy: [4], sameNameOnly: [2] },
    { selfSigned: true, issuedBy: [], sameNameOnly: [4] },
    undefined,
    { selfSigned: true, issuedBy: [], sameNameOnly: [2] },
  ])
})

test('an issuer that is not there is not made up', (t) => {
  t.deepEqual(places(leafDer), [{ selfSigned: false, issuedBy: [], sameNameOnly: [] }])
})

test('one certificate in two records is no chain', (t) => {
  const place = { selfSigned: true, issuedBy: [], sameNameOnly: [] }
  t.deepEqual(places(rootDer, rootDer), [place, place])
})

test('a certificate that only bears its own name as issuer is not self-signed', (t) => {
  const forged = makeCertificate({ subject: name('root'), key: leaf, issuerKey: other, serial: '04' })
  t.deepEqual(places(forged), [{ selfSigned: false, issuedBy: [], sameNameOnly: [] }])
})

test('an EC certificate is issued as well', (t) => {
  const key = ecKey()
  const der = makeCertificate({
    subject: name('ec'),
    issuer: name('root'),
    key,
    issuerKey: root,
    serial: '05',
  })
  t.deepEqual(places(rootDer, der)[1], { selfSigned: false, issuedBy: [1], sameNameOnly: [] })
})

test('a file in which every certificate has one name does not cost minutes', (t) => {
  const many = Array.from({ length: 400 }, (_, index) =>
    makeCertificate({
      subject: name('same'),
      key: leaf,
      serial: `01${(index + 256).toString(16).padStart(4, '0')}`,
    }),
  )
  const found = places(...many)
  t.not(found[0], undefined)
  t.is(found.at(-1), undefined)
})
