import { BridgeError, type BridgeErrorCode } from '../../bridge-error.js'
import { type NodeFile, nodeName } from './node-file.js'

export type NodeErrorCode = Extract<BridgeErrorCode, `NODE_${string}`>

/** An error that names the node and the file. `detail` may hold what the node sent; it is escaped when shown. */
export function nodeError(code: NodeErrorCode, source: NodeFile, detail: string): BridgeError {
  return new BridgeError(code, detail, { node: nodeName(source), file: source.file })
}

/** As Node adds to errors of sockets and of name look-ups. */
interface SystemError extends NodeJS.ErrnoException {
  readonly address?: string
  readonly port?: number
  readonly hostname?: string
}

/** What the system says of a connection, in words. */
export function systemReason(error: unknown): string {
  const { code, message, address, port, hostname } = error as SystemError
  const at = address === undefined || port === undefined ? 'this port' : `${address} port ${port}`
  const words: Readonly<Record<string, string>> = {
    ENOTFOUND: hostname === undefined ? 'The name is not known.' : `The name ${hostname} is not known.`,
    EAI_AGAIN: 'The name cannot be looked up now.',
    ECONNREFUSED: `Nothing listens at ${at}.`,
    ECONNRESET: 'The node ended the connection.',
    EHOSTUNREACH: 'There is no way to this host.',
    ENETUNREACH: 'There is no way to this network.',
    EACCES: 'The system does not allow it.',
    EPERM: 'The system does not allow it.',
  }
  return words[code ?? ''] ?? `${code ?? message}.`
}
