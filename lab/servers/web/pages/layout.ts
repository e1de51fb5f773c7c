/** The frame of every page: what this is, where one stands, the menus in CUCM's words. */
import type { LabCluster, LabNode } from '../../../model/lab-cluster.js'
import { Html, html } from '../html.js'

export interface Notice {
  readonly kind: 'success' | 'error'
  readonly text: string
}

export interface Page {
  readonly title: string
  readonly content: Html
  readonly notice?: Notice | undefined
  /** Without menus: nobody is logged in. */
  readonly isOutside?: boolean
}

export const paths = {
  home: '/cmplatform/',
  style: '/cmplatform/style.css',
  login: '/cmplatform/login',
  logout: '/cmplatform/logout',
  certificates: '/cmplatform/certificates',
  certificate: '/cmplatform/certificates/view',
  certificatePem: '/cmplatform/certificates/download',
  uploadCertificate: '/cmplatform/certificates/upload',
  regenerate: '/cmplatform/certificates/regenerate',
  tftp: '/cmplatform/tftp',
  uploadFile: '/cmplatform/tftp/upload',
  deleteFiles: '/cmplatform/tftp/delete',
  services: '/cmplatform/services',
} as const

export function layout(lab: LabCluster, node: LabNode, page: Page): string {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${page.title} – ${node.name} (rehearsal lab)</title>
<link rel="stylesheet" href="${paths.style}">
</head>
<body>
<p class="lab"><strong>Rehearsal lab of ctl-bridge.</strong> This is not a Cisco page and no real cluster: it is there
to practise the clicks. The menus have the names that they have in Cisco Unified OS Administration; Tools stands in Cisco Unified Serviceability there.</p>
<header>
<h1>OS Administration</h1>
<p>Node <strong>${node.name}</strong> (${node.role}, ${node.address}), release ${lab.version}</p>
${page.isOutside === true ? new Html('') : menus()}
</header>
<main>
<h2>${page.title}</h2>
${noticeOf(page.notice)}
${page.content}
</main>
${page.isOutside === true ? new Html('') : otherNodes(lab, node)}
</body>
</html>
`.text
}

function menus(): Html {
  return html`<nav aria-label="Menus">
<ul>
<li><a href="${paths.home}">Home</a></li>
<li>Security
<ul><li><a href="${paths.certificates}">Certificate Management</a></li></ul></li>
<li>Software Upgrades
<ul><li><a href="${paths.tftp}">TFTP File Management</a></li></ul></li>
<li>Tools
<ul><li><a href="${paths.services}">Control Center</a></li></ul></li>
</ul>
<form method="post" action="${paths.logout}"><button>Logout</button></form>
</nav>`
}

function noticeOf(notice: Notice | undefined): Html {
  if (notice === undefined) return new Html('')
  const word = notice.kind === 'success' ? 'Success' : 'Error'
  return html`<p class="${notice.kind}" role="status"><strong>${word}:</strong> ${notice.text}</p>`
}

/** Files and certificates are a node's own: a person has to go to each. */
function otherNodes(lab: LabCluster, node: LabNode): Html {
  const others = lab.nodes.filter((other) => other !== node && other.ports.web !== 0)
  if (others.length === 0) return new Html('')
  return html`<footer><p>The same pages of the other nodes:</p>
<ul>
${others.map(
  ({ name, role, address, ports }) =>
    html`<li><a href="https://${address}:${ports.web}${paths.home}">${name}</a> (${role})</li>`,
)}
</ul></footer>`
}

export const styleSheet = `
body { margin: 0 auto; max-width: 62rem; padding: 0 1rem 2rem; font: 1rem/1.5 system-ui, sans-serif; color: #1b1b1b; background: #fff }
.lab { margin: 0 -1rem; padding: .5rem 1rem; background: #fff3cd; border-bottom: 1px solid #c9a227 }
header { border-bottom: 1px solid #bbb }
h1 { margin: 1rem 0 0; font-size: 1.4rem }
header p { margin: 0 0 .5rem }
nav { display: flex; flex-wrap: wrap; justify-content: space-between; align-items: start }
nav > ul { display: flex; flex-wrap: wrap; gap: .5rem 2rem; margin: 0 0 .5rem; padding: 0; list-style: none }
nav ul ul { margin: 0; padding: 0; list-style: none }
table { border-collapse: collapse; margin: 1rem 0 }
td form button { margin: 0 }
th, td { padding: .3rem .8rem .3rem 0; border-bottom: 1px solid #ddd; text-align: left; vertical-align: top }
td { overflow-wrap: break-word }
th + td { overflow-wrap: anywhere }
label { display: block; margin: .8rem 0 .2rem; font-weight: 600 }
.check { display: inline; font-weight: normal }
input[type=text], input[type=password], select { min-width: 20rem; padding: .3rem; font: inherit }
button, .button { display: inline-block; white-space: nowrap; margin: .8rem .5rem .8rem 0; padding: .35rem .9rem; border: 1px solid #555; border-radius: 3px; background: #eee; color: inherit; font: inherit; text-decoration: none; cursor: pointer }
.success, .error { padding: .5rem .8rem; border-left: 4px solid }
.success { border-color: #1a7f37; background: #e6f4ea }
.error { border-color: #b3261e; background: #fce8e6 }
.hint { color: #555 }
pre { overflow-x: auto }
footer { margin-top: 2rem; border-top: 1px solid #bbb }
`
