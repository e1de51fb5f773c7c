/**
 * SEP<MAC>.cnf.xml as far as the lab's phones read it, written and read. The shape is that of CUCM's file: devicePool,
 * callManagerGroup, members by priority, a TVS list, deviceSecurityMode. The lab's own are the ports, which CUCM has
 * fixed (securedSipPort 5061, TVS 2445), and that deviceSecurityMode follows the mode of the cluster, as if every phone
 * had a secure profile.
 */
import { XMLParser } from 'fast-xml-parser'
import type { TlsAddress } from './tls-wire.js'

export interface PhoneConfiguration {
  readonly tvs: readonly TlsAddress[]
  readonly callManagers: readonly TlsAddress[]
  /** deviceSecurityMode 2 (authenticated) or 3 (encrypted); 1 is non-secure. */
  readonly isSecure: boolean
}

export function writePhoneConfiguration(configuration: PhoneConfiguration): string {
  const { tvs, callManagers, isSecure } = configuration
  return `<?xml version="1.0" encoding="UTF-8"?>
<device>
 <devicePool>
  <callManagerGroup>
   <members>
${callManagers.map(callManagerMember).join('')}   </members>
  </callManagerGroup>
 </devicePool>
 <deviceSecurityMode>${isSecure ? 3 : 1}</deviceSecurityMode>
 <TVS>
  <members>
${tvs.map(tvsMember).join('')}  </members>
 </TVS>
</device>
`
}

const callManagerMember = ({ host, port }: TlsAddress, priority: number): string =>
  `    <member priority="${priority}"><callManager><ports><securedSipPort>${port}</securedSipPort></ports>` +
  `<processNodeName>${host}</processNodeName></callManager></member>\n`

const tvsMember = ({ host, port }: TlsAddress, priority: number): string =>
  `   <member priority="${priority}"><port>${port}</port><address>${host}</address></member>\n`

const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: '@',
  parseTagValue: false,
  processEntities: false,
  isArray: (name) => name === 'member',
})

/** undefined: no such file. */
export function readPhoneConfiguration(bytes: Uint8Array): PhoneConfiguration | undefined {
  let root: unknown
  try {
    root = parser.parse(Buffer.from(bytes).toString('utf8'), true)
  } catch {
    return undefined
  }
  const device = child(root, 'device')
  if (device === undefined) return undefined
  return {
    callManagers: members(child(device, 'devicePool', 'callManagerGroup', 'members', 'member')).flatMap(
      (member) =>
        address(
          child(member, 'callManager', 'processNodeName'),
          child(member, 'callManager', 'ports', 'securedSipPort'),
        ),
    ),
    tvs: members(child(device, 'TVS', 'members', 'member')).flatMap((member) =>
      address(child(member, 'address'), child(member, 'port')),
    ),
    isSecure: Number(child(device, 'deviceSecurityMode')) >= 2,
  }
}

function child(node: unknown, ...names: readonly string[]): unknown {
  return names.reduce<unknown>(
    (found, name) =>
      typeof found === 'object' && found !== null ? (found as Record<string, unknown>)[name] : undefined,
    node,
  )
}

/** By their priority, as phones try them. */
function members(nodes: unknown): unknown[] {
  const list = Array.isArray(nodes) ? nodes : []
  return list.toSorted((one, other) => Number(child(one, '@priority')) - Number(child(other, '@priority')))
}

function address(host: unknown, port: unknown): TlsAddress[] {
  const number = Number(port)
  const isPort = Number.isInteger(number) && number > 0 && number < 65_536
  return typeof host === 'string' && host !== '' && isPort ? [{ host, port: number }] : []
}
