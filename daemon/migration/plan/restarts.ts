/**
 * Restarts, node by node. Cisco Tftp comes first of all, because a node serves a new file only afterwards and the pilots
 * need it; CallManager, CTIManager and TVS of each node come when the pilots have taken the file (Security Guide; domain
 * facts §6: CallManager, CTIManager, TVS, TFTP).
 */
import type { CucmService } from '../../cluster/ports.js'
import type { PlanGround } from './ground.js'
import { andList } from './list.js'
import type { Condition } from './plan.js'
import type { Draft } from './steps.js'

const nothing = { by: 'nothing' } as const

/** `until`: what is seen of the node once it serves. */
export const restartTftp = (
  ground: PlanGround,
  nodes: readonly string[],
  until: (node: string) => readonly Condition[],
): Draft[] => nodes.map((node) => restart(ground, { service: 'Cisco Tftp', node, until: until(node) }))

interface Restart {
  readonly service: CucmService
  readonly node: string
  readonly until?: readonly Condition[]
  readonly phones?: string
}

function restart({ situation }: PlanGround, { service, node, until = [], phones }: Restart): Draft {
  const { controlCenter, cli } = situation.reach
  const isPublisher = situation.nodes.some(({ name, runs }) => name === node && runs.includes('publisher'))
  return {
    id: `restart-${service.toLowerCase().replaceAll(' ', '-').replace('cisco-', '')}-${node}`,
    actor: controlCenter || (cli && isPublisher) ? 'daemon' : 'person',
    title: `Restart ${service} on ${node}`,
    instructions: [
      `On ${node}: utils service restart ${service}, or Cisco Unified Serviceability → Tools → Control Center.`,
    ],
    does: { do: 'restart', service, node },
    // Who started when, Control Center alone says.
    until: [...(controlCenter ? [{ is: 'service-started' as const, service, node }] : []), ...until],
    undo: nothing,
    ...(phones !== undefined && { phones }),
  }
}

const TVS = 'Cisco Trust Verification Service'

/** `afterTvs`: what TVS must say again once it runs. */
export function restartServices(
  ground: PlanGround,
  afterTvs: (node: string) => readonly Condition[] = () => [],
): Draft[] {
  const { situation, callManagers, tvs } = ground
  const plan = situation.nodes.flatMap(({ name: node }): Restart[] => [
    ...(callManagers.includes(node) ? callManagerRestarts(node, callManagers) : []),
    ...(tvs.includes(node) ? [{ service: TVS, node, until: afterTvs(node) } as const] : []),
  ])
  if (plan.length === 0) return []
  return situation.reach.controlCenter ? plan.map((one) => restart(ground, one)) : [byHand(plan)]
}

function callManagerRestarts(node: string, callManagers: readonly string[]): Restart[] {
  const phones =
    callManagers.length === 1
      ? 'no calls until it is back: there is no other CallManager'
      : `phones of ${node} register with another CallManager, or have no calls until it is back`
  return [
    { service: 'Cisco CallManager', node, phones },
    { service: 'Cisco CTIManager', node },
  ]
}

/** Without Control Center nobody sees that a service was restarted: it is asked, and recorded as said. */
function byHand(plan: readonly Restart[]): Draft {
  const nodes = [...new Set(plan.map(({ node }) => node))]
  return {
    id: 'restart-services',
    actor: 'person',
    title: `Restart the services of ${andList(nodes)}, one node after the other`,
    instructions: [
      ...nodes.map((node) => {
        const services = plan.filter((one) => one.node === node).map(({ service }) => service)
        return `On ${node}: ${services.map((service) => `utils service restart ${service}`).join(', then ')}.`
      }),
      'A service that is not activated on a node is left out there. Wait until the phones of a node are back before you go on to the next.',
      'ctl-bridge migrate say SERVICES_RESTARTED goes on: it is recorded as said, because nothing shows it here.',
    ],
    does: { do: 'confirm', statement: 'SERVICES_RESTARTED' },
    until: [{ is: 'said', statement: 'SERVICES_RESTARTED' }],
    undo: nothing,
    phones: 'phones of a node register elsewhere, or have no calls until it is back',
  }
}
