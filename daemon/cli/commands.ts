/** The commands of `ctl-bridge`, as data, in the order of the help. */
import type { CommandDescription } from './command.js'
import { ctlCommands } from './commands/ctl-commands.js'
import { daemonCommands } from './commands/daemon-commands.js'
import { tokenCommands } from './commands/token-commands.js'

<<<<<<< HEAD
export const commands: readonly CommandDescription[] = [...ctlCommands, ...tokenCommands, ...daemonCommands]
=======
/** Understood by every command. */
export const commonOptions: readonly CommandOption[] = [
  { name: 'json', summary: 'Print the result, or the problem, as JSON on standard output.' },
  {
    name: 'config',
    value: 'FILE',
    summary: 'Settings file. Default: /etc/ctl-bridge/config.toml or your XDG folder.',
  },
  { name: 'help', summary: 'Show this help.' },
]

const keyFile: CommandOption = {
  name: 'key-file',
  value: 'FILE',
  summary: 'File with the API key. Default: the first key in the state folder.',
}

const repeatPin: CommandOption = {
  name: 'repeat-pin',
  summary: 'Send the PIN although it failed on this token before, or its last try was interrupted.',
}

/** How a command gets the PIN of a token. */
const pinOptions: readonly CommandOption[] = [
  { name: 'pin-file', value: 'FILE', summary: 'Read the PIN from the first line of a file.' },
  { name: 'pin-fd', value: 'N', summary: 'Read the PIN from a file descriptor.' },
  { name: 'final-try', summary: 'Go on although the token says that one try is left.' },
  repeatPin,
]

