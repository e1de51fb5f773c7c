/** The one way in which TLS to a node is opened: nothing is written before its certificate was checked. */
import { constants, createHash, X509Certificate } from 'node:crypto'
import { isIP } from 'node:net'
import { type ConnectionOptions, connect, DEFAULT_CIPHERS, type TLSSocket } from 'node:tls'
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
  checkAuthority(trust)
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

/** OpenSSL passes over a file that holds no certificate; then every node would be refused without a reason. */
function checkAuthority({ caPem, node }: TlsTrust): void {
  try {
    if (caPem !== undefined) new X509Certificate(caPem)
  } catch {
    const detail =
      'tls.ca_file holds no certificate that can be read. It begins with -----BEGIN CERTIFICATE-----.'
    throw new BridgeError('CONFIG_INVALID', detail, { node, setting: 'tls.ca_file' })
  }
}

function startTls({ trust, host, port }: TlsTarget): TLSSocket {
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
    socket.once('close', () => reject(coded('ECONNRESET')))
  })
}

const coded = (code: string): Error => Object.assign(new Error(code), { code })

function seenOn(socket: TLSSocket): SeenCertificate {
  const certificate = socket.getPeerX509Certificate()
  if (certificate === undefined) throw coded('ERR_TLS_NO_CERTIFICATE')
  return {
    subject: subjectOf(certificate),
    fingerprint: createHash('sha256').update(certificate.raw).digest('hex'),
    rsaBits: rsaBitsOf(certificate),
    chainError: socket.authorized ? undefined : String(socket.authorizationError),
    isFor: (host) =>
      (isIP(host) === 0 ? certificate.checkHost(host) : certificate.checkIP(host)) !== undefined,
  }
}

/** Node writes a name one part a line. */
const subjectOf = ({ subject }: X509Certificate): string => (subject ?? '').split('\n').join(', ')

function rsaBitsOf({ publicKey }: X509Certificate): number | undefined {
  return publicKey.asymmetricKeyType === 'rsa' ? publicKey.asymmetricKeyDetails?.modulusLength : undefined
}
