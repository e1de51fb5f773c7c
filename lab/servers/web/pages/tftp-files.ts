/** Software Upgrades → TFTP File Management: list, upload, delete. */
import type { LabNode } from '../../../model/lab-cluster.js'
import { html } from '../html.js'
import { type Notice, type Page, paths } from './layout.js'
import type { UploadedForm } from './upload-form.js'

const RESTART_NEEDED =
  'This node serves it only after Cisco Tftp was restarted here: Tools, Control Center, or utils service restart Cisco Tftp on its command line. The other nodes do not get it: do the same on each.'

export function filesPage(node: LabNode, notice?: Notice): Page {
  const files = node.listTftp()
  const rows = files.map(
    (file, index) => html`<tr>
<td><input type="checkbox" id="file-${index}" name="file" value="${file}"></td>
<td><label class="check" for="file-${index}">${file}</label></td>
</tr>`,
  )
  const list = html`<form method="get" action="${paths.deleteFiles}">
<table>
<thead><tr><th>Select</th><th>File Name</th></tr></thead>
<tbody>
${rows}
</tbody>
</table>
<button>Delete Selected</button>
</form>`
  return {
    title: 'TFTP File Management',
    notice,
    content: html`<p>Files in the TFTP folder of this node. Other nodes have their own.</p>
<a class="button" href="${paths.uploadFile}">Upload File</a>
${files.length === 0 ? html`<p>There are no files.</p>` : list}`,
  }
}

export function uploadPage(notice?: Notice): Page {
  return {
    title: 'Upload File',
    notice,
    content: html`<form method="post" action="${paths.uploadFile}" enctype="multipart/form-data">
<label for="file">File Name</label>
<input type="file" id="file" name="file" required>
<label for="directory">Directory</label>
<input type="text" id="directory" name="directory" aria-describedby="directory-hint">
<p class="hint" id="directory-hint">Leave it empty for the TFTP root, where CTLFile.tlv belongs.</p>
<p>A file of the same name is overwritten.</p>
<button>Upload File</button>
<a class="button" href="${paths.tftp}">Close</a>
</form>`,
  }
}

/** Rejects with what the person should read. */
export async function takeUpload(node: LabNode, { fields, file }: UploadedForm): Promise<Notice> {
  if (file === undefined) throw new Error('Choose a file first.')
  const directory = (fields.get('directory') ?? '').trim().replaceAll(/^\/+|\/+$/g, '')
  const name = directory === '' ? file.name : `${directory}/${file.name}`
  if (directory !== '') {
    throw new Error(`This lab has no directory ${directory}; leave the field empty for the TFTP root.`)
  }
  const isReplaced = node.listTftp().includes(name)
  await node.writeTftp(name, file.bytes)
  const what = `${name}, ${file.bytes.length} bytes, is ${isReplaced ? 'overwritten' : 'uploaded'}.`
  node.log('web', `TFTP File Management: ${what}`)
  return { kind: 'success', text: `${what} ${RESTART_NEEDED}` }
}

export function confirmDeletePage(files: readonly string[]): Page {
  return {
    title: 'Delete Selected',
    content: html`<p>${files.length === 1 ? 'This file is' : 'These files are'} deleted for good on this node:</p>
<form method="post" action="${paths.deleteFiles}">
<ul>
${files.map((file) => html`<li>${file}<input type="hidden" name="file" value="${file}"></li>`)}
</ul>
<button>Delete</button>
<a class="button" href="${paths.tftp}">Cancel</a>
</form>`,
  }
}

export async function deleteFiles(node: LabNode, files: readonly string[]): Promise<Notice> {
  const present = new Set(node.listTftp())
  let deleted = 0
  // Only names that are there: a pattern would take others with it.
  for (const file of files.filter((name) => present.has(name))) deleted += await node.deleteTftp(file)
  node.log('web', `TFTP File Management: ${deleted} of ${files.length} files deleted`)
  if (deleted === files.length) return { kind: 'success', text: `Files deleted: ${deleted}.` }
  return { kind: 'error', text: `Files deleted: ${deleted} of ${files.length}; the others were not there.` }
}