export const commands: readonly CommandDescription[] = [
  {
    name: 'serve',
    summary: 'Run the daemon.',
    description: [
      'Listens on the Unix socket and on 127.0.0.1 until SIGTERM or Ctrl-C. The first start makes the first key.',
    ],
    operands: [],
    options: [],
    examples: [{ line: 'ctl-bridge serve', summary: 'With the settings of this machine.' }],
    load: () => import('./run-serve.js'),
  },
  {
    name: 'tokens',
    summary: 'List the tokens, their certificates and what may sign.',
    description: [
      'Asks the daemon. A token that was seen once and is not plugged in shows as absent, with its certificates.',
    ],
    operands: [],
    options: [
      {
        name: 'rescan',
        summary: 'Look at every library first, those too that are parked because their processes keep dying.',
      },
      keyFile,
    ],
    examples: [{ line: 'ctl-bridge tokens', summary: 'What is plugged in now.' }],
    load: () => import('./run-tokens.js'),
  },
  {
    name: 'show',
    summary: 'Show a CTL or ITL file as CUCM’s `show ctl` does.',
    description: ['Needs no daemon. FILE may be - for standard input.'],
    operands: [{ name: 'FILE', summary: 'A CTLFile.tlv or ITLFile.tlv.' }],
    options: [
      {
        name: 'zone',
        value: 'ZONE',
        summary: 'Time zone of the date, for example Europe/Warsaw. Default: UTC.',
      },
    ],
    examples: [{ line: 'ctl-bridge show CTLFile.tlv', summary: 'Records, signer, checksums.' }],
    load: () => import('./run-show.js'),
  },
  {
    name: 'verify',
    summary: 'Verify the signature and the records of a CTL or ITL file.',
    description: [
      'Needs no daemon. Says valid or invalid, who signed with which digest, and what is worth knowing.',
      'Exit code 0 when the file is valid, 1 when it is not.',
    ],
    operands: [{ name: 'FILE', summary: 'A CTLFile.tlv or ITLFile.tlv, or - for standard input.' }],
    options: [],
    examples: [{ line: 'ctl-bridge verify CTLFile.tlv', summary: 'For people; with --json for scripts.' }],
    load: () => import('./run-verify.js'),
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
    load: () => import('./run-sign.js'),
  },
  {
    name: 'token pin',
    summary: 'Change the PIN of a token.',
    description: [
      'The PIN now and the new one (twice) are asked on the terminal, or read from files or file descriptors. A wrong one spends one try.',
      'When the change is interrupted, either PIN may be the right one: try the new one first.',
    ],
    operands: [{ name: 'SERIAL', summary: 'The token.' }],
    options: [
      { name: 'pin-file', value: 'FILE', summary: 'Read the PIN from the first line of a file.' },
      { name: 'pin-fd', value: 'N', summary: 'Read the PIN from a file descriptor.' },
      { name: 'new-pin-file', value: 'FILE', summary: 'Read the new PIN from the first line of a file.' },
      { name: 'new-pin-fd', value: 'N', summary: 'Read the new PIN from a file descriptor.' },
      repeatPin,
      keyFile,
    ],
    examples: [{ line: 'ctl-bridge token pin 0a1b2c3d', summary: 'Asks for both PINs.' }],
    load: () => import('./run-token-pin.js'),
  },
  {
    name: 'token export',
    summary: 'Write the certificates of a token as PEM or DER.',
    description: [
      'For upload as Phone-SAST-trust, for example. Without --out PEM goes to standard output. A token that is remembered and not plugged in will do.',
    ],
    operands: [{ name: 'SERIAL', summary: 'The token.' }],
    options: [
      { name: 'out', value: 'FILE', summary: 'Where it goes. Replaced whole or not at all.' },
      { name: 'format', value: 'NAME', choices: ['pem', 'der'], summary: 'Default: pem.' },
      {
        name: 'certificate',
        value: 'SHA256',
        summary: 'Only this certificate; needed for der where there are several.',
      },
      keyFile,
    ],
    examples: [
      { line: 'ctl-bridge token export 0a1b2c3d --out token1.pem', summary: 'For Cisco OS Administration.' },
    ],
    load: () => import('./run-token-export.js'),
  },
  {
    name: 'token provision',
    summary: 'Make a key and a certificate on a token that Cisco did not make.',
    description: [
      'For Asterisk and for labs. The token must be initialised and have a user PIN. The key is made on the token and never leaves it; whoever loses the token loses the key.',
      'The certificate is self-signed, or with --request a PKCS#10 request is written for an authority of your own; its certificate goes onto the token with `token certificate`.',
      'No CUCM was seen to take a CTL signed by such a token.',
    ],
    operands: [{ name: 'SERIAL', summary: 'The token.' }],
    options: [
      { name: 'name', value: 'TEXT', required: true, summary: 'Common name of the certificate.' },
      { name: 'organization', value: 'TEXT', summary: 'Its organization (O).' },
      { name: 'unit', value: 'TEXT', summary: 'Its organizational unit (OU).' },
      {
        name: 'bits',
        value: 'N',
        choices: ['1024', '2048', '4096'],
        summary: 'Of the RSA key. Default: 2048.',
      },
      { name: 'days', value: 'N', summary: 'Validity of a self-signed certificate. Default: 3650.' },
      {
        name: 'request',
        value: 'FILE',
        summary: 'Write a request (PEM) instead of a self-signed certificate.',
      },
      { name: 'yes', summary: 'Do not ask for confirmation.' },
      ...pinOptions,
      keyFile,
    ],
    examples: [
      {
        line: "ctl-bridge token provision 0a1b2c3d --name 'PBX SAST 1' --organization Example",
        summary: 'A self-signed SAST.',
      },
    ],
    load: () => import('./run-token-provision.js'),
  },
  {
    name: 'token certificate',
    summary: 'Write an issued certificate onto a token that holds its key.',
    description: ['After `token provision --request`. FILE is PEM or DER.'],
    operands: [
      { name: 'SERIAL', summary: 'The token.' },
      { name: 'FILE', summary: 'The certificate.' },
    ],
    options: [...pinOptions, keyFile],
    examples: [
      { line: 'ctl-bridge token certificate 0a1b2c3d sast1.pem', summary: 'From your own authority.' },
    ],
    load: () => import('./run-token-certificate.js'),
  },
  {
    name: 'audit',
    summary: 'Show the audit log: who used which token, when, and how it ended.',
    description: [
      'Asks the daemon. One line per entry, the latest last; each use has one before and one after.',
    ],
    operands: [],
    options: [
      {
        name: 'after',
        value: 'N',
        summary: 'Entries after this number; 0 from the start. Default: the last ones.',
      },
      { name: 'limit', value: 'N', summary: 'At most so many, up to 1000. Default: 100.' },
      keyFile,
    ],
    examples: [{ line: 'ctl-bridge audit --limit 20', summary: 'The last 20 entries.' }],
    load: () => import('./run-audit.js'),
  },
  {
    name: 'doctor',
    summary: 'Look at this machine: libraries, tokens, pcscd, USB, and what mends what is wrong.',
    description: [
      'Needs no daemon, logs in nowhere and spends no PIN try. Each PKCS#11 library is loaded in a process of its own.',
      'Exit code 0 when nothing is wrong, 3 otherwise.',
    ],
    operands: [],
    options: [],
    examples: [{ line: 'ctl-bridge doctor', summary: 'When a token does not show.' }],
    load: () => import('./run-doctor.js'),
  },
  {
    name: 'key',
    summary: 'Print the first key of the API, or replace it.',
    description: [
      'The first key is made when the daemon first starts, in a file that only its owner can read.',
      'Whoever has it may use every token that is plugged in, given the PIN.',
    ],
    operands: [],
    options: [
      { name: 'path', summary: 'Print the name of the file, not the key.' },
      { name: 'replace', summary: 'Make a new first key; the former one ends at once.' },
    ],
    examples: [
      {
        line: 'curl -H "Authorization: Bearer $(ctl-bridge key)" http://127.0.0.1:8470/v1/status',
        summary: 'From a script.',
      },
    ],
    load: () => import('./run-key.js'),
  },
]
>>>>>>> i3-drivers
