/** The servers of a CTL that is made from nothing: as the ITL of each node shows them, and as a person adds them. */
import { parseIpAddress } from '../../ctl/record-fields.js'
import { type ItlEntry, itlEntries, type PlanGround } from './ground.js'
import type { CtlEdit } from './plan.js'

const CCM = 1
const CCM_TFTP = 2
const CAPF = 4

type Add = Extract<CtlEdit, { edit: 'add' }>

export interface ServerEdits {
  readonly edits: readonly CtlEdit[]
  /** Nodes whose certificate or address is not known. */
  readonly missing: readonly string[]
}

/** `wished`: records that a person adds; a node that one of them stands for, by its address, needs no other. */
export function serverEdits(ground: PlanGround, wished: readonly CtlEdit[]): ServerEdits {
  const { situation, callManagers, tftp } = ground
  const entries = itlEntries(ground)
  const rows = situation.nodes
    .filter(({ name }) => callManagers.includes(name) || tftp.includes(name))
    .map(({ name, address }) => {
      const own = entries.find((entry) => entry.node === name && isServer(entry))
      const place = placeOf(address, own)
      const isWished = wished.some(
        (edit) => edit.edit === 'add' && (edit.address === address || edit.address === place),
      )
      return { name, isWished, add: own && place && server(own, place, callManagers.includes(name)) }
    })
  return {
    edits: [
      ...rows.flatMap(({ isWished, add }) => (isWished || !add ? [] : [add])),
      ...capf(ground, entries),
      ...wished,
    ],
    missing: rows.flatMap(({ name, isWished, add }) => (isWished || add ? [] : [name])),
  }
}

const isServer = ({ role }: ItlEntry): boolean => role === CCM_TFTP || role === CCM || role === 3

/** A node that serves files and has an ITL runs TFTP; whether CallManager runs as well, the settings say. */
const server = ({ role, sha256 }: ItlEntry, address: string, isCallManager: boolean): Add => ({
  edit: 'add',
  function: isCallManager ? CCM_TFTP : role,
  certificate: sha256,
  // The CTL Client writes the address as text, too (domain facts §2).
  address,
  dnsName: address,
})

/** IPADDRESS has 4 bytes, so a host name in the settings does not do. */
function placeOf(address: string, entry: ItlEntry | undefined): string | undefined {
  return parseIpAddress(address) === undefined ? entry?.ipAddress : address
}

function capf({ situation, publisher }: PlanGround, entries: readonly ItlEntry[]): Add[] {
  const found = entries.find(({ role }) => role === CAPF)
  const node = situation.nodes.find(({ name }) => name === publisher)
  const address = node && placeOf(node.address, found)
  if (found === undefined || address === undefined) return []
  return [{ edit: 'add', function: CAPF, certificate: found.sha256, address, dnsName: address }]
}
