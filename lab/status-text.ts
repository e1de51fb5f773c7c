/** What `lab up` and `lab status` print. */
import type { LabStatus, NodeStatus } from './control/control-messages.js'

export function statusText(status: LabStatus): string {
  const { name, version, mode, tvsPolicy, phones, replicationSeconds } = status
  return [
    `${name}: CUCM ${version}, ${mode}, ${count(status.nodes.length, 'node')}, ${count(phones, 'phone')}`,
    `TVS looks up in ${policyWords[tvsPolicy] ?? tvsPolicy}; replication takes ${replicationSeconds} s`,
    '',
    ...status.nodes.flatMap(nodeLines),
    '',
    `user      ${status.user}`,
    `password  ${status.password}`,
    ...tokenLines(status),
    `logs      in ${status.folder}/nodes/NODE/logs`,
    `daemon    ${daemonWords(status)}`,
    '',
  ].join('\n')
}

const policyWords: Readonly<Record<string, string>> = {
  db: 'the database alone',
  cache: 'its cache of the local CTL file alone',
  either: 'the database, then its cache of the local CTL file',
}

const count = (number: number, what: string): string => `${number} ${what}${number === 1 ? '' : 's'}`

function nodeLines({ name, address, role, ports, faults, stopped }: NodeStatus): string[] {
  const listed = Object.entries(ports).map(([port, number]) => `${portWords[port] ?? port} ${number}`)
  return [
    `${name}  ${address}  ${role}`,
    `  ${listed.join(', ')}`,
    ...(faults.length > 0 ? [`  faults: ${faults.join(', ')}`] : []),
    ...(stopped.length > 0 ? [`  stopped: ${stopped.join(', ')}`] : []),
  ]
}

const portWords: Readonly<Record<string, string>> = {
  tftp: 'TFTP',
  http: 'HTTP',
  tvs: 'TVS',
  web: 'web',
  ssh: 'SSH',
  callManager: 'CallManager',
}

function tokenLines({ tokens }: LabStatus): string[] {
  return tokens.map(({ serial, certificateFile }, index) => {
    const label = index === 0 ? 'tokens    ' : '          '
    return `${label}${serial ?? 'no SoftHSM'}, certificate in ${certificateFile}`
  })
}

function daemonWords({ daemon }: LabStatus): string {
  return daemon === null ? 'none of the lab’s' : `of the lab, on ${daemon.socket}`
}

/** What to try next, in another terminal. */
export function nextSteps(status: LabStatus, command: string): string {
  const publisher = status.nodes[0]
  const page = `https://${publisher?.address}:${publisher?.ports.web}/cmplatform/`
  return [
    'In another terminal:',
    `  ${command} clusters observe ${status.name}`,
    `  ${command} lab phones`,
    `  ssh -p ${publisher?.ports.ssh} ${status.user}@${publisher?.address}`,
    'In a browser (its certificate is the lab’s own):',
    `  ${page}`,
    '',
  ].join('\n')
}
