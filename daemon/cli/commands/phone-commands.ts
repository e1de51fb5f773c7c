/** What phones do with a file. */
import type { CommandDescription } from '../command.js'

export const phoneCommands: readonly CommandDescription[] = [
  {
    name: 'phones',
    summary: 'Tell which phones take a new CTL, which refuse it, and what to do.',
    description: [
      'Needs no daemon. --installed is the CTL that phones hold now (none for phones without one), --new the one you mean to publish; a draft is judged as if it were signed.',
      'Says for devices with and without Security By Default: accepts, accepts through TVS, refuses, or unknown, each with its reason and source. What no document states is unknown.',
      'A phone takes a CTL signed by a SAST of the CTL it holds. Any other it checks with TVS, if it has Security By Default: --tvs names the certificates that TVS would vouch for (those uploaded as Phone-SAST-trust). That TVS vouches is necessary, not proof: publish to a pilot phone first.',
      '--devices answers a list of phones: CSV with a head (Device Name, Device Type, CTL Checksum), or lines such as SEP001122334455,Cisco 7945,CHECKSUM. The checksum is the MD5 or SHA-1 on the phone’s screen, or none. A phone without a checksum is taken to hold FILE of --installed, when only one was given.',
      'Exit code 0 when all accept, 1 when one refuses or is unknown.',
    ],
    operands: [],
    options: [
      {
        name: 'installed',
        value: 'FILE',
        many: true,
        summary: 'A CTL that phones hold now, or none. Repeat where phones hold different ones.',
      },
      { name: 'new', value: 'FILE', summary: 'The CTL to be published.' },
      { name: 'itl', value: 'FILE', summary: 'The ITL that phones hold, or none.' },
      {
        name: 'tvs',
        value: 'FILE',
        many: true,
        summary: 'Certificates that TVS vouches for: PEM or DER, or none. Repeat for more.',
      },
      { name: 'devices', value: 'FILE', summary: 'A list of phones, or - for standard input.' },
      { name: 'csv', summary: 'With --devices: a line of CSV for each. --json: a line of JSON for each.' },
      {
        name: 'models',
        value: 'FILE',
        summary: 'Table of models that replaces the shipped one: model, yes or no (Security By Default).',
      },
      { name: 'print-models', summary: 'Print the shipped table, to start from.' },
    ],
    examples: [
      {
        line: 'ctl-bridge phones --installed CTLFile.tlv --new signed/CTLFile.tlv --tvs token1.pem --tvs token2.pem',
        summary: 'From tokenless to tokens, with both token certificates uploaded.',
      },
      {
        line: 'ctl-bridge phones --installed OLD.tlv --new NEW.tlv --devices phones.csv --csv > answers.csv',
        summary: 'Each phone of an export.',
      },
    ],
    load: () => import('../phones/run-phones.js'),
  },
]
