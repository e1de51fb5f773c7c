/** An HTTPS server that answers as a test tells it, and remembers what it was asked. */
import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { ExecutionContext } from 'ava'
import type { TlsTrust } from '../../daemon/cluster/tls/tls-trust.js'
import { fingerprintOf, issue, keyPemOf, pemOf } from '../trust/openssl-authority.js'

export const certificate = issue({ subject: '/CN=cucm-pub', names: ['DNS:cucm-pub'] })

export const pinned: TlsTrust = {
  node: 'pub',
  fingerprint: fingerprintOf(certificate),
  oldest: 'TLSv1.2',
  weakKeys: false,
}

export interface Asked {
  readonly method: string
  readonly path: string
  /** Without its quotes. */
  readonly action: string
  readonly authorization: string
  readonly body: string
}

export type Answer = (asked: Asked, response: ServerResponse, count: number) => void

export async function scriptedWeb(t: ExecutionContext, answer: Answer) {
  const asked: Asked[] = []
  const listen = async (request: IncomingMessage, response: ServerResponse) => {
    let body = ''
    for await (const part of request) body += part
    const { method = '', url = '', headers } = request
    const heard = {
      method,
      path: url,
      action: String(headers.soapaction).replaceAll('"', ''),
      authorization: headers.authorization ?? '',
      body,
    }
    asked.push(heard)
    answer(heard, response, asked.length)
  }
  const server = createServer({ cert: pemOf(certificate), key: keyPemOf(certificate) }, listen)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  return { port: (server.address() as AddressInfo).port, asked }
}

/** The user of every test; the password has what basic auth and XML stumble over. */
export const login = {
  node: 'pub',
  host: '127.0.0.1',
  user: 'ctl-bridge',
  password: async () => 'Pässwort: <&>',
  tls: pinned,
}

export const loginHeader = `Basic ${Buffer.from('ctl-bridge:Pässwort: <&>').toString('base64')}`
