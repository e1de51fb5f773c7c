/**
 * The configuration that a phone fetches. Element names are those of CUCM's files, and only what the lab's phones read
 * is in it. The lab's own: `labModel`, and that ports differ from node to node.
 */
import type { LabDevice, LabNode } from './lab-cluster.js'

export function deviceConfiguration(device: LabDevice, nodes: readonly LabNode[], mode: 0 | 1): string {
  const members = (write: (node: LabNode) => string) =>
    nodes.map((node, index) => `<member priority="${index}">${write(node)}</member>`).join('')
  const callManagers = members(
    ({ name, address, ports }) =>
      `<callManager><name>${name}</name><ports><securedSipPort>${ports.callManager}</securedSipPort></ports><processNodeName>${address}</processNodeName></callManager>`,
  )
  const tvs = members(({ address, ports }) => `<port>${ports.tvs}</port><address>${address}</address>`)
  // 1 non-secure, 3 encrypted.
  const security = mode === 1 ? 3 : 1
  return `<?xml version="1.0" encoding="UTF-8"?>
<device>
<fullConfig>true</fullConfig>
<deviceProtocol>SIP</deviceProtocol>
<devicePool><callManagerGroup><members>${callManagers}</members></callManagerGroup></devicePool>
<TVS><members>${tvs}</members></TVS>
<deviceSecurityMode>${security}</deviceSecurityMode>
<labModel>${device.model}</labModel>
</device>
`
}
