/** `utils service`. What CUCM prints is not published word by word: names and states in brackets are. */
import { type LabNode, type LabServiceName, labServices } from '../model/lab-cluster.js'
import type { Conversation } from './shell.js'

export function listServices(node: LabNode): string {
  const lines = labServices.map((name) => `${name}[${node.isRunning(name) ? 'STARTED' : 'STOPPED'}]`)
  return ['Requesting service status, please wait...', ...lines].join('\n')
}

export async function restartService({ node, say }: Conversation, name: string): Promise<undefined> {
  const service = labServices.find((known): known is LabServiceName => known === name)
  if (service === undefined) {
    throw new Error(
      name === '' ? 'Say which service: utils service restart Cisco Tftp' : `Service ${name} is not known.`,
    )
  }
  say(`${service}[STOPPING]\n${service}[STARTING]\n`)
  await node.restart(service)
  say(`${service}[STARTED]\n`)
}
