/** Tokens: what is plugged in, their PINs, keys and certificates. */
import type { CommandDescription } from '../command.js'
import { keyFile, pinOptions, repeatPin } from './shared-options.js'

export const tokenCommands: readonly CommandDescription[] = [
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
      {
        name: 'forget',
        value: 'SERIAL',
        many: true,
        summary:
          'Take an absent token off the list, one that was lost or was a rehearsal’s; may be repeated. Its certificates go with it: export them first where they are needed.',
      },
      keyFile,
    ],
    examples: [
      { line: 'ctl-bridge tokens', summary: 'What is plugged in now.' },
      { line: 'ctl-bridge tokens --forget 0a1b2c3d', summary: 'It will not come back.' },
    ],
    load: () => import('../token/run-tokens.js'),
  },
  {
    name: 'token pin',
    summary: 'Change the PIN of a token.',
    description: [
      'The PIN now and the new one (twice) are asked on the terminal, or read from files or file descriptors. A wrong one spends one try.',
      'When the change is interrupted, either PIN may be the right one: try the new one first. The last try of a token is never spent on a change.',
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
    load: () => import('../token/run-token-pin.js'),
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
    load: () => import('../token/run-token-export.js'),
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
    load: () => import('../token/run-token-provision.js'),
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
    load: () => import('../token/run-token-certificate.js'),
  },
]
