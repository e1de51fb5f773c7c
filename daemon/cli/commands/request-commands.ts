/** A signature by a token that is plugged in elsewhere. */
import type { CommandDescription } from '../command.js'
import { keyFile, pinOptions } from './shared-options.js'

const request = { name: 'REQUEST', summary: 'The text that `request make` wrote, or - for standard input.' }

export const requestCommands: readonly CommandDescription[] = [
  {
    name: 'request make',
    summary: 'Ask for a signature over a composed CTL by a token elsewhere. Runs HERE; needs no daemon.',
    description: [
      'Four steps on two machines: `request make` here, `request show` and `request sign` where the token is, `request complete` here.',
      'Writes one text that can be mailed or printed: what is to be signed, by whom, and the bytes. It holds no secret, and needs none to be read; that it comes from you the custodian must know by another way.',
    ],
    operands: [{ name: 'DRAFT', summary: 'A composed CTL. A signed one that verifies is signed anew.' }],
    options: [
      { name: 'out', value: 'FILE', required: true, summary: 'Where the request goes.' },
      { name: 'from', value: 'TEXT', summary: 'Who asks. Default: your user name and this machine.' },
    ],
    examples: [
      {
        line: "ctl-bridge request make draft.tlv --out request.txt --from 'Anna, voice team'",
        summary: 'Send request.txt to the custodian of the token.',
      },
    ],
    load: () => import('../request/run-request-make.js'),
  },
  {
    name: 'request show',
    summary: 'Show what a signing request asks for. Runs on either machine; needs no daemon.',
    description: [
      'The summary is made from the bytes to be signed. A text that shows another one is refused, with its line.',
    ],
    operands: [request],
    options: [
      {
        name: 'draft',
        value: 'FILE',
        summary: 'Write the unsigned CTL as well, to look at it with `ctl-bridge show`.',
      },
    ],
    examples: [{ line: 'ctl-bridge request show request.txt', summary: 'Before signing.' }],
    load: () => import('../request/run-request-show.js'),
  },
  {
    name: 'request sign',
    summary: 'Sign a request with a token. Runs WHERE THE TOKEN IS, through the daemon there.',
    description: [
      'Shows what is to be signed, as the bytes say, and asks before the PIN. A request whose text and bytes differ, or that expects another signer, is refused before the PIN is asked for.',
      'The answer is a small text with the signature. It is good for this request alone.',
    ],
    operands: [request],
    options: [
      { name: 'token', value: 'SERIAL', required: true, summary: 'The token that signs.' },
      { name: 'out', value: 'FILE', required: true, summary: 'Where the answer goes.' },
      { name: 'yes', summary: 'Do not ask for confirmation.' },
      ...pinOptions,
      keyFile,
    ],
    examples: [
      {
        line: 'ctl-bridge request sign request.txt --token 0a1b2c3d --out answer.txt',
        summary: 'Send answer.txt back.',
      },
    ],
    load: () => import('../request/run-request-sign.js'),
  },
  {
    name: 'request complete',
    summary: 'Put the answer’s signature into the CTL and write it. Runs HERE; needs no daemon.',
    description: [
      'The file is written only when the signature verifies with the signer’s certificate. An answer to another request is refused.',
    ],
    operands: [request, { name: 'ANSWER', summary: 'The text that came back.' }],
    options: [
      {
        name: 'out',
        value: 'FILE',
        required: true,
        summary: 'Where the signed CTL goes. Replaced whole or not at all.',
      },
    ],
    examples: [
      {
        line: 'ctl-bridge request complete request.txt answer.txt --out signed/CTLFile.tlv',
        summary: 'The last step.',
      },
    ],
    load: () => import('../request/run-request-complete.js'),
  },
]
