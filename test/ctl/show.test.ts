import test from 'ava'
import { decodeCtlFile } from '../../daemon/ctl/ctl-file.js'
import { type ShowValues, showCtlFile, showNoCtlFile } from '../../daemon/ctl/show.js'
import * as raw from './raw-file.js'

const { bytes, file, record, tlv } = raw
const values: ShowValues = {
  md5: 'aa',
  sha1: 'bb',
  modifiedText: 'Fri Mar 06 21:56:07 CET 2015',
  certificateSha1: [Uint8Array.of(0xe9, 0x0d)],
  verified: true,
  length: 4947,
}
const signerFields = bytes(tlv(3, 'CN=A\0'), tlv(5, 'CN=B\0'), tlv(6, [1, 2]))
const sast = record(bytes(tlv(2, '\0'), signerFields, tlv(4, [0, 0]), tlv(9, [1])))
const other = record(bytes(tlv(5, 'CN=B\0'), tlv(6, [9]), tlv(4, [0, 0])))
const server = record(bytes(signerFields, tlv(4, [0, 2]), tlv(99, 'abc')))

test('a file is shown in the layout of `show ctl`', (t) => {
  const shown = showCtlFile(decodeCtlFile(file(raw.usualHeader(), bytes(sast, other, server))), values)
  const lines = shown.split('\n')
  t.deepEqual(lines.slice(0, 18), [
    'The checksum value of the CTL file:',
    'aa(MD5)',
    'bb(SHA1)',
    '',
    'Length of CTL file: 4947',
    'The CTL File was last modified on Fri Mar 06 21:56:07 CET 2015',
    '',
    'Parse CTL File',
    '----------------',
    '',
    'Version:\t1.2',
    'HeaderLength:\t208 (BYTES)',
    '',
    'BYTEPOS\tTAG\t\tLENGTH\tVALUE',
    '-------\t---\t\t------\t-----',
    '3\tSIGNERID\t2\t21',
    '4\tSIGNERNAME\t5\tCN=A',
    '5\tSERIALNUMBER\t2\t01:02',
  ])
  t.deepEqual(lines.slice(18, 25), [
    '6\tCANAME\t\t5\tCN=B',
    '7\tSIGNATUREINFO\t2\t15',
    '8\tDIGESTALGORTITHM\t1',
    '9\tSIGNATUREALGOINFO\t2\t8',
    '10\tSIGNATUREALGORTITHM\t1',
    '11\tSIGNATUREMODULUS\t1',
    '12\tSIGNATURE\t128',
  ])
  t.is(lines[25], '            7 7 7 7 7 7 7 7')
  t.deepEqual(lines.slice(41), [
    '14\tFILENAME\t12',
    '15\tTIMESTAMP\t4',
    '',
    'CTL Record #:1',
    '----',
    'BYTEPOS\tTAG\t\tLENGTH\tVALUE',
    '-------\t---\t\t------\t-----',
    '1\tRECORDLENGTH\t2\t39',
    '2\tDNSNAME\t\t1\t',
    '3\tSUBJECTNAME\t5\tCN=A',
    '5\tISSUERNAME\t5\tCN=B',
    '6\tSERIALNUMBER\t2\t01:02',
    '4\tFUNCTION\t2\tSystem Administrator Security Token',
    '9\tCERTIFICATE\t1\tE9 0D (SHA1 Hash HEX)',
    'This etoken was used to sign the CTL file.',
    '',
    'CTL Record #:2',
    '----',
    'BYTEPOS\tTAG\t\tLENGTH\tVALUE',
    '-------\t---\t\t------\t-----',
    '1\tRECORDLENGTH\t2\t22',
    '5\tISSUERNAME\t5\tCN=B',
    '6\tSERIALNUMBER\t1\t09',
    '4\tFUNCTION\t2\tSystem Administrator Security Token',
    'This etoken was not used to sign the CTL file.',
    '',
    'CTL Record #:3',
    '----',
    'BYTEPOS\tTAG\t\tLENGTH\tVALUE',
    '-------\t---\t\t------\t-----',
    '1\tRECORDLENGTH\t2\t37',
    '3\tSUBJECTNAME\t5\tCN=A',
    '5\tISSUERNAME\t5\tCN=B',
    '6\tSERIALNUMBER\t2\t01:02',
    '4\tFUNCTION\t2\tCCM+TFTP',
    '99\tUNKNOWN\t\t3',
    '',
    'The CTL file was verified successfully.',
    '',
  ])
})

test('a file that does not verify says so, and one that nobody judged says nothing', (t) => {
  const decoded = decodeCtlFile(file(raw.usualHeader()))
  t.regex(showCtlFile(decoded, { ...values, verified: false }), /Verification of the CTL file failed\.\n$/)
  t.notRegex(showCtlFile(decoded, { ...values, verified: undefined }), /verif/i)
})

test('names cannot control the terminal', (t) => {
  const evil = record(bytes(tlv(3, 'CN=\x1b[31m\nCTL Record #:9\0'), tlv(4, [0, 77])))
  const shown = showCtlFile(decodeCtlFile(file(raw.usualHeader(), evil)), values)
  t.true(shown.includes('\tCN=\\x1b[31m\\x0aCTL Record #:9\n'))
  t.true(shown.includes('\tUNKNOWN (77)\n'))
})

test('a node without a file has its own text', (t) => {
  t.is(showNoCtlFile().split('\n')[0], 'Length of CTL file: 0')
})
