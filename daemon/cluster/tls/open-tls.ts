/** The one way in which TLS to a node is opened: nothing is written before its certificate was checked. */
import { constants, createHash, type X509Certificate } from 'node:crypto'
import { isIP } from 'node:net'
import {
  type ConnectionOptions,
  checkServerIdentity,
  connect,
  DEFAULT_CIPHERS,
  type TLSSocket,
} from 'node:tls'
import { BridgeError } from '../../bridge-error.js'
import { handshakeProblem } from './handshake-problem.js'
import { objectionTo, type SeenCertificate } from './judge-certificate.js'
import type { TlsTarget, TlsTrust } from './tls-trust.js'

/**
 * A connection to the node that the settings mean. Rejects with NODE_CERTIFICATE_UNKNOWN, NODE_UNREACHABLE,
 * NODE_ANSWER_WRONG, and with NODE_TIMEOUT when `signal` ends it.
 */
export async function openTls(target: TlsTarget, signal: AbortSignal): Promise<TLSSocket> {
  const { trust, host, port } = target
  const socket = startTls(target)
  // Stays: what goes wrong later is told to whoever reads and writes, and must not end the process.
  socket.on('error', () => undefined)
  const giveUp = () => socket.destroy()
  signal.addEventListener('abort', giveUp, { once: true })
  socket.once('close', () => signal.removeEventListener('abort', giveUp))
  try {
    signal.throwIfAborted()
    await handshake(socket)
    const objection = objectionTo(seenOn(socket), target)
    if (objection === undefined) return socket
    throw new BridgeError('NODE_CERTIFICATE_UNKNOWN', objection, { node: trust.node })
  } catch (error) {
    socket.destroy()
    if (error instanceof BridgeError) throw error
    if (!signal.aborted) throw handshakeProblem(error, target)
    const detail = `TLS with ${host} port ${port} did not come about in time.`
    throw new BridgeError('NODE_TIMEOUT', detail, { node: trust.node })
  }
}

function startTls(target: TlsTarget): TLSSocket {
  const { trust, host, port } = target
  try {
    return connect({
      host,
      port,
      ...(isIP(host) === 0 ? { servername: host } : {}),
      ...(trust.caPem === undefined ? {} : { ca: trust.caPem }),
      ...strength(trust),
      minVersion: trust.oldest,
      // The certificate is judged in objectionTo, which knows about pins and says what it saw.
      rejectUnauthorized: false,
      checkServerIdentity: () => undefined,
    })
  } catch (error) {
    // A file that is no PEM is told here.
    const detail = `The certificates of tls.ca_file cannot be used (${(error as NodeJS.ErrnoException).code}).`
    throw new BridgeError('CONFIG_INVALID', detail, { node: trust.node, setting: 'tls.ca_file' })
  }
}

/**
 * Security level 2 by name, because Node's own differs from version to version. TLS before 1.2 signs with SHA-1 and
 * MD5 by itself, which OpenSSL 3 does at level 0 only; the size of the key is judged apart.
 */
function strength({ weakKeys, oldest }: TlsTrust): ConnectionOptions {
  if (!weakKeys && oldest !== 'TLSv1' && oldest !== 'TLSv1.1') {
    return { ciphers: `${DEFAULT_CIPHERS}:@SECLEVEL=2` }
  }
  // RFC 5746 is younger than the TLS libraries of the first releases that had TVS.
  return { ciphers: 'DEFAULT@SECLEVEL=0', secureOptions: constants.SSL_OP_LEGACY_SERVER_CONNECT }
}

function handshake(socket: TLSSocket): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once('secureConnect', resolve)
    socket.once('error', reject)
    socket.once('close', () => reject(Object.assign(new Error('closed'), { code: 'ECONNRESET' })))
  })
}

function seenOn(socket: TLSSocket): SeenCertificate {
  const certificate = socket.getPeerX509Certificate()
  // Suites without a certificate are not in the lists above.
  if (certificate === undefined)
    throw Object.assign(new Error('no certificate'), { code: 'ERR_TLS_NO_CERTIFICATE' })
  const legacy = socket.getPeerCertificate()
  return {
    subject: subjectOf(certificate),
    fingerprint: createHash('sha256').update(certificate.raw).digest('hex'),
    rsaBits: rsaBitsOf(certificate),
    chainError: socket.authorized ? undefined : String(socket.authorizationError),
    isFor: (host) => checkServerIdentity(host, legacy) === undefined,
  }
}

/** Node writes a name one part a line. */
const subjectOf = ({ subject }: X509Certificate): string => (subject ?? '').split('\n').join(', ')

function rsaBitsOf({ publicKey }: X509Certificate): number | undefined {
  return publicKey.asymmetricKeyType === 'rsa' ? publicKey.asymmetricKeyDetails?.modulusLength : undefined
}
