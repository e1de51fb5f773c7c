import test from 'ava'
import { decodeCtlFile, encodeCtlFile } from '../../daemon/ctl/ctl-file.js'
import { describeCtlFile } from '../../daemon/trust/show/describe-ctl-file.js'
import { showCtlText } from '../../daemon/trust/show/show-ctl-text.js'
import { checkCtlFile } from '../../daemon/trust/verify/check-ctl-file.js'
import { verifyCtlFile } from '../../daemon/trust/verify/verify-ctl-file.js'
import { realFile, realFileShown } from '../vectors/real-file.js'

const original = realFile()

test('a file from the field decodes and encodes to the same bytes', (t) => {
  t.is(original.length, 10_370)
  t.deepEqual(encodeCtlFile(decodeCtlFile(original)), original)
})

test('a file from the field is valid, with its signer and digest named', (t) => {
  const verdict = verifyCtlFile(original, { at: new Date('2026-01-01') })
  t.is(verdict.verdict, 'valid')
  t.is(verdict.digest, 'sha1')
  t.deepEqual(verdict.signer, {
    record: 1,
    subject: 'CN=SAST,O=SAST,OU=SAST',
    issuer: 'CN=SAST,O=SAST,OU=SAST',
    serial: '6B:A5:DE:3A:26:0B:06:93:37:C7:5B:38:BE:3C:2D:74',
    certificateSha256: '5535a3e4e9c60d51c998ac67eb14e73361d903987912e01ba10b942acf11a2e2',
    keyBits: 2048,
  })
  t.deepEqual(
    verdict.findings.map((finding) => finding.code),
    ['ONE_SAST_ONLY'],
  )
})

test('a file from the field is shown as it was read by eye', (t) => {
  t.is(showCtlText(original), realFileShown())
})

test('a file from the field is described', (t) => {
  const described = describeCtlFile(original)
  t.is(described.md5, 'dbf86422cbab7859f3b850c2375814f7')
  t.is(described.headerLength, 388)
  t.is(described.signerVersion, '1.0')
  t.is(described.timestamp, '2025-12-30T17:25:42.000Z')
  t.is(described.fileName, 'ITLFile.tlv')
  t.deepEqual(
    described.records.map(({ offset, length, functionName, signedTheFile }) => [
      offset,
      length,
      functionName,
      signedTheFile,
    ]),
    [
      [388, 1484, 'System Administrator Security Token', true],
      [1872, 1675, 'CCM', false],
      [3547, 1692, 'CCM', false],
      [5239, 2585, 'APP-SERVER', false],
      [7824, 2546, 'APP-SERVER', false],
    ],
  )
  t.deepEqual(described.records[3]?.certificate?.key, { type: 'rsa', bits: 4096 })
  t.deepEqual(JSON.parse(JSON.stringify(described)), described)
})

test('a file from the field with any one byte changed is invalid', (t) => {
  t.timeout(600_000)
  const accepted: string[] = []
  for (let at = 0; at < original.length; at++) {
    for (const mask of [0x01, 0xff]) {
      const changed = Uint8Array.from(original)
      changed[at] = (changed[at] ?? 0) ^ mask
      if (checkCtlFile(changed).problems.length === 0) accepted.push(`${at} ^ ${mask}`)
    }
  }
  t.deepEqual(accepted, [])
})

test('a file from the field cut anywhere is invalid', (t) => {
  t.timeout(600_000)
  for (let length = 0; length < original.length; length++) {
    if (checkCtlFile(original.subarray(0, length)).problems.length === 0)
      return t.fail(`accepted at ${length}`)
  }
  t.pass()
})
