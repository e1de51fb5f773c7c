/** Clusters: what they serve, and how a file gets onto them. */
import type { CommandDescription, CommandOption } from '../command.js'
import { keyFile } from './shared-options.js'

const name = { name: 'NAME', summary: 'The cluster, as the settings call it.' }

const asName: CommandOption = {
  name: 'as',
  value: 'NAME',
  summary: 'What the file is called on the nodes. Default: CTLFile.tlv.',
}

export const clusterCommands: readonly CommandDescription[] = [
  {
    name: 'clusters',
    summary: 'List the clusters of the settings.',
    description: [
      'Call managers with the nodes that serve their files: CUCM or Asterisk. docs/clusters.md tells how to describe one.',
    ],
    operands: [],
    options: [keyFile],
    examples: [{ line: 'ctl-bridge clusters', summary: 'Which there are.' }],
    load: () => import('../cluster/run-clusters.js'),
  },
  {
    name: 'clusters show',
    summary: 'Show a cluster: its nodes, where they are read, how files get onto them, what probes found.',
    description: ['Nothing is asked of the nodes; `clusters observe` does that.'],
    operands: [name],
    options: [keyFile],
    examples: [{ line: 'ctl-bridge clusters show krakow', summary: 'As the settings describe it.' }],
    load: () => import('../cluster/run-clusters-show.js'),
  },
  {
    name: 'clusters observe',
    summary: 'Show what every node serves and says now, and where nodes disagree.',
    description: [
      'Reads CTL and ITL from every TFTP node over TFTP and HTTP, asks AXL and the command line of the publisher (mode, release, `show ctl`, devices) and TVS of every node, as far as the settings name them. Changes nothing.',
      'TVS is asked about the certificates of each token that is known here and of each SAST record that is served. A good answer is necessary and no proof.',
      'Exit code 0 when every question was answered and the answers agree, else 6.',
    ],
    operands: [name],
    options: [
      {
        name: 'watch',
        value: 'SECONDS',
        summary: 'Look again and again, so long after each look, until you interrupt it.',
      },
      keyFile,
    ],
    examples: [
      { line: 'ctl-bridge clusters observe krakow', summary: 'Before and after every change.' },
      { line: 'ctl-bridge clusters observe krakow --json', summary: 'For a program.' },
    ],
    load: () => import('../cluster/run-clusters-observe.js'),
  },
  {
    name: 'clusters probe',
    summary: 'Try whether publishing works on a cluster, without changing a file.',
    description: [
      'Reads the file that one node serves, publishes exactly these bytes to it, restarts Cisco Tftp there, reads the file back and looks at `show ctl`. Phones fetching files at that moment try again by themselves. What came of it is remembered for the node and its release: `clusters show`.',
      'On a node where a person publishes (CUCM’s TFTP File Management) it writes the file, to --out or into a new folder probe-… of the current one, prints the clicks, and asks on the terminal whether they are done. What the node serves then is compared with that file: another one that was uploaded by mistake fails, and must be replaced at once.',
      'From a script (--yes): write the file with --out, and when it is uploaded run the command again with the --uploaded KEPT that it printed.',
      'Exit code 0 when publishing works, else 6.',
    ],
    operands: [name],
    options: [
      {
        name: 'node',
        value: 'NODE',
        summary: 'Default: a subscriber with TFTP, or the only node there is.',
      },
      {
        name: 'out',
        value: 'FILE',
        summary: 'Where the file goes that a person uploads. Call it CTLFile.tlv, in a folder of its own.',
      },
      {
        name: 'uploaded',
        value: 'KEPT',
        summary:
          'A person has uploaded that file, which was kept under this number, and restarted Cisco Tftp.',
      },
      {
        name: 'changed',
        summary:
          'The CTL was changed on purpose since a probe gave a file to upload: begin with the new one.',
      },
      { name: 'yes', summary: 'Do not ask for confirmation.' },
      keyFile,
    ],
    examples: [
      {
        line: 'ctl-bridge clusters probe krakow --node sub2',
        summary: 'Days before the change, on a node with few phones.',
      },
      {
        line: 'ctl-bridge clusters probe krakow --node sub2 --out probe/CTLFile.tlv',
        summary: 'The file that a person uploads goes into a folder that is there.',
      },
    ],
    load: () => import('../cluster/run-clusters-probe.js'),
  },
  {
    name: 'clusters publish',
    summary: 'Put a signed file onto the nodes of a cluster and read it back from each.',
    description: [
      'Shows what goes where and asks for the cluster’s name before anything is written. Refuses a CTL or ITL whose signature does not hold. What was there before is kept by the daemon first: `clusters files`. A file is overwritten whole or not at all, and never deleted.',
      'A node that fails is told and does not stop the others. On nodes where a person publishes it prints the clicks; --wait then waits until every node serves the file.',
      'A published file does not change the cluster’s mode.',
      'Exit code 0 when every node that was asked for serves the file, else 6.',
    ],
    operands: [name, { name: 'FILE', summary: 'The signed file, or - for standard input.' }],
    options: [
      {
        name: 'node',
        value: 'NODE',
        many: true,
        summary: 'Only this one; may stand several times. Default: all.',
      },
      asName,
      {
        name: 'restart-tftp',
        summary: 'Restart Cisco Tftp on each node that was written, one after the other.',
      },
      {
        name: 'wait',
        value: 'SECONDS',
        summary: 'Wait so long until every node serves the file. Default: do not wait.',
      },
      { name: 'yes', summary: 'Do not ask for confirmation.' },
      keyFile,
    ],
    examples: [
      {
        line: 'ctl-bridge clusters publish krakow CTLFile.tlv --restart-tftp --wait 900',
        summary: 'Onto every node, and see that it is served.',
      },
      {
        line: 'ctl-bridge clusters publish krakow CTLFile.tlv --node sub2 --yes',
        summary: 'Onto one node, from a script.',
      },
    ],
    load: () => import('../cluster/run-clusters-publish.js'),
  },
  {
    name: 'clusters files',
    summary: 'List what was published to a cluster, or bring back what was there before.',
    description: [
      'Before a node’s file is overwritten its bytes are kept in the daemon’s store, for good. With ID and --out they are written to a file, byte for byte; publish that to go back.',
      'Going back is a change of signer as well: phones that took the new file must accept the old one. `ctl-bridge phones` tells who does.',
    ],
    operands: [name, { name: 'ID', optional: true, summary: 'Number of an entry of the list. Needs --out.' }],
    options: [
      { name: 'out', value: 'FILE', summary: 'Where the bytes go. Replaced whole or not at all.' },
      {
        name: 'published',
        summary: 'Bring the file that was published, instead of what was there before it.',
      },
      keyFile,
    ],
    examples: [
      { line: 'ctl-bridge clusters files krakow', summary: 'The latest first.' },
      {
        line: 'ctl-bridge clusters files krakow 12 --out before.tlv',
        summary: 'What the node had before entry 12.',
      },
    ],
    load: () => import('../cluster/run-clusters-files.js'),
  },
]
