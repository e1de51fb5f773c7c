import type { Request, RequestHandler, Router } from 'express'
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
import type { Desk } from './desk.js'
import { type Notice, paths } from './layout.js'
import { readUploadForm } from './upload-form.js'

const goneCertificate: Notice = { kind: 'error', text: 'That certificate is not there any more.' }
const notRegenerable: Notice = { kind: 'error', text: 'That certificate cannot be regenerated on this node.' }

export function addCertificateRoutes(router: Router, desk: Desk, form: RequestHandler): void {
  const { lab, node, show, attempt } = desk
  const list = (notice?: Notice) => certificatesPage(lab, node, notice)
  const asked = ({ query }: Request): ListedCertificate | undefined =>
    certificatesOf(lab, node).find((one) => one.fingerprint === query.sha256 && one.purpose === query.name)
  const regenerableAsked = (name: unknown): Regenerable | undefined =>
    regenerableOn(lab, node).find((what) => what === name)

  router.get(paths.certificates, (request, response) => show(response, list(desk.noticeFor(request))))
  router.get(paths.certificate, (request, response) => {
    const one = asked(request)
    if (one === undefined) show(response, list(goneCertificate), 404)
    else show(response, certificatePage(lab, node, one))
  })
  router.get(paths.certificatePem, (request, response) => {
    const one = asked(request)
    if (one === undefined) show(response, list(goneCertificate), 404)
    else response.attachment(`${one.purpose}.pem`).type('application/x-pem-file').send(one.x509.toString())
  })
  router.get(paths.uploadCertificate, (_request, response) => show(response, uploadCertificatePage()))
  router.post(paths.uploadCertificate, (request, response) =>
    attempt(response, paths.certificates, uploadCertificatePage, async () =>
      takeCertificate(node, await readUploadForm(request)),
    ),
  )
  router.get(paths.regenerate, ({ query }, response) => {
    const what = regenerableAsked(query.name)
    if (what === undefined) show(response, list(notRegenerable), 404)
    else show(response, confirmRegeneratePage(what))
  })
  router.post(paths.regenerate, form, (request, response) =>
    attempt(response, paths.certificates, list, async () => {
      const what = regenerableAsked(request.body?.name)
      if (what === undefined) throw new Error(notRegenerable.text)
      return regenerate(lab, node, what)
    }),
  )
}
