/** How the lab's servers speak TLS: as servers of that time, with the keys of that time. */
import { X509Certificate } from 'node:crypto'
import type { Socket } from 'node:net'
import type { SecureContextOptions, Server } from 'node:tls'
import type { KeyAndCertificate } from '../model/lab-cluster.js'

/**
 * RSA-1024 and SHA-1, which CUCM up to 10.5 has in its certificates, are below OpenSSL's first level of security; and
 * its clients know TLS 1.0 alone.
 */
export function tlsOptions({ privateKey, certificate }: Identity): SecureContextOptions {
  return {
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }),
    cert: new X509Certificate(certificate).toString(),
    minVersion: 'TLSv1',
    ciphers: 'DEFAULT:@SECLEVEL=0',
  }
}

type Identity = Pick<KeyAndCertificate, 'privateKey' | 'certificate'>

/**
 * Hands connections to a server that does not listen itself (documented for http and tls servers), with the
 * certificate that holds at that moment.
 */
export function admitTo(server: Pick<Server, 'setSecureContext' | 'emit'>, identity: () => Identity) {
  let presented = identity().certificate
  return (socket: Socket): void => {
    const now = identity()
    if (now.certificate !== presented) {
      server.setSecureContext(tlsOptions(now))
      presented = now.certificate
    }
    server.emit('connection', socket)
  }
}
