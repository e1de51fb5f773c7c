/** TLS as the lab's phones open it: any certificate is let in, and the phone compares it with its own lists. */
import { connect, createSecureContext, type TLSSocket } from 'node:tls'

export interface TlsAddress {
  readonly host: string
  readonly port: number
}

/** One for all phones, because making it takes longer than a handshake. */
const secureContext = createSecureContext({
  // CallManager's key may have 1024 bits (TAC 118893), which OpenSSL refuses at its default level in later Nodes.
  ciphers: 'DEFAULT@SECLEVEL=0',
  minVersion: 'TLSv1',
})

/** Resolves when the handshake is done; a full one each time, no session is kept. */
export function openTls(address: TlsAddress, deadline: number): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const socket = connect({
      host: address.host,
      port: address.port,
      rejectUnauthorized: false,
      secureContext,
    })
    socket.setTimeout(deadline, () => socket.destroy(new Error('no answer')))
    socket.once('error', reject)
    socket.once('close', () => reject(new Error('the connection was closed')))
    socket.once('secureConnect', () => resolve(socket))
  })
}

/** DER. */
export function shownCertificate(socket: TLSSocket): Uint8Array {
  return new Uint8Array(socket.getPeerCertificate().raw)
}
