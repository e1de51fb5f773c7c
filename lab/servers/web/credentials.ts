/** Who may come in: one user for AXL, Control Center and the pages. */
import { createHash, timingSafeEqual } from 'node:crypto'
import type { RequestHandler } from 'express'
import type { LabCluster } from '../../model/lab-cluster.js'

export type Credentials = LabCluster['credentials']

export function areRight(wanted: Credentials, user: string, password: string): boolean {
  const digest = (parts: readonly string[]) => createHash('sha256').update(JSON.stringify(parts)).digest()
  return timingSafeEqual(digest([wanted.user, wanted.password]), digest([user, password]))
}

/** RFC 7617. */
export function hasBasicCredentials(wanted: Credentials, header: string | undefined): boolean {
  const encoded = /^Basic ([A-Za-z0-9+/=]+)$/i.exec(header ?? '')?.[1]
  if (encoded === undefined) return false
  const [user = '', ...password] = Buffer.from(encoded, 'base64').toString('utf8').split(':')
  return areRight(wanted, user, password.join(':'))
}

/** `onRefused` hears of each login that was wrong. */
export function requireBasic(wanted: Credentials, onRefused: (path: string) => void): RequestHandler {
  return (request, response, next) => {
    if (hasBasicCredentials(wanted, request.headers.authorization)) {
      next()
      return
    }
    onRefused(request.path)
    response
      .status(401)
      .set('WWW-Authenticate', 'Basic realm="Rehearsal lab"')
      .type('text/plain')
      .send('User or password is wrong.\n')
  }
}
