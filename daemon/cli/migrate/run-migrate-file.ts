/** `ctl-bridge migrate file`: a file of a migration, for a person who puts it onto a node. */
import { resolve } from 'node:path'
import { BridgeError } from '../../bridge-error.js'
import { printable } from '../../ctl/text.js'
import type { MigrationAnswer } from '../answers.js'
import { openApi } from '../api-client.js'
import type { CommandContext } from '../command.js'
import { jsonText } from '../json-text.js'
import { refuseUnwritable, writeOutputFile } from '../write-output-file.js'
import { chooseMigration } from './choose-migration.js'
import { migrationPath } from './migration-path.js'

export async function run(context: CommandContext): Promise<number> {
  const { values, terminal } = context
  const out = resolve(values.out ?? '')
  await refuseUnwritable(out)
  const api = await openApi(context)
  const migration = await chooseMigration(api, values.migration, true)
  const name = fileName(context, migration)
  const path = `${migrationPath(migration.id)}/files/${encodeURIComponent(name)}`
  const bytes = await api.getFile(path, 'application/octet-stream')
  await writeOutputFile(out, bytes)
  if (terminal.json) terminal.print(jsonText({ file: out, name, size: bytes.length }, 2))
  else terminal.print(`${printable(out)}: ${bytes.length} bytes, ${printable(name)}.\n`)
  return 0
}

/** What a person is to upload in the current step, unless another one was named. */
function fileName(
  { operands, values, switches }: CommandContext,
  { steps, current, rollbackOf }: MigrationAnswer,
): string {
  const [named] = operands
  const isBefore = switches.has('before')
  if (isBefore !== (values.node !== undefined) || (isBefore && named !== undefined)) {
    const detail = '--before and --node go together, and NAME stands alone.'
    throw new BridgeError('USAGE', `ctl-bridge migrate file: ${detail}`)
  }
  if (isBefore) return `before/${values.node}/CTLFile.tlv`
  if (named !== undefined) return named
  const does = steps.find(({ id }) => id === current)?.does
  // A way back brings no file of its own: `new` would be the one that is taken back.
  if (rollbackOf !== undefined || does?.do === 'restore-files') return beforeOf(does)
  return does?.do === 'publish' && typeof does.artifact === 'string' ? does.artifact : 'new'
}

function beforeOf(does: MigrationAnswer['steps'][number]['does'] | undefined): string {
  const nodes: unknown = does?.do === 'restore-files' ? does.nodes : undefined
  if (Array.isArray(nodes) && nodes.length === 1) return `before/${nodes[0]}/CTLFile.tlv`
  throw new BridgeError(
    'USAGE',
    'ctl-bridge migrate file: each node gets back its own file. Say which: --before --node NAME.',
  )
}
