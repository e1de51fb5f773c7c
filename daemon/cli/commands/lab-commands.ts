/** The lab: a cluster made of processes on this machine, to rehearse on. */
import type { CommandDescription, CommandOperand } from '../command.js'

const node: CommandOperand = { name: 'NODE', summary: 'Name or address of a node: ctl-bridge lab status.' }
const policies = ['db', 'cache', 'either'] as const

export const labCommands: readonly CommandDescription[] = [
  {
    name: 'lab up',
    summary: 'Start a cluster made of processes on loopback, to rehearse a change on.',
    description: [
      'Publisher and subscribers with a command line over SSH, TFTP, HTTP, TVS, AXL and the pages of OS Administration; phones that really fetch and decide; two SAST tokens made of files (PIN Cisco123), where SoftHSM is installed. The daemon knows the cluster by its name as long as the lab runs.',
      'Where no daemon runs, one is started with your settings and the lab’s tokens. Runs in the foreground; Ctrl-C ends it, and nothing is left.',
    ],
    operands: [],
    options: [
      { name: 'nodes', value: 'N', summary: 'Publisher and subscribers, 1 to 20. Default: 3.' },
      { name: 'phones', value: 'N', summary: 'Devices of many models, up to 20000. Default: 500.' },
      {
        name: 'release',
        value: 'RELEASE',
        choices: ['9.1', '10.5.1', '10.5.2', '11.5', '12.5', '14'],
        summary: 'Of CUCM. Default: 10.5.2.',
      },
      {
        name: 'state',
        value: 'STATE',
        choices: ['nonsecure', 'tokenless', 'tokens'],
        summary: 'What the cluster begins with. Default: tokenless, on 9.1 tokens.',
      },
      {
        name: 'tvs',
        value: 'POLICY',
        choices: policies,
        summary: 'Where TVS looks up: database, its cache of the local CTL file, or both. Default: either.',
      },
      {
        name: 'no-licence',
        summary: 'The cluster refuses utils ctl for want of a licence (11.5 and later).',
      },
      {
        name: 'name',
        value: 'NAME',
        summary: 'Of the cluster, and the beginning of the nodes’. Default: lab.',
      },
      {
        name: 'tvs-delay',
        value: 'SECONDS',
        summary: 'Until TVS reads a changed CTL file again. Default: 10; CUCM takes minutes.',
      },
      {
        name: 'replication-delay',
        value: 'SECONDS',
        summary: 'Until a change is on the other nodes. Default: 2; CUCM takes up to half an hour.',
      },
      { name: 'seconds', value: 'N', summary: 'End by itself after so many. Default: never.' },
      { name: 'no-daemon', summary: 'Start no daemon.' },
    ],
    examples: [
      { line: 'ctl-bridge lab up', summary: 'Three nodes, tokenless, 500 phones.' },
      {
        line: 'ctl-bridge lab up --release 11.5 --state tokens --phones 2000',
        summary: 'A cluster whose CTL is signed by tokens.',
      },
    ],
    load: () => import('../lab/run-lab.js').then(({ runLab }) => ({ run: runLab('up') })),
  },
  {
    name: 'lab status',
    summary: 'Show the lab that runs: nodes, ports, faults, user, tokens.',
    description: [],
    operands: [],
    options: [],
    examples: [{ line: 'ctl-bridge lab status', summary: 'Addresses and ports.' }],
    load: () => import('../lab/run-lab.js').then(({ runLab }) => ({ run: runLab('status') })),
  },
  {
    name: 'lab phones',
    summary: 'Show what the lab’s phones hold and decided, by model, as a live table.',
    description: [
      'On a terminal the table is drawn anew each second until Ctrl-C; elsewhere it is printed once.',
      'With a DEVICE: the checksums on its screen, its status messages, and the lines of its console.',
    ],
    operands: [{ name: 'DEVICE', optional: true, summary: 'One device, such as SEP02CB00000000.' }],
    options: [{ name: 'once', summary: 'Print the table once on a terminal, too.' }],
    examples: [
      { line: 'ctl-bridge lab phones', summary: 'While a change is made in another terminal.' },
      {
        line: 'ctl-bridge lab phones SEP02CB00000000',
        summary: 'Why this one took the file or refused it.',
      },
      { line: 'ctl-bridge lab phones --json', summary: 'Every phone with its status messages.' },
    ],
    load: () => import('../lab/run-lab.js').then(({ runLab }) => ({ run: runLab('phones') })),
  },
  {
    name: 'lab reset',
    summary: 'Reset phones of the lab: they fetch their files and decide.',
    description: ['All of them, one of each model, or one by its name. Returns when the last is ready.'],
    operands: [
      { name: 'DEVICE', optional: true, summary: 'One device, such as SEP02CB00000000. Default: all.' },
    ],
    options: [
      { name: 'pilots', summary: 'One phone of each model.' },
      { name: 'erase', summary: 'First delete the trust lists at the phone, as somebody who walks to it.' },
    ],
    examples: [
      { line: 'ctl-bridge lab reset --pilots', summary: 'Before the fleet.' },
      { line: 'ctl-bridge lab reset', summary: 'The fleet; prints how long it took.' },
    ],
    load: () => import('../lab/run-lab.js').then(({ runLab }) => ({ run: runLab('reset') })),
  },
  {
    name: 'lab fault',
    summary: 'Make a node of the lab fail, or mend it.',
    description: [
      'Faults: down; tvs-down; disk-full; slow=MILLISECONDS before each answer; replace FILE puts a file in place of CTLFile.tlv behind everybody’s back and serves it; replication-late=SECONDS, of the whole cluster; none mends the node and the replication.',
    ],
    operands: [
      node,
      { name: 'FAULT', summary: 'One of those above.' },
      { name: 'FILE', optional: true, summary: 'For replace: the bytes to serve, whatever they are.' },
    ],
    options: [],
    examples: [
      { line: 'ctl-bridge lab fault lab-sub1 down', summary: 'A subscriber that cannot be reached.' },
      { line: 'ctl-bridge lab fault lab-sub1 none', summary: 'It is back.' },
    ],
    load: () => import('../lab/run-lab.js').then(({ runLab }) => ({ run: runLab('fault') })),
  },
  {
    name: 'lab tvs',
    summary: 'Choose where TVS of the lab looks up certificates.',
    description: [
      'Which of its two look-ups saves a revert to tokens is not known of CUCM: rehearse with each. db: the certificate database alone; cache: its cache of the local CTL file alone; either: both, the database first.',
    ],
    operands: [{ name: 'POLICY', summary: 'db, cache or either.' }],
    options: [],
    examples: [{ line: 'ctl-bridge lab tvs db', summary: 'Only what was uploaded counts.' }],
    load: () => import('../lab/run-lab.js').then(({ runLab }) => ({ run: runLab('tvs') })),
  },
  {
    name: 'lab down',
    summary: 'End the lab that runs, or clean up after one that was killed.',
    description: [],
    operands: [],
    options: [],
    examples: [{ line: 'ctl-bridge lab down', summary: 'From another terminal.' }],
    load: () => import('../lab/run-lab.js').then(({ runLab }) => ({ run: runLab('down') })),
  },
]
