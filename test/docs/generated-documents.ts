/** The documents that are made from the code: path in the project → content. */
import { readFileSync } from 'node:fs'
import { commands } from '../../daemon/cli/commands.js'
import { helpPage, overview } from '../../daemon/cli/help.js'
import { makeOpenApi } from '../../daemon/http/openapi.js'
import { type PreflightEntry, preflightTable } from '../../daemon/migration/preflight/finding-table.js'
import { exitCodes } from '../../daemon/problems/exit-codes.js'
import type { ProblemEntry } from '../../daemon/problems/problem-entry.js'
import { problems } from '../../daemon/problems.js'
import { sampleClusters } from '../../daemon/sample-clusters.js'
import { sampleConfig } from '../../daemon/sample-config.js'
import { type FindingEntry, findingTable } from '../../daemon/trust/verify/finding-table.js'
import { documentedRoutes } from './documented-routes.js'
import { tokenPage } from './token-page.js'

export const projectFile = (path: string): URL => new URL(`../../../${path}`, import.meta.url)

export const read = (path: string): string => readFileSync(projectFile(path), 'utf8')

export function generatedDocuments(): Readonly<Record<string, string>> {
  return {
    'docs/openapi.json': `${JSON.stringify(makeOpenApi(documentedRoutes(), '1'), null, 2)}\n`,
    'docs/problems.md': problemTable(),
    'docs/findings.md': findingsPage(),
    'docs/preflight.md': preflightPage(),
    'docs/command.md': commandPage(),
    'docs/tokens.md': tokenPage(),
    'systemd/config.toml': sampleConfig(),
    'systemd/clusters.toml': sampleClusters(),
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

function findingsPage(): string {
  const row = ([code, { meaning, remedy }]: [string, FindingEntry]) =>
    `| \`${code}\` | ${meaning} | ${remedy} |`
  const table = (severity: FindingEntry['severity']) => [
    '| code | what it means | what to do |',
    '|---|---|---|',
    ...Object.entries(findingTable)
      .filter(([, entry]) => entry.severity === severity)
      .map(row),
    '',
  ]
  return [
    '# What verify finds',
    '',
    '`ctl-bridge verify` and `/v1/ctl/verify` give one list of findings, the worst first. Each has a code, a severity,',
    'the record where there is one, a detail and a remedy. Codes stay as they are.',
    '',
    '## Errors',
    '',
    'An error makes the file invalid: do not publish it. Its code is one of those that begin with `CTL_` in',
    '`docs/problems.md`, and its place has the offset in bytes. A file that does not decode has one error and nothing else.',
    '`CTL_CHAIN_BROKEN` is looked for when roots are given.',
    '',
    '## Warnings',
    '',
    'Somebody should act, or a phone or a call manager may be led astray. The file is valid; with `--strict` (`strict`',
    'over HTTP) it does not pass.',
    '',
    ...table('warning'),
    '## Infos',
    '',
    'Worth knowing, and normal somewhere: these never fail.',
    '',
    ...table('info'),
  ]
    .join('\n')
    .replace(/\n+$/, '\n')
}

function preflightPage(): string {
  const rows = (severity: PreflightEntry['severity']) =>
    Object.entries(preflightTable)
      .filter(([, entry]) => entry.severity === severity)
      .map(([code, { meaning, remedy }]) => `| \`${code}\` | ${meaning} | ${remedy} |`)
  const table = (severity: PreflightEntry['severity']) => [
    '| code | what it means | what to do |',
    '|---|---|---|',
    ...rows(severity),
    '',
  ]
  return [
    '# What preflight finds',
    '',
    'A migration is looked at before it begins, and again at its hard stop (`docs/migrating.md`). Each finding has a',
    'code, what was observed where, how many devices it concerns, and the remedy. Codes stay as they are.',
    '',
    '## Errors',
    '',
    'An error stops: nothing passes the hard stop until it is mended.',
    '',
    ...table('error'),
    '## Warnings',
    '',
    'A warning is acknowledged by its code, for what was found then: when more devices are concerned later, it is asked',
    'again.',
    '',
    ...table('warning'),
  ]
    .join('\n')
    .replace(/\n+$/, '\n')
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
