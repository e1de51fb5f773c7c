/** How long phones are without calls, or without a file that is right, as far as the steps tell it. */
import type { PlanGround } from './ground.js'
import { andList } from './list.js'
import type { Step } from './plan.js'

export function interruptionsOf(
  { callManagers, tftp, situation }: PlanGround,
  steps: readonly Step[],
): string[] {
  const resets = steps.filter(({ does }) => does.do === 'reset-phones' && does.which === 'all').length
  const restarted = steps.flatMap(({ does }) =>
    does.do === 'restart' && does.service === 'Cisco CallManager' ? [does.node] : [],
  )
  const isSaid = steps.some(({ does }) => does.do === 'confirm' && does.statement === 'SERVICES_RESTARTED')
  const nodes = isSaid ? callManagers : restarted
  const isServedAnew = steps.some(
    ({ does }) => does.do === 'publish' || (does.do === 'restart' && does.service === 'Cisco Tftp'),
  )
  return [
    ...(resets > 0
      ? [
          `Each phone restarts ${times(resets)}, and has no calls until it is registered again. The pilots do so first and alone.`,
        ]
      : []),
    ...(nodes.length === 1
      ? [`CallManager restarts on ${nodes[0]}, the only one: no phone has calls until it is back.`]
      : []),
    ...(nodes.length > 1
      ? [
          `CallManager restarts on ${andList(nodes)}, one after the other: phones of that node register with the next of their group, or have no calls until it is back.${isSaid ? '' : ' They begin when you say so, and then do not wait for phones: a node follows as soon as the services of the one before have started.'}`,
        ]
      : []),
    ...(nodes.length > 0
      ? ['While CTIManager restarts on a node, the applications that control phones by it lose them.']
      : []),
    ...(isServedAnew && tftp.length > 1
      ? [
          `${situation.kind === 'cucm' ? 'From the first restart of Cisco Tftp to the last' : 'While the file is being put there'}, ${andList(tftp)} serve different files: a phone that starts then takes what its first TFTP server has.`,
        ]
      : []),
  ]
}

const times = (count: number): string => ['', 'once', 'twice'][count] ?? `${count} times`
