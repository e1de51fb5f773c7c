import { X509Certificate } from 'node:crypto'
import test from 'ava'
import { decodeCtlFile } from '../../daemon/ctl/ctl-file.js'
import { certificateOf } from '../../daemon/ctl/record-fields.js'
import { type CtlDescription, describeCtlFile } from '../../daemon/trust/show/describe-ctl-file.js'
import { showCtlText } from '../../daemon/trust/show/show-ctl-text.js'
import { showLongText } from '../../daemon/trust/show/show-long-text.js'
import * as raw from '../ctl/raw-file.js'
import { realFile } from '../vectors/real-file.js'
import { tacFile, tacFileShown } from '../vectors/tac-files.js'
import { makeCertificate, rsaKey } from './make-certificate.js'

const { bytes, file, record, tlv } = raw

const longPart = (text: string): string => text.slice(text.indexOf('What show ctl does not print'))

test('--long is the known text, and more below it', (t) => {
  const original = tacFile('token-signed')
  const long = showLongText(original, { timeZone: 'Europe/Warsaw' })
  t.true(long.startsWith(`${tacFileShown('token-signed')}\nWhat show ctl does not print\n`))
})

test('--long tells what CUCM hides of a token-signed file', (t) => {
  const long = longPart(showLongText(tacFile('token-signed')))
  for (const line of [
    '  kind         CTL, by its FILENAME',
    'Header: bytes 0 to 303',
    '  signer       record 5',
    '  digest       SHA-1 (code 1)',
    '  signature    RSA, PKCS#1 v1.5 (code 0), 128 bytes (code 1), tag at byte 148',
    '  FILENAME     CTLFile.tlv',
    '  TIMESTAMP    2015-03-06 19:37:59 UTC',
    '  tags         1 2 3 7 12 14 15',
    '  padding      3 of tag 13, at byte 301, 302, 303',
    'Record 1: bytes 304 to 1489 (1186)',
    '  role         0, System Administrator Security Token',
    '  address      0.0.0.0',
    '  subject      CN=SAST-ADN008580ef       \\ ,OU=IPCBU,O=Cisco Systems',
    '  issuer       CN=Cisco Manufacturing CA,O=Cisco Systems',
    '  serial       31:AF:45:55:00:00:00:08:E9:83, byte-reversed in the record',
    '  valid        2015-01-01 00:00:00 UTC to 2035-01-01 00:00:00 UTC',
    '  key          RSA, 1024 bits',
    '  chain        its issuer is not in this file',
    '  chain        self-signed',
    '  tags         1 2 3 4 5 6 7 9 10',
  ]) {
    t.true(long.split('\n').includes(line), line)
  }
})

test('an ITL is called one, and tag 28 is told', (t) => {
  const long = longPart(showLongText(realFile()))
  t.regex(long, /kind {9}ITL, by its FILENAME/)
  t.regex(long, /tag 28 {7}1\.0, as certutils writes/)
})

test('fields stand where the bytes have them', (t) => {
  for (const original of [realFile(), tacFile('reverted'), tacFile('non-secure')]) {
    const described = describeCtlFile(original)
    const fields = [...described.fields, ...described.records.flatMap((entry) => entry.fields)]
    for (const { tag, offset, length } of fields) {
      t.is(original[offset], tag)
      const padding = tag === 13 && length === 0
      if (!padding) t.is((original[offset + 1] ?? 0) * 256 + (original[offset + 2] ?? 0), length)
    }
  }
})

test('certificates are described as OpenSSL reads them', (t) => {
  for (const original of [realFile(), tacFile('regenerated')]) {
    const described = describeCtlFile(original)
    for (const [index, entry] of decodeCtlFile(original).records.entries()) {
      const openssl = new X509Certificate(certificateOf(entry) ?? new Uint8Array())
      const ours = described.records[index]?.certificate
      t.is(ours?.sha256, openssl.fingerprint256.replaceAll(':', '').toLowerCase())
      t.is(Date.parse(ours?.notAfter ?? ''), Date.parse(openssl.validTo))
      t.is(ours?.chain?.selfSigned, openssl.verify(openssl.publicKey))
    }
  }
})

