/** Steps that have the publisher build a file, or set the mode, by its command line. */
import type { SecurityMode } from '../../cluster/ports.js'
import type { PlanGround } from './ground.js'
import { andList } from './list.js'
import type { Action, Condition } from './plan.js'
import { restartTftp } from './restarts.js'
import type { Draft } from './steps.js'

const nothing = { by: 'nothing' } as const

export type ServerSigner = 'call-manager' | 'itl-recovery'

/** Has what `utils ctl` built served, and keeps it under the name that the steps of the phones use. */
export function serveBuilt(
  ground: PlanGround,
  holder: ServerSigner,
  artifact: 'new' | 'bridge' = 'new',
): Draft[] {
  const { tftp } = ground
  const signedBy = (nodes: readonly string[]): Condition => ({ is: 'signed-by', holder, nodes })
  return [
    ...restartTftp(ground, tftp, (node) => [signedBy(node === tftp.at(-1) ? tftp : [node])]),
    {
      id: `keep-${artifact}`,
      actor: 'daemon',
      title: 'Keep the file that the cluster built',
      does: { do: 'keep-served', artifact, nodes: tftp },
      until: [{ is: 'serves', what: artifact, nodes: tftp }],
      undo: nothing,
    },
  ]
}

export interface CommandStep {
  readonly id: string
  readonly does: Action
  /** As it is typed. */
  readonly command: string
  readonly needs?: readonly Condition[]
  readonly until: readonly Condition[]
  readonly undo: Draft['undo']
}

/** Without the command line in the settings it is typed by a person. */
export function onCommandLine({ situation }: PlanGround, { command, ...step }: CommandStep): Draft {
  return {
    actor: situation.reach.cli ? 'daemon' : 'person',
    title: `Run ${command} on the publisher`,
    instructions: [`On the publisher’s command line: ${command}, and answer y.`],
    ...step,
  }
}

export const setMode = (ground: PlanGround, mode: SecurityMode): Draft =>
  onCommandLine(ground, {
    id: `mode-${mode}`,
    does: { do: 'set-mode', mode },
    command: `utils ctl set-cluster ${mode === 'mixed' ? 'mixed-mode' : 'non-secure-mode'}`,
    until: [{ is: 'mode', mode }],
    undo: { by: 'mode', mode: 'before' },
  })

/** CUCM asks for restarts as it has set the mode; here a file of ours goes over what it built before there is any. */
export function setModeBeforeFile(ground: PlanGround, mode: SecurityMode): Draft {
  const step = setMode(ground, mode)
  return {
    ...step,
    instructions: [
      ...(step.instructions ?? []),
      'Restart nothing now, although the command asks for it: what it built must not be served. Another file goes over it first.',
    ],
  }
}

/**
 * From here on a node that serves what `utils ctl` built stops the migration: phones that start then take that file,
 * and those that cannot ask TVS keep it.
 */
export const builtNotServed = ({ tftp }: PlanGround): Draft => ({
  id: 'built-not-served',
  actor: 'daemon',
  title: 'See that no node serves the file that utils ctl built',
  instructions: [
    'A node that serves it had Cisco Tftp restarted too early; phones that started since then may hold that file.',
    'Go back (ctl-bridge migrate rollback). Or put back what the node served before (ctl-bridge migrate file --before --node NAME; where it had none: file delete tftp CTLFile.tlv), restart Cisco Tftp there, and resume: devices without Security By Default that took the file are then left behind.',
  ],
  does: { do: 'wait' },
  needs: [{ is: 'serves-kept', nodes: tftp }],
  until: [{ is: 'serves-kept', nodes: tftp }],
  undo: nothing,
})

/** How the way back goes past a file that the publisher built. */
type BuiltUndo = Draft['undo']

/** `utils ctl update CTLFile`, and what it built served and kept. */
export const updateCtlFile = (ground: PlanGround, holder: ServerSigner, undo: BuiltUndo): Draft[] =>
  builtAndServed(ground, holder, 'new', {
    id: 'update-ctl-file',
    does: { do: 'update-ctl-file' },
    command: 'utils ctl update CTLFile',
    undo,
  })

/** `utils ctl reset localkey`: CallManager, the secondary SAST from 12.0 on, signs. */
export const resetLocalKey = (ground: PlanGround, undo: BuiltUndo): Draft[] =>
  builtAndServed(ground, 'call-manager', 'bridge', {
    id: 'reset-local-key',
    does: { do: 'reset-local-key' },
    command: 'utils ctl reset localkey',
    undo,
  })

/** What was built shows on the command line alone; without one it shows when the nodes serve it. */
function builtAndServed(
  ground: PlanGround,
  holder: ServerSigner,
  artifact: 'new' | 'bridge',
  step: Omit<CommandStep, 'until'>,
): Draft[] {
  const { tftp, situation } = ground
  const served = serveBuilt(ground, holder, artifact)
  if (situation.reach.cli) {
    return [onCommandLine(ground, { ...step, until: [{ is: 'built' }] }), ...served]
  }
  const typed = onCommandLine(ground, { ...step, until: [{ is: 'signed-by', holder, nodes: tftp }] })
  return [
    {
      ...typed,
      title: `${typed.title}, then restart Cisco Tftp on ${andList(tftp)}`,
      instructions: [
        ...(typed.instructions ?? []),
        `Then restart Cisco Tftp on ${andList(tftp)}, one after the other: utils service restart Cisco Tftp on the command line of each, or Cisco Unified Serviceability.`,
      ],
    },
    ...served.slice(-1),
  ]
}
