import type { RequestHandler, Router } from 'express'
import { type Desk, fieldsOf } from './desk.js'
import { type Notice, paths } from './layout.js'
import { confirmDeletePage, deleteFiles, filesPage, takeUpload, uploadPage } from './tftp-files.js'
import { readUploadForm } from './upload-form.js'

const nothingSelected: Notice = { kind: 'error', text: 'Select a file first.' }

export function addTftpRoutes(router: Router, desk: Desk, form: RequestHandler): void {
  const { node, show, attempt } = desk
  const list = (notice?: Notice) => filesPage(node, notice)
  router.get(paths.tftp, (request, response) => show(response, list(desk.noticeFor(request))))
  router.get(paths.uploadFile, (_request, response) => show(response, uploadPage()))
  router.post(paths.uploadFile, (request, response) =>
    attempt(response, paths.tftp, uploadPage, async () => takeUpload(node, await readUploadForm(request))),
  )
  router.get(paths.deleteFiles, ({ query }, response) => {
    const files = fieldsOf(query.file)
    show(response, files.length > 0 ? confirmDeletePage(files) : list(nothingSelected))
  })
  router.post(paths.deleteFiles, form, (request, response) =>
    attempt(response, paths.tftp, list, () => deleteFiles(node, fieldsOf(request.body?.file))),
  )
}
