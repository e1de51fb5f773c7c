/** `ctl-bridge migrate report [ID]`: what was done, by whom and when, and what phones took. */
import { resolve } from 'node:path'
import { printable } from '../../ctl/text.js'
import { reportText } from '../../migration/report/report-text.js'
import type { MigrationReportAnswer } from '../answers.js'
import { openApi } from '../api-client.js'
import type { CommandContext } from '../command.js'
import { jsonText } from '../json-text.js'
import { refuseUnwritable, writeOutputFile } from '../write-output-file.js'
import { chooseMigration } from './choose-migration.js'
import { migrationPath } from './migration-path.js'

export async function run(context: CommandContext): Promise<number> {
  const { operands, values, terminal } = context
  const html = values.html === undefined ? undefined : resolve(values.html)
  if (html !== undefined) await refuseUnwritable(html)
  const api = await openApi(context)
  const { id } = await chooseMigration(api, operands[0], true)
  const path = `${migrationPath(id)}/report`
  if (html !== undefined) {
    const page = await api.getFile(path, 'text/html')
    await writeOutputFile(html, page)
    if (terminal.json) terminal.print(jsonText({ file: html, size: page.length }, 2))
    else terminal.print(`${printable(html)}: the report, ${page.length} bytes.\n`)
    return 0
  }
  const report = await api.getJson<MigrationReportAnswer>(path)
  terminal.print(terminal.json ? jsonText(report, 2) : reportText(report, terminal.width))
  return 0
}
