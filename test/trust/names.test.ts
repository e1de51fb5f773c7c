import test from 'ava'
import { decodeCtlFile } from '../../daemon/ctl/ctl-file.js'
import { certificateOf, recordValue } from '../../daemon/ctl/record-fields.js'
import { encodeText } from '../../daemon/ctl/text.js'
import { readCertificate } from '../../daemon/trust/certificate/certificate.js'
import { certificateFields } from '../../daemon/trust/certificate/certificate-fields.js'
import { realFile } from '../vectors/real-file.js'
import { makeCertificate, type Name, rsaKey } from './make-certificate.js'
import * as tac from './tac-cluster.js'

const certificate = (subject: Name, serial = '0102') =>
  readCertificate(makeCertificate({ subject, key: rsaKey(1024), serial }))
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')

test("a Cisco token's names and serial are byte-exact in the profile of the CTL Client", (t) => {
  const fields = certificateFields(readCertificate(tac.firstToken.der), 'ctl-client', 'token')
  t.is(fields.subject, 'cn="SAST-ADN008580ef        ";ou=IPCBU;o="Cisco Systems')
  t.is(fields.subject.length, 55)
  t.is(fields.issuer, 'cn=Cisco Manufacturing CA;o=Cisco Systems')
  t.is(hex(fields.serial), '83e9080000005545af31')
})

test('the same token is written otherwise by the other producers', (t) => {
  const read = readCertificate(tac.firstToken.der)
  const cli = certificateFields(read, 'cucm-cli', 'token')
  t.is(cli.subject, 'CN=SAST-ADN008580ef        ;OU=IPCBU;O=Cisco Systems')
  t.is(hex(cli.serial), '31af455500000008e983')
  const certutils = certificateFields(read, 'certutils', 'token')
  t.is(certutils.subject, 'O=Cisco Systems,OU=IPCBU,CN=SAST-ADN008580ef       \\ ')
  t.is(hex(certutils.serial), '31af455500000008e983')
})

test("a server's names put CN first, and its serial is not turned round", (t) => {
  const read = readCertificate(tac.publisher.der)
  for (const profile of ['ctl-client', 'cucm-cli'] as const) {
    const fields = certificateFields(read, profile, 'server')
    t.is(fields.subject, 'CN=cucm-1051-a-pub;OU=TAC;O=Cisco;L=Krakow;ST=Malopolska;C=PL')
    t.is(fields.issuer, fields.subject)
    t.is(hex(fields.serial), '70caf648090751b9df22f49f754fc5bb')
  }
})

test("a token that Cisco did not make is named by CryptoAPI's rules, with a closing quote", (t) => {
  const read = certificate(
    [
      ['C', 'NZ'],
      ['O', 'A, "B"'],
      ['CN', 'SAST-1 '],
    ],
    '00ff01',
  )
  const fields = certificateFields(read, 'ctl-client', 'token')
  t.is(fields.subject, 'cn="SAST-1 ";o="A, ""B""";c=NZ')
  t.is(hex(fields.serial), '01ff', 'without the zero of the sign, turned round')
})

test('RFC 4514 turns the order round and escapes; unknown types are written in hex', (t) => {
  const read = certificate([
    ['C', 'NZ'],
    ['1.2.3.4', 'x'],
    ['O', ' a+b, #c '],
    ['CN', '#é'],
  ])
  t.is(read.subject, 'CN=\\#é,O=\\ a\\+b\\, #c\\ ,1.2.3.4=#0c0178,C=NZ')
})

test('attributes that CUCM has no place for come after the others', (t) => {
  const read = certificate([
    ['2.5.4.5', '77'],
    ['C', 'NZ'],
    ['CN', 'a'],
  ])
  t.is(certificateFields(read, 'cucm-cli', 'server').subject, 'CN=a;C=NZ;2.5.4.5=77')
})

test('the records of a real file of certutils are written as they stand in it', (t) => {
  const { records } = decodeCtlFile(realFile())
  for (const record of records) {
    const der = certificateOf(record)
    if (der === undefined) return t.fail()
    const fields = certificateFields(readCertificate(der), 'certutils', 'server')
    t.deepEqual(
      [
        encodeText(fields.subject),
        encodeText(fields.issuer),
        fields.serial,
        fields.publicKey,
        fields.certificateSignature,
      ],
      [3, 5, 6, 7, 8].map((tag) => recordValue(record, tag) ?? new Uint8Array()),
    )
  }
  t.is(records.length, 5)
})
