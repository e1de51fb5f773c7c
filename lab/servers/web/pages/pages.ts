/** The pages for people, below /cmplatform/: plain forms that work without JavaScript. */
import express, { type Request, type RequestHandler, type Response, Router } from 'express'
import type { LabCluster, LabNode } from '../../../model/lab-cluster.js'
import { html } from '../html.js'
import {
  certificatesOf,
  type ListedCertificate,
  type Regenerable,
  regenerableOn,
} from './certificate-list.js'
import {
  certificatePage,
  certificatesPage,
  confirmRegeneratePage,
  regenerate,
  takeCertificate,
  uploadCertificatePage,
} from './certificates.js'
import { layout, type Notice, type Page, paths, styleSheet } from './layout.js'
import { loginPage, makeSessions, refuseOtherSites } from './login.js'
import { confirmDeletePage, deleteFiles, filesPage, takeUpload, uploadPage } from './tftp-files.js'
import { readUploadForm } from './upload-form.js'

export function makePages(lab: LabCluster, node: LabNode): RequestHandler {
  const router = Router()
  const sessions = makeSessions(lab.credentials)
  const form = express.urlencoded({ extended: false, limit: '64kb' })
  const show = (response: Response, page: Page, status = 200): void => {
    response
      .status(status)
      .type('html')
      .send(layout(lab, node, page))
  }
  /** What fails is a page with the reason, and the way back. */
  const attempt = async (response: Response, back: (notice: Notice) => Page, work: () => Promise<Page>) => {
    try {
      show(response, await work())
    } catch (error) {
      const { text, status } = failureOf(error)
      node.log('web', `failed: ${text}`)
      show(response, back({ kind: 'error', text }), status)
    }
  }

  router.use(secureHeaders, refuseOtherSites)
  router.get(paths.style, (_request, response) => void response.type('css').send(styleSheet))
  router.get(paths.login, (_request, response) => show(response, loginPage(false)))
  router.post(paths.login, form, (request, response) => {
    const cookie = sessions.logIn(fieldOf(request, 'user'), fieldOf(request, 'password'))
    node.log('web', `login ${cookie === undefined ? 'refused' : 'of the administrator'}`)
    if (cookie === undefined) show(response, loginPage(true), 401)
    else response.set('Set-Cookie', cookie).redirect(303, paths.home)
  })
  router.post(paths.logout, (request, response) =>
    response.set('Set-Cookie', sessions.logOut(request)).redirect(303, paths.login),
  )
  router.use((request, response, next) => {
    if (sessions.isLoggedIn(request)) next()
    else if (request.headers.authorization !== undefined) show(response, loginPage(true), 401)
    else response.redirect(303, paths.login)
  })

  router.get(paths.home, (_request, response) => show(response, homePage()))
  router.get(paths.tftp, (_request, response) => show(response, filesPage(node)))
  router.get(paths.uploadFile, (_request, response) => show(response, uploadPage()))
  router.post(paths.uploadFile, (request, response) =>
    attempt(response, uploadPage, async () =>
      filesPage(node, await takeUpload(node, await readUploadForm(request))),
    ),
  )
  router.get(paths.deleteFiles, (request, response) => {
    const files = fieldsOf(request.query.file)
    show(response, files.length > 0 ? confirmDeletePage(files) : filesPage(node, nothingSelected))
  })
  router.post(paths.deleteFiles, form, (request, response) =>
    attempt(
      response,
      (notice) => filesPage(node, notice),
      async () => filesPage(node, await deleteFiles(node, fieldsOf(request.body?.file))),
    ),
  )

  router.get(paths.certificates, (_request, response) => show(response, certificatesPage(lab, node)))
  router.get(paths.certificate, (request, response) => {
    const one = askedCertificate(lab, node, request)
    if (one === undefined) show(response, certificatesPage(lab, node, goneCertificate), 404)
    else show(response, certificatePage(lab, node, one))
  })
  router.get(paths.certificatePem, (request, response) => {
    const one = askedCertificate(lab, node, request)
    if (one === undefined) show(response, certificatesPage(lab, node, goneCertificate), 404)
    else response.attachment(`${one.purpose}.pem`).type('application/x-pem-file').send(one.x509.toString())
  })
  router.get(paths.uploadCertificate, (_request, response) => show(response, uploadCertificatePage()))
  router.post(paths.uploadCertificate, (request, response) =>
    attempt(response, uploadCertificatePage, async () =>
      certificatesPage(lab, node, await takeCertificate(node, await readUploadForm(request))),
    ),
  )
  router.get(paths.regenerate, (request, response) => {
    const what = regenerableAsked(lab, node, request.query.name)
    if (what === undefined) show(response, certificatesPage(lab, node, notRegenerable), 404)
    else show(response, confirmRegeneratePage(what))
  })
  router.post(paths.regenerate, form, (request, response) =>
    attempt(
      response,
      (notice) => certificatesPage(lab, node, notice),
      async () => {
        const what = regenerableAsked(lab, node, request.body?.name)
        if (what === undefined) return certificatesPage(lab, node, notRegenerable)
        return certificatesPage(lab, node, await regenerate(lab, node, what))
      },
    ),
  )
  router.use('/cmplatform', (_request, response) =>
    show(
      response,
      { title: 'No such page', content: html`<p>Start at <a href="${paths.home}">Home</a>.</p>` },
      404,
    ),
  )
  return router
}

const nothingSelected: Notice = { kind: 'error', text: 'Select a file first.' }
const goneCertificate: Notice = { kind: 'error', text: 'That certificate is not there any more.' }
const notRegenerable: Notice = { kind: 'error', text: 'That certificate cannot be regenerated on this node.' }

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

function homePage(): Page {
  return {
    title: 'Home',
    content: html`<ul>
<li>Security → <a href="${paths.certificates}">Certificate Management</a>: certificates of this node; upload a token’s
certificate to Phone-SAST-trust; regenerate.</li>
<li>Software Upgrades → <a href="${paths.tftp}">TFTP File Management</a>: upload CTLFile.tlv to this node.</li>
</ul>
<p>A file is served only after Cisco Tftp was restarted on the node: on its command line or by Control Center.</p>`,
  }
}

function failureOf(error: unknown): { text: string; status: number } {
  if (!(error instanceof Error)) return { text: String(error), status: 500 }
  if ('code' in error && error.code === 'ENOSPC') {
    return {
      text: 'The file was not stored: no space left on device. What was there before is unchanged.',
      status: 507,
    }
  }
  return { text: error.message, status: 400 }
}

const fieldOf = (request: Request, name: string): string => fieldsOf(request.body?.[name])[0] ?? ''

function fieldsOf(value: unknown): readonly string[] {
  const all: readonly unknown[] = Array.isArray(value) ? value : [value]
  return all.filter((each) => typeof each === 'string')
}

function askedCertificate(lab: LabCluster, node: LabNode, { query }: Request): ListedCertificate | undefined {
  return certificatesOf(lab, node).find(
    ({ fingerprint, purpose }) => fingerprint === query.sha256 && purpose === query.name,
  )
}

function regenerableAsked(lab: LabCluster, node: LabNode, name: unknown): Regenerable | undefined {
  return regenerableOn(lab, node).find((what) => what === name)
}
