/** `ctl-bridge clusters files NAME [ID]`: what was published, and the way back to what was there before. */
import { resolve } from 'node:path'
import { BridgeError } from '../../bridge-error.js'
import { printable } from '../../ctl/text.js'
import type { PublishedFileListAnswer } from '../answers.js'
import { openApi } from '../api-client.js'
import type { CommandContext } from '../command.js'
import { jsonText } from '../json-text.js'
import { refuseUnwritable, writeOutputFile } from '../write-output-file.js'
import { clusterPath } from './cluster-path.js'
import { alignColumns } from './node-table.js'

export async function run(context: CommandContext): Promise<number> {
  const { operands, values, switches, terminal } = context
  const [name = '', id] = operands
  if ((id === undefined) !== (values.out === undefined)) {
    throw new BridgeError('USAGE', 'ctl-bridge clusters files: ID and --out go together.')
  }
  const api = await openApi(context)
  if (id === undefined || values.out === undefined) {
    const list = await api.getJson<PublishedFileListAnswer>(`${clusterPath(name)}/files`)
    terminal.print(terminal.json ? jsonText(list, 2) : publishedFilesText(list))
    return 0
  }
  const out = resolve(values.out)
  await refuseUnwritable(out)
  const which = switches.has('published') ? 'published' : 'before'
  const path = `${clusterPath(name)}/files/${encodeURIComponent(id)}?which=${which}`
  const bytes = await api.getFile(path, 'application/octet-stream')
  await writeOutputFile(out, bytes)
  if (terminal.json) terminal.print(jsonText({ file: out, size: bytes.length }, 2))
  else
    terminal.print(`${printable(out)}: ${bytes.length} bytes, ${whichTexts[which]} entry ${printable(id)}.\n`)
  return 0
}

const whichTexts = { published: 'published with', before: 'as it was before' } as const

export function publishedFilesText({ files }: PublishedFileListAnswer): string {
  if (files.length === 0) return 'Nothing was published to this cluster by this daemon.\n'
  const short = (sha256: string | null | undefined): string =>
    sha256 === undefined ? 'not seen' : sha256 === null ? 'no file' : sha256.slice(0, 12)
  const rows = files.map(({ id, at, node, file, before, sha256, outcome, principal }) => [
    String(id),
    at.slice(0, 16).replace('T', ' '),
    node,
    file,
    short(before.target === undefined ? before.served : before.target),
    short(sha256),
    outcome ?? 'not known',
    principal.name,
  ])
  const head = ['id', 'when (UTC)', 'node', 'file', 'before', 'published', 'outcome', 'by']
  return `${alignColumns([head, ...rows])
    .map(printable)
    .join('\n')}\n`
}
