/**
 * All servers of a node but its command line: TFTP, HTTP 6970, TVS, the web server, CallManager's TLS. They follow the
 * node's services and faults by themselves.
 */
import { type LabCluster, type LabNode, type LabServiceName, labServices } from '../model/lab-cluster.js'
import { makeCallManager } from './call-manager.js'
import { type Door, makeTcpDoor } from './door.js'
import { makeHttpFiles } from './http-files.js'
import { makeTftpDoor } from './tftp/tftp-server.js'
import { admitTo } from './tls-context.js'
import { makeTvs } from './tvs/tvs-server.js'
import type { ServiceStarts } from './web/control-center.js'
import { makeWebServer } from './web/web-server.js'

export interface NodeServers {
  /** Resolves when the doors stand as faults and services ask now; nobody has to call it but who wants to wait. */
  readonly settled: () => Promise<void>
  readonly close: () => Promise<void>
}

type PortName = 'tftp' | 'http' | 'tvs' | 'web' | 'callManager'

interface Entrance {
  readonly port: PortName
  readonly door: Door
  readonly isWanted: () => boolean
}

/** How long until a port that another process took meanwhile is tried again. */
const AGAIN = 500

/** Listens on the node's address, on free ports, which it writes into `node.ports`. */
export async function startNodeServers(lab: LabCluster, node: LabNode): Promise<NodeServers> {
  const starts = new Map<LabServiceName, Date>(labServices.map((service) => [service, new Date()]))
  const entrances = entrancesOf(lab, node, starts)
  let isClosed = false
  let last: Promise<void> = Promise.resolve()
  let again: NodeJS.Timeout | undefined

  const stand = async ({ door, isWanted, port }: Entrance): Promise<void> => {
    if (isClosed || !isWanted()) await door.shut()
    else node.ports[port] = await door.open()
  }
  /** One after the other, because a node may go down while it comes up. */
  const settle = (): Promise<void> => {
    last = last.then(async () => {
      const outcomes = await Promise.allSettled(entrances.map(stand))
      const failed = outcomes.find((outcome) => outcome.status === 'rejected')
      if (failed === undefined || isClosed) return
      node.log('web', `a port could not be opened again: ${failed.reason}`)
      clearTimeout(again)
      again = setTimeout(settle, AGAIN)
    })
    return last
  }
  const close = async (): Promise<void> => {
    isClosed = true
    stopWatching()
    clearTimeout(again)
    await last
    await Promise.all(entrances.map(({ door }) => door.close()))
  }

  // Every port is known from the start, also that of a service which does not run yet.
  const opened = await Promise.allSettled(
    entrances.map(async ({ port, door }) => {
      node.ports[port] = await door.open()
    }),
  )
  const stopWatching = node.watch((what) => {
    if (what !== 'faults' && node.isRunning(what)) starts.set(what, new Date())
    void settle()
  })
  const failed = opened.find((outcome) => outcome.status === 'rejected')
  if (failed !== undefined) {
    await close()
    throw failed.reason
  }
  await settle()
  return { settled: settle, close }
}

function entrancesOf(lab: LabCluster, node: LabNode, starts: ServiceStarts): readonly Entrance[] {
  const isUp = (service?: LabServiceName) => () =>
    !node.faults.down && (service === undefined || node.isRunning(service))
  const delay = () => node.faults.delay
  const files = { serve: node.serve, delay, log: (line: string) => node.log('tftp', line) }
  const http = makeHttpFiles(files)
  const tvs = makeTvs(lab, node)
  const web = makeWebServer(lab, node, starts)
  const callManager = makeCallManager(node.callManagerInUse())
  const tcp = (port: PortName, admit: Parameters<typeof makeTcpDoor>[0]['admit']): Door =>
    makeTcpDoor({ address: node.address, port: node.ports[port], delay, admit })
  const isTvsUp = isUp('Cisco Trust Verification Service')
  return [
    {
      port: 'tftp',
      door: makeTftpDoor({ address: node.address, port: node.ports.tftp, ...files }),
      isWanted: isUp('Cisco Tftp'),
    },
    {
      port: 'http',
      door: tcp('http', (socket) => http.emit('connection', socket)),
      isWanted: isUp('Cisco Tftp'),
    },
    {
      port: 'tvs',
      door: tcp(
        'tvs',
        admitTo(tvs, () => node.tvs),
      ),
      isWanted: () => isTvsUp() && !node.faults.tvsDown,
    },
    {
      port: 'web',
      door: tcp(
        'web',
        admitTo(web, () => node.tomcat),
      ),
      isWanted: isUp(),
    },
    {
      port: 'callManager',
      door: tcp('callManager', admitTo(callManager, node.callManagerInUse)),
      isWanted: isUp('Cisco CallManager'),
    },
  ]
}
