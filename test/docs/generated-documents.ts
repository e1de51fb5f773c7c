/** The documents that are made from the code: path in the project → content. */
import { readFileSync } from 'node:fs'
import { commands } from '../../daemon/cli/commands.js'
import { helpPage, overview } from '../../daemon/cli/help.js'
import { makeOpenApi } from '../../daemon/http/openapi.js'
import { exitCodes, type ProblemEntry, problems } from '../../daemon/problems.js'
import { sampleConfig } from '../../daemon/sample-config.js'
import { documentedRoutes } from './documented-routes.js'
import { tokenPage } from './token-page.js'

export const projectFile = (path: string): URL => new URL(`../../../${path}`, import.meta.url)

export const read = (path: string): string => readFileSync(projectFile(path), 'utf8')

export function generatedDocuments(): Readonly<Record<string, string>> {
  return {
    'docs/openapi.json': `${JSON.stringify(makeOpenApi(documentedRoutes(), '1'), null, 2)}\n`,
    'docs/problems.md': problemTable(),
    'docs/command.md': commandPage(),
    'docs/tokens.md': tokenPage(),
    'systemd/config.toml': sampleConfig(),
  }
}

function problemTable(): string {
  const row = ([code, entry]: [string, ProblemEntry]) =>
    `| \`${code}\` | ${entry.status} | ${exitCodes[entry.exit]} | ${entry.title} | ${entry.remedy} |`
  return [
    '# Problem codes',
    '',
    'Every refusal of the daemon and of the command has one of these codes. Over HTTP it comes as an',
    '`application/problem+json` document (RFC 9457) with `code`, `detail`, `at` (offset, record, token, module, …),',
    '`remedy` and `requestId`; the command prints the same and ends with the exit code of the table.',
    '',
    '| code | HTTP | exit | what | remedy |',
    '|---|---|---|---|---|',
    ...Object.entries(problems)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(row),
    '',
  ].join('\n')
}

function commandPage(): string {
  const page = (name: string, text: string) => `## ${name}\n\n\`\`\`\n${text.trimEnd()}\n\`\`\`\n`
  return [
    '# The command',
    '',
    'In the clone: `npm run -s ctl-bridge -- COMMAND …`. Installed: `ctl-bridge COMMAND …`.',
    '',
    page('ctl-bridge', overview('').replace('ctl-bridge :', 'ctl-bridge:')),
    ...commands.map((command) => page(`ctl-bridge ${command.name}`, helpPage(command))),
  ].join('\n')
}
