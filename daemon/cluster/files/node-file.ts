/** A file on a node of a cluster: where it is, and what a person types for it. Pure. */
import { BridgeError } from '../../bridge-error.js'

export type NodeProtocol = 'tftp' | 'http' | 'https'

export interface NodeFile {
  readonly protocol: NodeProtocol
  /** Name or address; an IPv6 address without brackets. */
  readonly host: string
  readonly port: number
  /** As the server knows it: `CTLFile.tlv`, `CTLSEP001122334455.tlv`. */
  readonly file: string
}

/** RFC 1350; a CUCM serves HTTP on 6970, which its URL names. */
const usualPorts: Readonly<Record<NodeProtocol, number>> = { tftp: 69, http: 80, https: 443 }

/** `tftp://10.48.47.153/CTLFile.tlv`, `http://cucm-pub:6970/CTLFile.tlv`. Throws USAGE. */
export function parseNodeUrl(text: string): NodeFile {
  const url = parse(text)
  const protocol = url.protocol.slice(0, -1) as NodeProtocol
  if (url.username !== '' || url.password !== '') {
    throw usage('names a user; a password on the command line is seen by everybody on this machine')
  }
  if (url.hostname === '') throw usage('names no host')
  if (url.hash !== '') throw usage('holds a #, which no server is sent')
  return {
    protocol,
    host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: url.port === '' ? usualPorts[protocol] : Number(url.port),
    file: protocol === 'tftp' ? tftpFile(url) : `${url.pathname}${url.search}`.slice(1),
  }
}

function parse(text: string): URL {
  try {
    return new URL(text)
  } catch {
    throw usage('cannot be read')
  }
}

/** RFC 3617: the path without its first slash, and `;mode=octet`, which is the only mode here. */
function tftpFile(url: URL): string {
  const [path = '', mode] = `${url.pathname}${url.search}`.slice(1).split(/;mode=/i)
  if (mode !== undefined && mode.toLowerCase() !== 'octet') {
    throw usage('asks for another mode than octet, which would change the file')
  }
  const file = decoded(path)
  if (file === '') throw usage('names no file; a CTL is CTLFile.tlv')
  if (/\p{Cc}/u.test(file)) throw usage('holds a control character')
  return file
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    throw usage('holds a % that begins no character')
  }
}

const usage = (what: string): BridgeError =>
  new BridgeError(
    'USAGE',
    `The address ${what}. It looks like tftp://HOST/CTLFile.tlv or http://HOST:6970/CTLFile.tlv.`,
  )

/** `tftp://10.48.47.153:69`, for messages. */
export function nodeName({ protocol, host, port }: NodeFile): string {
  return `${protocol}://${host.includes(':') ? `[${host}]` : host}:${port}`
}
