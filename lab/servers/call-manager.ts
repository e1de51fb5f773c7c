/**
 * Secure signalling of Cisco CallManager, as far as a phone needs it to see whom it talks to: TLS, then silence. No SCCP
 * and no SIP. A phone that does not know the certificate goes away: it is locked out.
 */
import { createServer } from 'node:tls'
import type { KeyAndCertificate } from '../model/lab-cluster.js'
import { tlsOptions } from './tls-context.js'

/** A phone that registers stays; one that says nothing at all for this long is gone. */
const IDLE = 60_000

export function makeCallManager(identity: KeyAndCertificate) {
  const server = createServer({ ...tlsOptions(identity), handshakeTimeout: IDLE }, (socket) => {
    socket.on('error', () => socket.destroy())
    socket.setTimeout(IDLE, () => socket.destroy())
    socket.resume()
    socket.on('end', () => socket.end())
  })
  server.on('tlsClientError', (_error, socket) => socket.destroy())
  return server
}
