/** A CTL that is left over in a non-secure cluster. Only when the cluster is not in mixed mode; the bytes are kept first. */

import { onCommandLine } from '../command-steps.js'
import type { PlanGround } from '../ground.js'
import { andList } from '../list.js'
import type { Condition, Plan } from '../plan.js'
import { restartTftp } from '../restarts.js'
import { type Draft, hardStop, keepFiles, numbered } from '../steps.js'
import { usual } from '../usual.js'

/** The one documented for a file that is left over, outside of mixed mode; `file delete tftp` is for one in use (domain facts §5). */
const COMMAND = 'file delete activelog cm/tftpdata/CTLFile.tlv'
const notMixed: Condition = { is: 'mode', mode: 'non-secure' }
const gone = (nodes: readonly string[]): Condition => ({ is: 'serves-no-ctl', nodes })

/** The settings have the command line of the publisher alone, and the command works on its own node. */
export function staleFile(ground: PlanGround): Plan {
  const { tftp, publisher, situation } = ground
  const own = situation.reach.cli ? tftp.filter((node) => node === publisher) : []
  const others = tftp.filter((node) => !own.includes(node))
  const steps = numbered([
    keepFiles(ground),
    hardStop([notMixed]),
    ...(own.length > 0 ? byDaemon(ground, own) : []),
    ...(others.length > 0 ? [byHand(others)] : []),
  ])
  return usual(ground, 'stale-file', 'Clean-up of a stale CTL file', steps, {
    assumptions: ['Phones that hold the file keep it: deleting it on the nodes does not take it from them.'],
  })
}

const byDaemon = (ground: PlanGround, nodes: readonly string[]): Draft[] => [
  onCommandLine(ground, {
    id: 'delete-stale-ctl',
    does: { do: 'delete-stale-ctl', nodes },
    command: COMMAND,
    needs: [notMixed],
    until: [],
    undo: { by: 'restoring-files' },
  }),
  ...restartTftp(ground, nodes, (node) => [gone([node])]),
]

const byHand = (nodes: readonly string[]): Draft => ({
  id: 'delete-stale-ctl-by-hand',
  actor: 'person',
  title: `Delete the file on ${andList(nodes)}, then restart Cisco Tftp there`,
  instructions: [
    `On the command line of ${nodes.length === 1 ? nodes[0] : `each of ${andList(nodes)}`}: ${COMMAND}, and answer y.`,
    `Then restart Cisco Tftp on ${andList(nodes)}: utils service restart Cisco Tftp.`,
  ],
  does: { do: 'delete-stale-ctl', nodes },
  needs: [notMixed],
  until: [gone(nodes)],
  undo: { by: 'restoring-files' },
})
