/** One file from the first server that answers, in the way the phone prefers. */
import type { Fetched } from './decide.js'
import { fetchOverHttp } from './fetch-http.js'
import { fetchOverTftp } from './fetch-tftp.js'

/** Where one way of fetching is offered. */
export interface FileServer {
  readonly host: string
  readonly port: number
}

/** A TFTP node as DHCP option 150 names it; the ports are the lab's, real phones have 69 and 6970. */
export interface TftpNode {
  readonly host: string
  readonly tftp: number
  readonly http: number
}

export interface FetchLimits {
  /** Milliseconds until the same is asked again. */
  readonly wait: number
  readonly tries: number
  /** Bytes. */
  readonly ceiling: number
}

export type FetchWay = 'tftp' | 'http'

export interface FetchedFile {
  readonly name: string
  readonly fetched: Fetched
  /** Nodes that were tried before and did not answer. */
  readonly silent: readonly TftpNode[]
}

/**
 * A server without the file is a server that answered: only one that cannot be reached lets the phone go on to the
 * next. A phone that prefers HTTP falls back to TFTP on the same node.
 */
export async function fetchFile(
  nodes: readonly TftpNode[],
  names: readonly string[],
  prefers: FetchWay,
  limits: FetchLimits,
): Promise<FetchedFile> {
  const silent: TftpNode[] = []
  let last: NamedAnswer = {
    name: names[0] ?? '',
    fetched: { kind: 'unreachable', cause: 'the phone knows no TFTP server' },
  }
  for (const node of nodes) {
    last = await fetchFromNode(node, names, prefers, limits)
    if (last.fetched.kind !== 'unreachable') break
    silent.push(node)
  }
  return { ...last, silent }
}

type NamedAnswer = Omit<FetchedFile, 'silent'>

async function fetchFromNode(
  node: TftpNode,
  names: readonly string[],
  prefers: FetchWay,
  limits: FetchLimits,
): Promise<NamedAnswer> {
  let last: NamedAnswer | undefined
  for (const name of names) {
    last = { name, fetched: await fetchOneName(node, name, prefers, limits) }
    if (last.fetched.kind !== 'none') return last
  }
  return last ?? { name: '', fetched: { kind: 'none' } }
}

async function fetchOneName(node: TftpNode, name: string, prefers: FetchWay, limits: FetchLimits) {
  if (prefers === 'http') {
    const fetched = await fetchOverHttp({ host: node.host, port: node.http }, name, limits)
    if (fetched.kind !== 'unreachable') return fetched
  }
  return fetchOverTftp({ host: node.host, port: node.tftp }, name, limits)
}
