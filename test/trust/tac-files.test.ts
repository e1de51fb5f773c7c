import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import test from 'ava'
import { decodeCtlFile, encodeCtlFile } from '../../daemon/ctl/ctl-file.js'
import { showCtlText } from '../../daemon/trust/show/show-ctl-text.js'
import { verifyCtlFile } from '../../daemon/trust/verify/verify-ctl-file.js'
import { runCommand } from '../cli/run-command.js'
import { type TacState, tacFile, tacFileShown, tacStates, tacZone } from '../vectors/tac-files.js'

const pathOf = (state: TacState): string =>
  fileURLToPath(new URL(`../../../test/vectors/tac-118893-${state}.tlv`, import.meta.url))

for (const state of tacStates) {
  test(`the ${state} file of TAC 118893 is shown, verified and written back as before`, (t) => {
    const bytes = tacFile(state)
    t.is(showCtlText(bytes, { timeZone: tacZone }), tacFileShown(state))
    t.is(verifyCtlFile(bytes).verdict, 'valid')
    t.deepEqual(encodeCtlFile(decodeCtlFile(bytes)), bytes)
  })

  test(`the command prints the ${state} file of TAC 118893 byte for byte into a pipe`, async (t) => {
    const { code, stdout, stderr } = await runCommand(['show', '--zone', tacZone, pathOf(state)])
    t.is(stdout, tacFileShown(state))
    t.is(stderr, '')
    t.is(code, 0)
  })

  test(`the checksums of the ${state} file of TAC 118893 are those of its bytes`, async (t) => {
    const bytes = await readFile(pathOf(state))
    const digest = (name: string) => createHash(name).update(bytes).digest('hex')
    t.true(tacFileShown(state).includes(`\n${digest('md5')}(MD5)\n${digest('sha1')}(SHA1)\n`))
  })
}

/** Published transcripts collapse blanks and wrap lines; so do both sides here. */
const squeezed = (text: string): string => text.split(/\s+/).join(' ').trim()

/** `show ctl` as TAC 118893 prints it; `…` stands for bytes, which are other ones in a file that was built here. */
function looksLike(shown: string, layout: string): boolean {
  const pattern = squeezed(layout)
    .split('…')
    .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
    .join('[0-9A-Fa-f: ]+')
  return new RegExp(pattern).test(squeezed(shown))
}

const opening = (length: number, date: string, header: number, signer: number) => `
The checksum value of the CTL file:
…(MD5)
…(SHA1)

Length of CTL file: ${length}
The CTL File was last modified on ${date}

Parse CTL File
----------------

Version: 1.2
HeaderLength: ${header} (BYTES)

BYTEPOS TAG LENGTH VALUE
------- --- ------ -----
3 SIGNERID 2 ${signer}
4 SIGNERNAME`

const publisher = 'CN=cucm-1051-a-pub;OU=TAC;O=Cisco;L=Krakow;ST=Malopolska;C=PL'
const publisherSerial = '70:CA:F6:…'
const token = (name: string) => `cn="${name}        ";ou=IPCBU;o="Cisco Systems`

const tokenRecord = (number: number, name: string, serial: string, was: string) => `
CTL Record #:${number}
----
BYTEPOS TAG LENGTH VALUE
------- --- ------ -----
1 RECORDLENGTH 2 1186
2 DNSNAME 1
3 SUBJECTNAME 56 ${token(name)}
4 FUNCTION 2 System Administrator Security Token
5 ISSUERNAME 42 cn=Cisco Manufacturing CA;o=Cisco Systems
6 SERIALNUMBER 10 ${serial}
7 PUBLICKEY 140
9 CERTIFICATE 902 … (SHA1 Hash HEX)
10 IPADDRESS 4
This etoken ${was} used to sign the CTL file.`

