/** Configuration files of phones with the header of a CTL: `SEP….cnf.xml.sgn`. */
import { sgnLayoutNames } from '../../ctl/compose-sgn.js'
import type { CommandDescription, CommandOption } from '../command.js'
import { keyFile, pinOptions } from './shared-options.js'

const file = { name: 'FILE', summary: 'For example SEP001122334455.cnf.xml.sgn, or - for standard input.' }

const against: readonly CommandOption[] = [
  {
    name: 'trust',
    value: 'FILE',
    summary: 'The CTL or ITL that the phone has; the signer’s role is checked.',
  },
  { name: 'certificate', value: 'FILE', summary: 'The signer’s certificate, PEM or DER.' },
]

export const configurationCommands: readonly CommandDescription[] = [
  {
    name: 'sgn show',
    summary: 'Show the header of a signed configuration file, and what it stands in front of.',
    description: [
      'Needs no daemon. The header is printed as `show ctl` prints one, then name, size and hashes of the payload.',
    ],
    operands: [file],
    options: [],
    examples: [
      { line: 'ctl-bridge sgn show SEP001122334455.cnf.xml.sgn', summary: 'Who signed it, and when.' },
    ],
    load: () => import('../sgn/run-sgn-show.js'),
  },
  {
    name: 'sgn verify',
    summary: 'Verify the signature of a configuration file.',
    description: [
      'Needs no daemon, and one of --trust and --certificate. With --trust the signer must stand in the CTL or ITL as CCM+TFTP or TFTP. FILENAME in the header is compared with the name of the file.',
      'Exit code 0 when the file is valid, 1 when it is not.',
    ],
    operands: [file],
    options: against,
    examples: [
      {
        line: 'ctl-bridge sgn verify SEP001122334455.cnf.xml.sgn --trust ITLFile.tlv',
        summary: 'As a phone with this ITL would.',
      },
    ],
    load: () => import('../sgn/run-sgn-verify.js'),
  },
  {
    name: 'sgn strip',
    summary: 'Take the header off a signed configuration file.',
    description: [
      'Needs no daemon. The payload is written only after the signature verified, with --trust or --certificate, or with --unverified. An encrypted file is left alone.',
    ],
    operands: [file],
    options: [
      {
        name: 'out',
        value: 'FILE',
        required: true,
        summary: 'Where the payload goes. Replaced whole or not at all.',
      },
      ...against,
      { name: 'unverified', summary: 'Do not look at the signature.' },
    ],
    examples: [
      {
        line: 'ctl-bridge sgn strip SEP001122334455.cnf.xml.sgn --trust ITLFile.tlv --out SEP001122334455.cnf.xml',
        summary: 'The XML alone.',
      },
    ],
    load: () => import('../sgn/run-sgn-strip.js'),
  },
  {
    name: 'sgn sign',
    summary: 'Sign a configuration file with a token and write the result.',
    description: [
      'For phones on Asterisk whose CTL or ITL holds the token’s certificate as TFTP or CCM+TFTP: --trust checks that before the PIN is asked for. Signs, verifies, and only then writes.',
      'Phones were not seen to take such a file; CUCM signs its own.',
    ],
    operands: [{ name: 'FILE', summary: 'The file without a header, for example SEP001122334455.cnf.xml.' }],
    options: [
      { name: 'token', value: 'SERIAL', required: true, summary: 'The token that signs.' },
      { name: 'out', value: 'FILE', summary: 'Where the signed file goes. Default: FILE.sgn.' },
      { name: 'name', value: 'NAME', summary: 'What FILENAME says. Default: the name of the signed file.' },
      {
        name: 'trust',
        value: 'FILE',
        summary: 'The CTL or ITL that the phones have, to check the signer’s role.',
      },
      {
        name: 'certificate',
        value: 'SHA256',
        summary: 'The signer’s certificate, where its token has several.',
      },
      {
        name: 'digest',
        value: 'NAME',
        choices: ['sha1', 'sha256', 'sha512'],
        summary: 'Default: sha1, as certutils.',
      },
      {
        name: 'layout',
        value: 'NAME',
        choices: sgnLayoutNames,
        summary: 'Of the header. Default: certutils.',
      },
      ...pinOptions,
      keyFile,
    ],
    examples: [
      {
        line: 'ctl-bridge sgn sign SEP001122334455.cnf.xml --token 0a1b2c3d --trust ITLFile.tlv',
        summary: 'Writes SEP001122334455.cnf.xml.sgn.',
      },
    ],
    load: () => import('../sgn/run-sgn-sign.js'),
  },
]
