/** Serviceability → Tools → Control Center: what runs, and restarts. */
import type { RequestHandler, Router } from 'express'
import { type LabNode, labServices } from '../../../model/lab-cluster.js'
import { html } from '../html.js'
import { type Desk, fieldsOf } from './desk.js'
import { type Notice, type Page, paths } from './layout.js'

export function addServiceRoutes(
  router: Router,
  { node, show, attempt, noticeFor }: Desk,
  form: RequestHandler,
): void {
  const page = (notice?: Notice) => servicesPage(node, notice)
  router.get(paths.services, (request, response) => show(response, page(noticeFor(request))))
  router.post(paths.services, form, (request, response) =>
    attempt(response, paths.services, page, () => restart(node, fieldsOf(request.body?.service)[0])),
  )
}

function servicesPage(node: LabNode, notice?: Notice): Page {
  const rows = labServices.map(
    (service) => html`<tr>
<td>${service}</td>
<td>${node.isRunning(service) ? 'Started' : 'Stopped'}</td>
<td><form method="post" action="${paths.services}"><input type="hidden" name="service" value="${service}"><button aria-label="Restart ${service}">Restart</button></form></td>
</tr>`,
  )
  return {
    title: 'Control Center',
    notice,
    content: html`<p>Services of this node. On CUCM, Cisco Trust Verification Service stands under Control Center - Network
Services, the others under Control Center - Feature Services.</p>
<table>
<thead><tr><th>Service Name</th><th>Status</th><th></th></tr></thead>
<tbody>
${rows}
</tbody>
</table>`,
  }
}

async function restart(node: LabNode, name: string | undefined): Promise<Notice> {
  const service = labServices.find((known) => known === name)
  if (service === undefined) throw new Error('There is no such service.')
  node.log('web', `Control Center restarts ${service}`)
  await node.restart(service)
  return { kind: 'success', text: `${service} was restarted on this node.` }
}