test('unknown tags are shown with place and bytes, in text and as data', (t) => {
  const header = bytes(
    raw.signerId(tlv(77, [1, 2])),
    raw.signatureInfo(),
    raw.signature(),
    tlv(200, [0xca, 0xfe]),
    13,
  )
  const strange = file(header, record(bytes(tlv(4, [0, 99]), tlv(50, []), tlv(51, [0x0a]))))
  const described = describeCtlFile(strange)
  t.deepEqual(
    described.fields.filter(({ hex }) => hex !== undefined).map(({ tag, within, hex }) => [tag, within, hex]),
    [
      [77, 3, '0102'],
      [200, undefined, 'cafe'],
    ],
  )
  const long = showLongText(strange)
  t.regex(long, / tag 77 {7}unknown in SIGNERID, at byte \d+, 2 bytes: 01 02\n/)
  t.regex(long, / tag 200 {6}unknown, at byte \d+, 2 bytes: ca fe\n/)
  t.regex(long, / tag 50 {7}unknown, at byte \d+, 0 bytes\n/)
  t.regex(long, / role {9}99, UNKNOWN \(99\)\n {2}certificate {2}none\n/)
  t.regex(long, /kind {9}CTL or ITL; FILENAME does not say/)
  t.regex(long, /signer {7}not among the SAST records/)
})

test('every fact of --long is in the JSON', (t) => {
  const described: CtlDescription = JSON.parse(JSON.stringify(describeCtlFile(tacFile('token-signed'))))
  t.like(described, { kind: 'ctl', digestCode: 1, modulusCode: 1, verified: true, signer: { record: 5 } })
  t.like(described.records[0], {
    serialOrder: 'reversed',
    certificate: { length: 902, chain: { selfSigned: false, issuedBy: [], sameNameOnly: [] } },
  })
  t.is(described.fields.filter(({ tag }) => tag === 13).length, 3)
})

test('a wrapped line is no longer than the terminal, and the layout is not wrapped', (t) => {
  const original = tacFile('token-signed')
  const whole = showLongText(original)
  for (const width of [40, 80, 120]) {
    const shown = showLongText(original, { width })
    t.true(shown.startsWith(showCtlText(original)))
    const lines = longPart(shown).split('\n')
    for (const line of lines.filter((text) => text.startsWith('  '))) t.true(line.length <= width, line)
    const squeezed = (text: string) => longPart(text).replaceAll(/\s/g, '')
    t.is(squeezed(shown), squeezed(whole))
  }
})

/** Texts that a terminal would obey, reorder or choke on. */
const hostileTexts: ReadonlyArray<readonly [string, Uint8Array]> = [
  ['control characters', Buffer.from('a\r\n\b\u0007\u007fb')],
  ['ANSI escapes', Buffer.from('\u001b[2J\u001b]0;owned\u0007\u001b[31m')],
  ['C1 escapes', Buffer.from('\u009b2J\u0085')],
  ['marks of direction', Buffer.from('\u202egro.ocsic\u2066\u200f')],
  ['line separators', Buffer.from('a\u2028b\u2029c')],
  ['invalid UTF-8', Buffer.from([0x41, 0xff, 0xc3, 0x28, 0xed, 0xa0, 0x80, 0x9b])],
  ['64 KB', Buffer.alloc(65_000, 'x\u001b')],
]
const obeyed = /[^\P{Cc}\n\t]|[\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u

for (const [what, text] of hostileTexts) {
  test(`names with ${what} are shown escaped, with --long as well`, (t) => {
    const name = text.length > 30_000 ? text : Buffer.concat([Buffer.from('CN='), text])
    const subject = name.toString('utf8').slice(0, 60)
    const der = makeCertificate({ subject: [['CN', subject]], key: rsaKey(1024), serial: '01' })
    const fields = [tlv(4, [0, 0]), tlv(9, der)]
    const isLarge = text.length > 30_000
    const hostile = file(
      raw.usualHeader(),
      record(
        isLarge ? bytes(tlv(3, name, 0), tlv(4, [0, 1])) : bytes(tlv(2, name, 0), tlv(3, name, 0), ...fields),
      ),
    )
    for (const shown of [showCtlText(hostile), showLongText(hostile), showLongText(hostile, { width: 80 })]) {
      t.notRegex(shown, obeyed)
      t.is(shown.split('\n').filter((line) => line.startsWith('CTL Record #:')).length, 1)
    }
  })
}
