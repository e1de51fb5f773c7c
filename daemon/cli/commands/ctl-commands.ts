/** Looking at, judging, composing and signing files. */
import { recordProfileNames } from '../../ctl/record-profiles.js'
import type { CommandDescription } from '../command.js'
import { composeCommand } from './compose-command.js'
import { keyFile, pinOptions } from './shared-options.js'

export const ctlCommands: readonly CommandDescription[] = [
  {
    name: 'show',
    summary: 'Show a CTL or ITL file as CUCM’s `show ctl` does.',
    description: [
      'Needs no daemon. FILE may be - for standard input, or a file on a node: tftp://HOST/CTLFile.tlv, http://HOST:6970/CTLFile.tlv. So may the FILE of the other commands.',
      'For an empty file, and for a node that has none, the text is that of a node without a CTL, and the exit code is 1.',
      'On a terminal, headings and verdicts have colour; NO_COLOR=1 leaves it out. The layout of show ctl is never wrapped.',
    ],
    operands: [{ name: 'FILE', summary: 'A CTLFile.tlv or ITLFile.tlv.' }],
    options: [
      {
        name: 'long',
        summary:
          'Add what CUCM does not print: digest, role numbers, keys, validity, fingerprints, who issued whom, unknown tags with their bytes. --json has all of it.',
      },
      {
        name: 'zone',
        value: 'ZONE',
        summary: 'Time zone of the date, for example Europe/Warsaw. Default: UTC.',
      },
    ],
    examples: [
      { line: 'ctl-bridge show CTLFile.tlv', summary: 'Records, signer, checksums.' },
      {
        line: 'ctl-bridge show --long tftp://10.48.47.153/CTLFile.tlv',
        summary: 'Everything about the file that a node serves.',
      },
      {
        line: 'ctl-bridge show http://cucm-pub:6970/CTLSEP001122334455.tlv',
        summary: 'What a phone is given.',
      },
    ],
    load: () => import('../ctl/run-show.js'),
  },
  {
    name: 'verify',
    summary:
      'Verify a CTL or ITL file: signature, records, certificates, chains, and what a CUCM release expects.',
    description: [
      'Needs no daemon. Says valid or invalid, who signed with which digest, and then what was found: errors make a file invalid, warnings call for somebody to act, infos are worth knowing. docs/findings.md lists every code.',
      'Exit code 0 when the file is valid, 1 when it is not; with --strict 1 also when there is a warning.',
    ],
    operands: [
      {
        name: 'FILE',
        summary: 'A CTLFile.tlv or ITLFile.tlv, - for standard input, or a tftp:// or http:// address.',
      },
    ],
    options: [
      {
        name: 'at',
        value: 'DATE',
        summary:
          'Judge certificates at this time, for example 2027-01-31 or 2027-01-31T12:00:00Z. Default: now.',
      },
      {
        name: 'release',
        value: 'RELEASE',
        summary:
          'CUCM release, for example "10.5(2)" or 14SU3: which SAST records, signer and roles its CTL has.',
      },
      {
        name: 'roots',
        value: 'FILE',
        many: true,
        summary:
          'Certificates to trust as issuers, PEM (one or several) or DER: Cisco’s manufacturing CAs, or your own. Repeat for more. None is shipped or fetched.',
      },
      { name: 'strict', summary: 'Warnings fail too.' },
    ],
    examples: [
      { line: 'ctl-bridge verify CTLFile.tlv', summary: 'For people; with --json for scripts.' },
      {
        line: 'ctl-bridge verify CTLFile.tlv --release "11.5(1)" --roots cisco-mfg-ca.pem --strict',
        summary: 'Before it goes to a cluster.',
      },
      {
        line: 'ctl-bridge verify CTLFile.tlv --at "$(date -d +1year +%F)"',
        summary: 'What will have expired in a year.',
      },
    ],
    load: () => import('../ctl/run-verify.js'),
  },
  composeCommand,
  {
    name: 'diff',
    summary: 'Compare two CTL or ITL files: signer, records, fields, order, bytes.',
    description: [
      'Needs no daemon. Says first what matters: whether the signer changes, what is added, removed and replaced; then every field that differs. Records are matched by role and certificate, key, address or subject, so that a replaced certificate is a change and not two records.',
      'An empty file, or /dev/null, stands for no file. A signed file and its draft differ in the signature only.',
      'Exit code 0 when the files are the same byte for byte, 1 when they differ or cannot be read as a CTL; with --content 0 also when only the signature differs.',
    ],
    operands: [
      { name: 'OLD', summary: 'What is there now. One of the two may be - for standard input.' },
      { name: 'NEW', summary: 'What would take its place.' },
    ],
    options: [
      {
        name: 'content',
        summary: 'Two files that differ in nothing but the signature are the same: compare what is signed.',
      },
    ],
    examples: [
      { line: 'ctl-bridge diff CTLFile.tlv signed/CTLFile.tlv', summary: 'Before it is published.' },
      {
        line: 'ctl-bridge diff --content draft.tlv signed.tlv',
        summary: 'Whether what was composed was signed.',
      },
    ],
    load: () => import('../ctl/run-diff.js'),
  },
  {
    name: 'sign',
    summary: 'Sign a CTL with a token and write the result.',
    description: [
      'Takes the records of FILE, lists the tokens as SAST in front of them, signs, verifies, and only then writes.',
      'A composed, unsigned FILE is signed as it is.',
      'The SAST records of FILE stay, so that nobody trusted now is dropped; --drop-sast removes them, as the CTL Client does up to CUCM 10.5.',
      'The PIN is asked on the terminal, or read with --pin-file or --pin-fd; a wrong one spends one try.',
    ],
    operands: [{ name: 'FILE', summary: 'The CTL the cluster serves now, or a composed one.' }],
    options: [
      { name: 'token', value: 'SERIAL', required: true, summary: 'The token that signs.' },
      {
        name: 'out',
        value: 'FILE',
        required: true,
        summary: 'Where the signed file goes. Replaced whole or not at all.',
      },
      {
        name: 'with-token',
        value: 'SERIAL',
        many: true,
        summary: 'One more token to list as SAST. Repeat for more.',
      },
      {
        name: 'certificate',
        value: 'SHA256',
        summary: 'The signer’s certificate, where its token has several.',
      },
      { name: 'drop-sast', summary: 'Drop the SAST records of FILE that are not these tokens.' },
      {
        name: 'server',
        value: 'N=ADDRESS',
        many: true,
        summary: 'IP address of the server in record N of FILE, where the file does not tell it.',
      },
      {
        name: 'profile',
        value: 'NAME',
        choices: recordProfileNames,
        summary: 'Layout of the records. Default: certutils for a certutils file, else ctl-client.',
      },
      {
        name: 'digest',
        value: 'NAME',
        choices: ['sha1', 'sha512'],
        summary: 'Default: sha1, which every phone takes.',
      },
      ...pinOptions,
      keyFile,
    ],
    examples: [
      {
        line: 'ctl-bridge sign CTLFile.tlv --token 0a1b2c3d --with-token 4e5f6071 --out signed/CTLFile.tlv',
        summary: 'From tokenless to two tokens.',
      },
    ],
    load: () => import('../compose/run-sign.js'),
  },
]
