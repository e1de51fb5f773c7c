/** The web server of a node, HTTPS with its tomcat certificate: AXL, Control Center and the pages. */
import { createServer } from 'node:https'
import express, { type NextFunction, type Request, type Response } from 'express'
import type { LabCluster, LabNode } from '../../model/lab-cluster.js'
import { afterDelay } from '../door.js'
import { tlsOptions } from '../tls-context.js'
import { makeAxl, refuseAxl } from './axl.js'
import { makeControlCenter, type ServiceStarts } from './control-center.js'
import { requireBasic } from './credentials.js'
import { makePages } from './pages/pages.js'

export function makeWebServer(lab: LabCluster, node: LabNode, starts: ServiceStarts) {
  const app = express()
  app.disable('x-powered-by')
  app.disable('etag')
  app.set('query parser', 'simple')
  app.use((_request, _response, next) => afterDelay(node.faults.delay, next))
  const soapBody = express.text({ type: () => true, limit: '1mb' })
  const log = (line: string): void => node.log('web', line)
  const basic = requireBasic(lab.credentials, (path) => log(`login at ${path} refused`))
  if (node === lab.publisher) app.post('/axl/', basic, soapBody, makeAxl(lab, log))
  else app.all('/axl/', (_request, response) => refuseAxl(lab.publisher.name, response))
  app.post(
    '/controlcenterservice2/services/ControlCenterServices',
    basic,
    soapBody,
    makeControlCenter(node, starts),
  )
  app.get('/', (_request, response) => response.redirect(302, '/cmplatform/'))
  app.use(makePages(lab, node))
  app.use(
    (_request, response) => void response.status(404).type('text/plain').send('There is nothing here.\n'),
  )
  app.use((error: unknown, _request: Request, response: Response, next: NextFunction) => {
    const { status = 500, message } = error as { status?: number; message?: string }
    log(`failed: ${message}`)
    if (response.headersSent) next(error)
    else
      response
        .status(status)
        .type('text/plain')
        .send(`${status === 413 ? 'Too large.' : 'The request failed.'}\n`)
  })
  const server = createServer({ ...tlsOptions(node.tomcat), handshakeTimeout: 10_000 }, app)
  server.on('tlsClientError', (_error, socket) => socket.destroy())
  return server
}
