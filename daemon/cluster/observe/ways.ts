/** How the files of a node are read: phones use either way. */
import type { Cluster, ClusterNode } from '../configuration/cluster-schema.js'

export type Way = 'tftp' | 'http'

export const wayNames: Readonly<Record<Way, string>> = { tftp: 'TFTP', http: 'HTTP' }

/** The port that stands for HTTP where nobody set one. */
const USUAL_HTTP_PORT = 6970

/** CUCM serves both. Asterisk's HTTP is whatever somebody set up: it is asked where the settings name it. */
export function waysOf({ kind }: Pick<Cluster, 'kind'>, node: ClusterNode): readonly Way[] {
  if (node.http_port === 0) return ['tftp']
  const isUsual = kind === 'asterisk' && node.http_port === USUAL_HTTP_PORT && node.read === 'tftp'
  return isUsual ? ['tftp'] : ['tftp', 'http']
}
