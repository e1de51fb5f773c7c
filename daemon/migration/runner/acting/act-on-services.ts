/** Services, and the commands of CUCM’s command line that change something. */
import { BridgeError } from '../../../bridge-error.js'
import type { OpenedCluster } from '../../../cluster/opened-cluster.js'
import type { CliOutcome, CucmCli } from '../../../cluster/ports.js'
import type { AuditLog } from '../../../store/audit-log.js'
import { auditedUse } from '../../../store/audited.js'
import type { Action } from '../../plan/plan.js'
import type { ActContext, ActionOutcome } from '../hands.js'
import { auditedAction } from './audited-action.js'

type Of<Do extends Action['do']> = Extract<Action, { do: Do }>

export async function restart(
  { settings, controlCenter, cli }: OpenedCluster,
  audit: AuditLog,
  { service, node: name }: Of<'restart'>,
  { caller }: ActContext,
): Promise<ActionOutcome> {
  const node = settings.nodes.find((known) => known.name === name)
  const center = node && controlCenter(node)
  const shell = node?.runs.includes('publisher') === true ? cli : undefined
  if (center === undefined && shell === undefined) {
    const detail = `Nobody can restart ${service} on ${name}: the settings have no axl, and cli is the publisher’s alone.`
    throw new BridgeError('CLUSTER_NOT_CONFIGURED', detail, { cluster: settings.name, node: name })
  }
  const use = auditedUse(caller, 'cluster.restart', { cluster: settings.name, node: name, service })
  return await auditedAction(audit, use, async () => {
    if (center === undefined)
      return shell === undefined ? { lines: [] } : linesOf(await shell.restartService(service))
    await center.restart(service)
    return { lines: [`${name}: ${service} was restarted.`] }
  })
}

const linesOf = ({ lines, note }: CliOutcome): ActionOutcome => ({
  lines: note === undefined ? lines : [...lines, note],
})

interface Typed {
  readonly command: string
  readonly type: (cli: CucmCli) => Promise<ActionOutcome>
}

type CommandAction = Of<'set-mode' | 'update-ctl-file' | 'reset-local-key' | 'delete-stale-ctl'>

function typedFor(action: CommandAction): Typed {
  switch (action.do) {
    case 'set-mode':
      return {
        command: `utils ctl set-cluster ${action.mode === 'mixed' ? 'mixed-mode' : 'non-secure-mode'}`,
        type: async (cli) => linesOf(await cli.setSecurityMode(action.mode)),
      }
    case 'update-ctl-file':
      return { command: 'utils ctl update CTLFile', type: async (cli) => linesOf(await cli.updateCtlFile()) }
    case 'reset-local-key':
      return { command: 'utils ctl reset localkey', type: async (cli) => linesOf(await cli.resetLocalKey()) }
    case 'delete-stale-ctl':
      return {
        command: 'file delete activelog cm/tftpdata/CTLFile.tlv',
        type: async (cli) => ({ lines: [`${await cli.deleteStaleCtl()} deleted on the publisher.`] }),
      }
  }
}

/** On the publisher, whose command line is the only one in the settings. */
export async function typeCommand(
  { settings, cli }: OpenedCluster,
  audit: AuditLog,
  action: CommandAction,
  { caller }: ActContext,
): Promise<ActionOutcome> {
  const { command, type } = typedFor(action)
  if (cli === undefined) {
    const detail = `The settings have no cli, so ${command} cannot be typed from here.`
    throw new BridgeError('CLUSTER_NOT_CONFIGURED', detail, { cluster: settings.name, setting: 'cli' })
  }
  const use = auditedUse(caller, 'cluster.command', { cluster: settings.name, command })
  return await auditedAction(audit, use, () => type(cli))
}
