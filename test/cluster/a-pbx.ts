/**
 * An Asterisk cluster of two machines that serve files: atftpd and nginx over one folder, atftpd alone over another.
 * Files get into the folders as into any directory.
 */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { stringify } from 'smol-toml'
import { newPublisher } from '../trust/tac-cluster.js'
import { freePort, startTftpServer } from './files/tftp-servers.js'
import { startNginx } from './nginx.js'

export interface Pbx {
  /** TFTP roots. */
  readonly first: string
  readonly second: string
  /** The settings of the cluster `pbx`: `first` over TFTP and HTTP, `second` over TFTP. */
  readonly settings: Record<string, unknown>
  /** The same with a third node, at whose port nothing answers. */
  readonly withDeadNode: Record<string, unknown>
  readonly stop: () => Promise<void>
}

export async function startPbx(): Promise<Pbx> {
  const first = await startTftpServer('atftpd')
  const second = await startTftpServer('atftpd')
  const server = `location / { alias ${first.folder}/; }`
  const nginx = await startNginx({ certificate: newPublisher, files: {}, server })
  const node = (name: string, folder: string, tftpPort: number, httpPort: number) => ({
    name,
    address: '127.0.0.1',
    runs: ['tftp'],
    tftp_port: tftpPort,
    http_port: httpPort,
    publishing: { to: 'directory', folder },
  })
  const nodes = [
    node('first', first.folder, first.port, nginx.httpPort),
    node('second', second.folder, second.port, 0),
  ]
  return {
    first: first.folder,
    second: second.folder,
    settings: { name: 'pbx', kind: 'asterisk', nodes },
    withDeadNode: {
      name: 'half-dead',
      kind: 'asterisk',
      nodes: [...nodes, node('dead', second.folder, await freePort(), 0)],
    },
    stop: async () => {
      await Promise.all([first.stop(), second.stop(), nginx.stop()])
    },
  }
}

/** Into the settings of clusters beside the daemon's, which are read again when they changed. */
export function writeClusters(folder: string, ...clusters: Record<string, unknown>[]): Promise<void> {
  return writeFile(join(folder, 'clusters.toml'), stringify({ clusters }), { mode: 0o600 })
}
