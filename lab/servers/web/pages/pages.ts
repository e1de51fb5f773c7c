/** The pages for people, below /cmplatform/: plain forms that work without JavaScript. */
import express, { type RequestHandler, Router } from 'express'
import type { LabCluster, LabNode } from '../../../model/lab-cluster.js'
import { html } from '../html.js'
import { addCertificateRoutes } from './certificate-routes.js'
import { makeDesk } from './desk.js'
import { type Page, paths, styleSheet } from './layout.js'
import { addLoginRoutes, refuseOtherSites } from './login.js'
import { addServiceRoutes } from './services.js'
import { addTftpRoutes } from './tftp-routes.js'

export function makePages(lab: LabCluster, node: LabNode): RequestHandler {
  const router = Router()
  const desk = makeDesk(lab, node)
  const form = express.urlencoded({ extended: false, limit: '64kb' })
  router.use('/cmplatform', secureHeaders, refuseOtherSites)
  router.get(paths.style, (_request, response) => void response.type('css').send(styleSheet))
  addLoginRoutes(router, desk, form)
  router.get(paths.home, (_request, response) => desk.show(response, homePage()))
  addCertificateRoutes(router, desk, form)
  addTftpRoutes(router, desk, form)
  addServiceRoutes(router, desk, form)
  router.use('/cmplatform', (_request, response) => desk.show(response, noPage, 404))
  return router
}

const secureHeaders: RequestHandler = (_request, response, next) => {
  response.set({
    'Content-Security-Policy':
      "default-src 'none'; style-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
    'X-Content-Type-Options': 'nosniff',
    'Referrer-Policy': 'same-origin',
    'Cache-Control': 'no-store',
  })
  next()
}

const noPage: Page = {
  title: 'No such page',
  content: html`<p>Start at <a href="${paths.home}">Home</a>.</p>`,
}

function homePage(): Page {
  return {
    title: 'Home',
    content: html`<ul>
<li>Security → <a href="${paths.certificates}">Certificate Management</a>: certificates of this node; upload a token’s
certificate to Phone-SAST-trust; regenerate.</li>
<li>Software Upgrades → <a href="${paths.tftp}">TFTP File Management</a>: upload CTLFile.tlv to this node.</li>
<li>Serviceability, Tools → <a href="${paths.services}">Control Center</a>: restart services of this node.</li>
</ul>
<p>A file is served only after Cisco Tftp was restarted on the node: here, or with utils service restart Cisco Tftp on its
command line.</p>`,
  }
}
