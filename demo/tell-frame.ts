/** What stands around the story: what was started, where it lies, and what to try next. */
import { TEST_PIN } from '../softhsm/sast-token.js'
import type { Api } from './api.js'
import type { DaemonProcess } from './daemon-process.js'
import type { LabProcess } from './lab-process.js'
import type { Outcome } from './summary.js'
import { count, heading, say, table, tell } from './telling.js'

export function tellOpening(folder: string): void {
  say('ctl-bridge demo: a cluster goes from a tokenless CTL to one that a token signs.')
  say('No real cluster, and no settings of yours are used. All of it lies in')
  say(`  ${folder}`)
  heading('A CUCM cluster made of processes, on loopback; its keys take some seconds')
}

interface Delays {
  readonly tvsDelay: number
  readonly replicationDelay: number
}

export async function tellLab(
  { status }: LabProcess,
  { tvsDelay, replicationDelay }: Delays,
  daemon: DaemonProcess,
  api: Api,
): Promise<void> {
  tell(
    `CUCM ${status.version}, ${status.mode} mode, tokenless; ${count(status.phones, 'phone')} hold its files`,
  )
  table(status.nodes.map(({ name, address, role }) => [name, address, role]))
  tell(
    `TVS reads a changed CTL again after ${tvsDelay} s and replication takes ${replicationDelay} s; on CUCM both take minutes.`,
  )
  heading('The daemon, and two tokens made of files by SoftHSM', `GET ${daemon.url}/v1/tokens`)
  for (const { serial, label, state, certificates } of await tokensSeen(api)) {
    const [certificate] = certificates
    const key = certificate?.key?.type === 'rsa' ? `RSA ${certificate.key.bits}` : 'no RSA key'
    const name = /SAST-ADN[0-9a-f]{8}/.exec(certificate?.subject ?? '')?.[0] ?? 'no SAST certificate'
    tell(`${label}   ${name}   serial ${serial}   ${key}   ${state}`)
  }
  tell(`Their PIN is ${TEST_PIN}, as Cisco delivered them. Both go into the new file; the second one signs.`)
}

async function tokensSeen(api: Api) {
  const tokens = [...(await api.tokens())].sort((one, other) => (one.label < other.label ? -1 : 1))
  if (tokens.length < 2) throw new Error('The daemon does not see both tokens.')
  return tokens
}

export function tellNext({ report, before, after }: Outcome, folder: string, isServing: boolean): void {
  say()
  table([
    ['before', before.path],
    ['after', after.path],
    ['report', report],
  ])
  say('\nDelete the folder when you have seen enough:')
  say(`  ${folder}`)
  if (isServing) return
  say(`
Next, in the clone:

  npm run demo -- --serve    the same; cluster and daemon go on, to try by hand
  npm run lab                a cluster to rehearse on by hand (docs/lab.md)
  npm start                  the daemon with your own tokens (README.md)
`)
}

export function tellServing({ url, settings }: DaemonProcess): void {
  say(`
Cluster and daemon go on, the daemon at ${url}; Ctrl-C ends both.
In another terminal, in the clone:

  export CTL_BRIDGE_CONFIG=${settings}
  alias ctl-bridge='npm run -s ctl-bridge --'
  ctl-bridge migrate                  # where migrations stand
  ctl-bridge clusters observe lab     # what every node serves now
  ctl-bridge lab phones               # what the phones hold; Ctrl-C ends it
  ctl-bridge lab status               # the pages of the nodes, user and password
  ctl-bridge migrate rollback         # the way back, and who takes it: you click
  curl -H "Authorization: Bearer $(ctl-bridge key)" ${url}/v1/migrations
`)
}