const layouts: Readonly<Record<TacState, readonly string[]>> = {
  tokenless: [
    opening(4947, 'Fri Mar 06 21:56:07 CET 2015', 336, 149),
    `4 SIGNERNAME 62 ${publisher}
5 SERIALNUMBER 16 ${publisherSerial}
6 CANAME 62 ${publisher}
7 SIGNATUREINFO 2 15
8 DIGESTALGORTITHM 1
9 SIGNATUREALGOINFO 2 8
10 SIGNATUREALGORTITHM 1
11 SIGNATUREMODULUS 1
12 SIGNATURE 128 … 14 FILENAME 12
15 TIMESTAMP 4

CTL Record #:1
----
BYTEPOS TAG LENGTH VALUE
------- --- ------ -----
1 RECORDLENGTH 2 1156
2 DNSNAME 16 cucm-1051-a-pub
3 SUBJECTNAME 62 ${publisher}
4 FUNCTION 2 System Administrator Security Token
5 ISSUERNAME 62 ${publisher}
6 SERIALNUMBER 16 ${publisherSerial}
7 PUBLICKEY 140
8 SIGNATURE 128
9 CERTIFICATE 694 … (SHA1 Hash HEX)
10 IPADDRESS 4
This etoken was used to sign the CTL file.`,
    'CTL Record #:2 ---- BYTEPOS TAG LENGTH VALUE ------- --- ------ ----- 1 RECORDLENGTH 2 1156',
    `4 FUNCTION 2 CCM+TFTP 5 ISSUERNAME 62 ${publisher}`,
    'The CTL file was verified successfully.',
  ],
  'token-signed': [
    opening(5728, 'Fri Mar 06 20:37:59 CET 2015', 304, 117),
    `SIGNERNAME 56 ${token('SAST-ADN0054f509')}`,
    tokenRecord(1, 'SAST-ADN008580ef', '83:E9:08:00:00:00:55:45:AF:31', 'was not'),
    tokenRecord(5, 'SAST-ADN0054f509', '…', 'was'),
    '2 DNSNAME 13 10.48.47.153',
    'The CTL file was verified successfully.',
  ],
  reverted: [
    opening(5728, 'Thu Mar 12 11:39:08 CET 2015', 304, 117),
    `SIGNERNAME 56 ${token('SAST-ADN008580ef')} 5 SERIALNUMBER 10 83:E9:08:00:00:00:55:45:AF:31`,
    tokenRecord(1, 'SAST-ADN008580ef', '83:E9:08:00:00:00:55:45:AF:31', 'was'),
    tokenRecord(5, 'SAST-ADN0054f509', '…', 'was not'),
    'The CTL file was verified successfully.',
  ],
  regenerated: [
    opening(6113, 'Fri Mar 06 21:56:07 CET 2015', 464, 149),
    '11 SIGNATUREMODULUS 1 12 SIGNATURE 256',
    '1 RECORDLENGTH 2 1675',
    '7 PUBLICKEY 270 8 SIGNATURE 256 9 CERTIFICATE 955 … (SHA1 Hash HEX)',
    'The CTL file was verified successfully.',
  ],
  'non-secure': [
    opening(3746, 'Fri Mar 06 20:37:59 CET 2015', 304, 117),
    `CTL Record #:2 ---- BYTEPOS TAG LENGTH VALUE ------- --- ------ -----
1 RECORDLENGTH 2 33
2 DNSNAME 13 10.48.47.153
4 FUNCTION 2 CCM+TFTP
10 IPADDRESS 4`,
    'The CTL file was verified successfully.',
  ],
}

for (const state of tacStates) {
  test(`the ${state} file of TAC 118893 has the printed layout`, (t) => {
    for (const layout of layouts[state]) t.true(looksLike(tacFileShown(state), layout), layout)
    t.false(looksLike(tacFileShown(state), 'SIGNATUREALGORITHM'))
  })
}

test('a node without a file shows the text of TAC 118893', async (t) => {
  const shown = await runCommand(['show', '-'], { input: '' })
  t.is(
    shown.stdout,
    'Length of CTL file: 0\nCTL File not found. Please run CTLClient plugin or run the CLI - utils ctl.. to generate the CTL file.\nError parsing the CTL File.\n',
  )
  t.is(shown.code, 1)
})

test('the tabs of the layout are where show ctl has them', (t) => {
  const lines = tacFileShown('tokenless').split('\n')
  for (const line of [
    'Version:\t1.2',
    'HeaderLength:\t336 (BYTES)',
    'BYTEPOS\tTAG\t\tLENGTH\tVALUE',
    '-------\t---\t\t------\t-----',
    '3\tSIGNERID\t2\t149',
    '15\tTIMESTAMP\t4',
    '1\tRECORDLENGTH\t2\t1156',
  ]) {
    t.true(lines.includes(line), line)
  }
})
