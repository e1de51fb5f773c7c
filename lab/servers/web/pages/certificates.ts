/** Security → Certificate Management: list, look, upload to a trust store, regenerate. */
import type { LabCluster, LabNode, TrustStoreName } from '../../../model/lab-cluster.js'
import { trustStores } from '../../../model/lab-cluster.js'
import { Html, html } from '../html.js'
import {
  certificatesOf,
  type ListedCertificate,
  type Regenerable,
  regenerableOn,
} from './certificate-list.js'
import { type Notice, type Page, paths } from './layout.js'
import type { UploadedForm } from './upload-form.js'

export function certificatesPage(lab: LabCluster, node: LabNode, notice?: Notice): Page {
  const rows = certificatesOf(lab, node).map(
    ({ purpose, commonName, x509, fingerprint }) => html`<tr>
<td>${purpose}</td>
<td><a href="${paths.certificate}?sha256=${fingerprint}&amp;name=${purpose}">${commonName}</a></td>
<td>${x509.subject === x509.issuer ? 'Self-signed' : 'CA-signed'}</td>
<td>${x509.validTo}</td>
</tr>`,
  )
  return {
    title: 'Certificate Management',
    notice,
    content: html`<a class="button" href="${paths.uploadCertificate}">Upload Certificate/Certificate chain</a>
<table>
<thead><tr><th>Certificate</th><th>Common Name</th><th>Type</th><th>Expiration</th></tr></thead>
<tbody>
${rows}
</tbody>
</table>`,
  }
}

export function certificatePage(lab: LabCluster, node: LabNode, one: ListedCertificate): Page {
  const { purpose, x509, fingerprint, commonName } = one
  const rows: ReadonlyArray<readonly [string, string]> = [
    ['Subject', x509.subject.replaceAll('\n', ', ')],
    ['Issuer', x509.issuer.replaceAll('\n', ', ')],
    ['Serial number', x509.serialNumber],
    ['Valid from', x509.validFrom],
    ['Valid to', x509.validTo],
    ['Key', keyOf(x509)],
    ['SHA-1', x509.fingerprint],
    ['SHA-256', x509.fingerprint256],
  ]
  const what = regenerableOn(lab, node).find((name) => name === purpose)
  return {
    title: `${purpose}: ${commonName}`,
    content: html`<table><tbody>
${rows.map(([name, value]) => html`<tr><th scope="row">${name}</th><td>${value}</td></tr>`)}
</tbody></table>
${what === undefined ? new Html('') : html`<a class="button" href="${paths.regenerate}?name=${what}">Regenerate</a>`}
<a class="button" href="${paths.certificatePem}?sha256=${fingerprint}&amp;name=${purpose}">Download .PEM File</a>
<a class="button" href="${paths.certificates}">Close</a>`,
  }
}

function keyOf({ publicKey }: ListedCertificate['x509']): string {
  const { modulusLength, namedCurve } = publicKey.asymmetricKeyDetails ?? {}
  return `${publicKey.asymmetricKeyType ?? 'unknown'} ${modulusLength ?? namedCurve ?? ''}`.trim()
}

export function uploadCertificatePage(notice?: Notice): Page {
  return {
    title: 'Upload Certificate/Certificate chain',
    notice,
    content: html`<form method="post" action="${paths.uploadCertificate}" enctype="multipart/form-data">
<label for="purpose">Certificate Purpose</label>
<select id="purpose" name="purpose">
${trustStores.map((store) => html`<option>${store}</option>`)}
</select>
<label for="description">Description(friendly name)</label>
<input type="text" id="description" name="description" maxlength="128">
<label for="file">Upload File</label>
<input type="file" id="file" name="file" required>
<p class="hint">One certificate, PEM or DER. Phone-SAST-trust is where TVS looks for the signers of CTL files.</p>
<button>Upload</button>
<a class="button" href="${paths.certificates}">Close</a>
</form>`,
  }
}

/** Rejects with what the person should read. */
export async function takeCertificate(node: LabNode, { fields, file }: UploadedForm): Promise<Notice> {
  const store = trustStores.find((name) => name === fields.get('purpose'))
  if (store === undefined) throw new Error('Choose a certificate purpose first.')
  if (file === undefined) throw new Error('Choose a file first.')
  const certificates =
    Buffer.from(file.bytes).toString('latin1').split('-----BEGIN CERTIFICATE-----').length - 1
  if (certificates > 1) {
    throw new Error(`The file holds ${certificates} certificates. Upload them one by one.`)
  }
  await node.upload(store, file.bytes)
  node.log('web', `Certificate Management: ${JSON.stringify(file.name)} uploaded to ${store}`)
  return { kind: 'success', text: `The certificate is uploaded to ${store}.${afterUpload(store)}` }
}

const afterUpload = (store: TrustStoreName): string =>
  store === 'Phone-SAST-trust'
    ? ' It reaches the other nodes by replication: look at each before you rely on it.'
    : ''

/** TAC 214231 and domain knowledge: what goes wrong for people, most of all. */
const warnings: Readonly<Record<Regenerable, string>> = {
  CallManager:
    'The CTL file that is served goes on naming the old certificate until utils ctl update CTLFile (or the token CTL is made anew). Never regenerate CallManager and TVS together: one, update, restart, phones confirmed, then the other.',
  TVS: 'Phones ask TVS whether to trust what is new. Never regenerate TVS and CallManager (or ITLRecovery) together: one, restart, phones confirmed, then the other.',
  CAPF: 'The CTL file goes on naming the old certificate until it is updated.',
  ITLRecovery:
    'From release 12.0 it signs CTL and ITL files. Never regenerate it together with TVS: one, update, restart, phones confirmed, then the other.',
}

export function confirmRegeneratePage(what: Regenerable): Page {
  return {
    title: `Regenerate ${what}`,
    content: html`<p class="error"><strong>Read this first.</strong> ${warnings[what]}</p>
<form method="post" action="${paths.regenerate}">
<input type="hidden" name="name" value="${what}">
<p>A new key and a new certificate take the place of those of ${what} on this node. There is no way back.</p>
<button>Regenerate</button>
<a class="button" href="${paths.certificates}">Cancel</a>
</form>`,
  }
}

const restarts: Readonly<Record<Regenerable, string>> = {
  CallManager: 'Cisco CallManager, Cisco CTIManager and Cisco Tftp',
  TVS: 'Cisco Trust Verification Service',
  CAPF: 'Cisco Tftp',
  ITLRecovery: 'Cisco Tftp',
}

export async function regenerate(lab: LabCluster, node: LabNode, what: Regenerable): Promise<Notice> {
  await lab.regenerate(what, node)
  node.log('web', `Certificate Management: ${what} regenerated`)
  return { kind: 'success', text: `${what} is regenerated. Restart ${restarts[what]} on this node.` }
}
