/** `ctl-bridge audit`: who used which token, when, and how it ended. */
import { printable } from '../../ctl/text.js'
import type { AuditPageAnswer } from '../answers.js'
import { openApi } from '../api-client.js'
import type { CommandContext } from '../command.js'
import { jsonText } from '../json-text.js'

export async function run(context: CommandContext): Promise<number> {
  const { values, terminal } = context
  const query = new URLSearchParams()
  for (const name of ['after', 'limit']) {
    const value = values[name]
    if (value !== undefined) query.set(name, value)
  }
  const api = await openApi(context)
  const page = await api.getJson<AuditPageAnswer>(`/v1/audit?${query}`)
  terminal.print(terminal.json ? jsonText(page, 2) : auditText(page))
  if (page.next !== null) terminal.note(`ctl-bridge: there is more; go on with --after ${page.next}\n`)
  return 0
}

function auditText({ entries }: AuditPageAnswer): string {
  if (entries.length === 0) return 'No entries.\n'
  const rows = entries.map(({ sequence, at, principal, action, phase, outcome, facts }) => {
    const told = Object.entries(facts).map(([name, value]) => `${name}=${value}`)
    return [sequence, at, principal.name, action, outcome ?? phase, ...told].join('  ')
  })
  return `${rows.map(printable).join('\n')}\n`
}
