/** What changes in a token CTL: servers, certificates, alternate TFTP, a firewall, tokens. A token of the file signs each. */
import { makeCertificate, rsaKey } from '../../trust/make-certificate.js'
import { pemSha256, sha256 } from './files-after.js'
import type { PlanRow } from './plan-rows.js'
import type { Rehearsal } from './rehearsal.js'

type Edits = Awaited<ReturnType<PlanRow['wishes']>>['edits']

const CCM = 1
const CCM_TFTP = 2
const TFTP = 3

/** A server that is no node of the lab. */
function addServer(name: string, role: number, address: string): Edits {
  const der = makeCertificate({ subject: [['CN', name]], key: rsaKey(2048, name), serial: '0a0b0c0d' })
  return [{ edit: 'add', function: role, certificate: sha256(der), der, address, dnsName: name }]
}

const subscriber = ({ running: { lab } }: Rehearsal) => {
  const [, node] = lab.nodes
  if (node === undefined) throw new Error('the lab has one node')
  return node
}
const ofSubscriber = (rehearsal: Rehearsal) => sha256(subscriber(rehearsal).callManager().certificate)

/** As an administrator who comes too late: the server shows the new certificate already. */
async function regenerated(rehearsal: Rehearsal): Promise<Edits> {
  const node = subscriber(rehearsal)
  const certificate = ofSubscriber(rehearsal)
  await rehearsal.running.lab.regenerate('CallManager', node)
  await node.restart('Cisco Tftp')
  const der = node.callManager().certificate
  return [{ edit: 'replace', certificate, by: sha256(der), der }]
}

const spareOf = ({ spare }: Rehearsal) => {
  if (spare === undefined) throw new Error('no spare token was made')
  return spare
}

interface Change {
  readonly note: string
  readonly edits: (rehearsal: Rehearsal) => Edits | Promise<Edits>
  /** The token that the lab did not begin with comes into the file. */
  readonly addsSpare?: true
}

const changes: readonly Change[] = [
  { note: 'a server is added', edits: () => addServer('lab-sub9', CCM_TFTP, '10.1.2.9') },
  {
    note: 'a server is removed',
    edits: (rehearsal) => [{ edit: 'remove', certificate: ofSubscriber(rehearsal) }],
  },
  {
    note: 'a server is renamed',
    edits: (rehearsal) => [
      {
        edit: 'address',
        certificate: ofSubscriber(rehearsal),
        address: subscriber(rehearsal).address,
        dnsName: 'lab-renamed.example.com',
      },
    ],
  },
  { note: 'the certificate of a server was regenerated', edits: regenerated },
  { note: 'an alternate TFTP server is added', edits: () => addServer('lab-tftp9', TFTP, '10.1.2.10') },
  { note: 'a firewall is added', edits: () => addServer('lab-asa', CCM, '10.1.2.11') },
  { note: 'a token is added', edits: () => [], addsSpare: true },
  {
    note: 'a lost token is taken out',
    edits: (rehearsal) => [{ edit: 'remove', certificate: pemSha256(rehearsal, 0) }],
  },
  {
    note: 'a lost token is replaced by another',
    edits: (rehearsal) => [
      { edit: 'replace', certificate: pemSha256(rehearsal, 0), by: spareOf(rehearsal).sha256 },
    ],
    addsSpare: true,
  },
]

export const updateRows: readonly PlanRow[] = changes.flatMap(({ note, edits, addsSpare }) =>
  // From 11.5 on servers stand beside the tokens as SAST, so that what becomes of those counts as well.
  (['10.5.2', '11.5'] as const).map((release) => ({
    plan: 'update-token-ctl',
    release,
    state: 'tokens',
    note,
    ...(addsSpare && { hasSpare: true }),
    wishes: async (rehearsal) => ({
      tokens: addsSpare ? [spareOf(rehearsal).serial] : [],
      signer: rehearsal.tokens.at(-1) ?? '',
      edits: await edits(rehearsal),
    }),
    ends: { mode: 'mixed', signer: 'token', leftBehind: 'none' },
  })),
)
