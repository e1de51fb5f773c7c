/**
 * Restarts, node by node. Cisco Tftp comes first of all, because a node serves a new file only afterwards and the pilots
 * need it, and then TVS where phones depend on its having read the file; CallManager, CTIManager and TVS of each node come
 * when the pilots have taken it (Security Guide; domain facts §6: CallManager, CTIManager, TVS, TFTP).
 */
import type { CucmService } from '../../cluster/ports.js'
import { type PlanGround, seen } from './ground.js'
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
      `On the command line of ${node}: utils service restart ${service}; or Cisco Unified Serviceability → Tools → Control Center.`,
    ],
    does: { do: 'restart', service, node },
    // Who started when, Control Center alone says.
    until: [...(controlCenter ? [{ is: 'service-started' as const, service, node }] : []), ...until],
    undo: nothing,
    ...(phones !== undefined && { phones }),
  }
}

const TVS = 'Cisco Trust Verification Service'

/** Nodes whose TVS has a CTL file of its own to look into. */
const tvsWithFile = ({ tvs, tftp }: PlanGround): string[] => tvs.filter((node) => tftp.includes(node))

/** Has TVS read the file that lies beside it now, before phones ask. Each node of the cluster has its turn alone. */
export function restartTvs(
  ground: PlanGround,
  until: (node: string) => readonly Condition[] = () => [],
): Draft[] {
  const nodes = tvsWithFile(ground)
  if (nodes.length === 0) return []
  if (!ground.situation.reach.controlCenter) return [tvsByHand(nodes)]
  const phones = 'a phone that starts meanwhile cannot ask this TVS'
  return nodes.map((node) => restart(ground, { service: TVS, node, until: until(node), phones }))
}

const tvsByHand = (nodes: readonly string[]): Draft => ({
  id: 'restart-tvs',
  actor: 'person',
  title: `Restart ${TVS} on ${andList(nodes)}`,
  instructions: [
    `On the command line of ${nodes.length === 1 ? nodes[0] : `each of ${andList(nodes)}, one after the other`}: utils service restart ${TVS}, or Cisco Unified Serviceability → Tools → Control Center.`,
    'It reads the new file at its start, and minutes later otherwise: phones that ask it before may be refused, and keep that answer for a day.',
    'ctl-bridge migrate say TVS_RESTARTED goes on: it is recorded as said, because nothing shows it here.',
  ],
  does: { do: 'confirm', statement: 'TVS_RESTARTED' },
  until: [{ is: 'said', statement: 'TVS_RESTARTED' }],
  undo: nothing,
})

export interface RestartWish {
  /** TVS has read the file already, where one lies beside it: it is restarted on the others alone. */
  readonly isTvsRestarted?: boolean
  /** What TVS must say again once it runs. */
  readonly afterTvs?: (node: string) => readonly Condition[]
}

export function restartServices(
  ground: PlanGround,
  { isTvsRestarted = false, afterTvs = () => [] }: RestartWish = {},
): Draft[] {
  const { situation, callManagers, tvs } = ground
  const restarted = isTvsRestarted ? tvsWithFile(ground) : []
  const plan = situation.nodes.flatMap(({ name: node }): Restart[] => [
    ...(callManagers.includes(node) ? callManagerRestarts(ground, node) : []),
    ...(tvs.includes(node) && !restarted.includes(node)
      ? [{ service: TVS, node, until: afterTvs(node) } as const]
      : []),
  ])
  if (plan.length === 0) return []
  if (!situation.reach.controlCenter) return [byHand(plan)]
  return [
    ...(callManagers.length === 0 ? [] : [mayRestart(callManagers)]),
    ...plan.map((one) => restart(ground, one)),
  ]
}

/** The last reading of a pilot must not be what drops calls. */
const mayRestart = (callManagers: readonly string[]): Draft => ({
  id: 'restarts-begin',
  actor: 'person',
  title: 'Say when CallManager may restart',
  instructions: [
    `ctl-bridge migrate say RESTARTS_MAY_BEGIN goes on: Cisco CallManager restarts on ${callManagers[0]} at once.`,
    ...(callManagers.length > 1
      ? [
          `${andList(callManagers.slice(1))} ${callManagers.length > 2 ? 'follow' : 'follows'} as soon as the services of the node before have started, without waiting for its phones to be back.`,
        ]
      : []),
    'Until then nothing restarts, and the pilots can be looked at for as long as you like.',
  ],
  does: { do: 'confirm', statement: 'RESTARTS_MAY_BEGIN' },
  until: [{ is: 'said', statement: 'RESTARTS_MAY_BEGIN' }],
  undo: nothing,
})

/** As Control Center names it; on its way from one to the other it comes back by itself. */
export const runs = (status: string): boolean => ['Started', 'Starting', 'Stopping'].includes(status)

/** CTIManager is not activated everywhere that CallManager is, and then no restart of it is taken. */
export function withoutCti({ situation, callManagers }: PlanGround): string[] {
  const states = situation.nodes.map(
    ({ name, services }) => [name, seen(services?.['Cisco CTIManager'])] as const,
  )
  return states.flatMap(([name, status]) =>
    callManagers.includes(name) && status !== undefined && !runs(status) ? [name] : [],
  )
}

function callManagerRestarts(ground: PlanGround, node: string): Restart[] {
  const { callManagers } = ground
  const phones =
    callManagers.length === 1
      ? 'no calls until it is back: there is no other CallManager'
      : `phones of ${node} register with another CallManager, or have no calls until it is back`
  return [
    { service: 'Cisco CallManager', node, phones },
    ...(withoutCti(ground).includes(node) ? [] : [{ service: 'Cisco CTIManager', node } as const]),
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
        return `On the command line of ${node}: ${services.map((service) => `utils service restart ${service}`).join(', then ')}.`
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
