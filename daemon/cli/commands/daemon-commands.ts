/** The daemon and the machine it runs on. */
import type { CommandDescription } from '../command.js'
import { keyFile } from './shared-options.js'

export const daemonCommands: readonly CommandDescription[] = [
  {
    name: 'serve',
    summary: 'Run the daemon.',
    description: [
      'Listens on the Unix socket and on 127.0.0.1 until SIGTERM or Ctrl-C. The first start makes the first key.',
    ],
    operands: [],
    options: [],
    examples: [{ line: 'ctl-bridge serve', summary: 'With the settings of this machine.' }],
    load: () => import('../daemon/run-serve.js'),
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
    load: () => import('../daemon/run-audit.js'),
  },
  {
    name: 'doctor',
    summary:
      'Look at this machine: settings, clusters, libraries, tokens, pcscd, USB, and what mends what is wrong.',
    description: [
      'Needs no daemon, logs in nowhere and spends no PIN try. Each PKCS#11 library is loaded in a process of its own.',
      'Of clusters the settings are read, and whether this user can read what they name; no node is asked. Run it as the user who runs the daemon.',
      'Exit code 0 when nothing is wrong, 5 when only settings of clusters are, 3 otherwise.',
    ],
    operands: [],
    options: [],
    examples: [{ line: 'ctl-bridge doctor', summary: 'When a token does not show.' }],
    load: () => import('../daemon/run-doctor.js'),
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
    load: () => import('../daemon/run-key.js'),
  },
]
