/** docs/tokens.md: what modules can do, from the contract tests, and what they cannot do to anybody, from the faults. */
import { abilities } from '../contract/abilities.js'
import { allResults } from '../contract/results.js'
import { crashes, hangs, lies } from '../faults/fault-table.js'
import type { FaultCase } from '../faults/run-fault.js'

export function tokenPage(): string {
  return [INTRODUCTION, abilityTable(), ...FAULTS, faultTable(), ...TRIED].join('\n')
}

const INTRODUCTION = `# Tokens and their libraries

This page is made from test results: \`npm run test:long\` fails when it no longer holds.

## What was tried

The same test goes through every library, by the ports of \`drivers/token.ts\` (\`test/contract\`). The table has
what it saw. A real eToken was never plugged in here.
`

function abilityTable(): string {
  const results = allResults()
  const row = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  return [
    row(['a token here …', ...results.map(({ module }) => module)]),
    row(['---', ...results.map(() => '---')]),
    ...abilities.map(({ title }) => row([title, ...results.map((result) => word(result.abilities[title]))])),
    '',
  ].join('\n')
}

function word(able: boolean | undefined): string {
  if (able === undefined) return 'not tried'
  return able ? 'yes' : 'no'
}

const FAULTS = [
  `## What libraries do, and what happens then

Every line is a test of that name (\`npm run test:long\` runs all of them), with a small library that misbehaves in front of SoftHSM (\`test/faults\`).
In each the daemon goes on serving everybody else: the slowest of 100 other requests takes at most ten times as
long as in quiet, and another library's token signs meanwhile. No PIN is tried twice, no wrong signature leaves,
and when the library behaves again its token signs again without a restart of the daemon: by itself, or, when its
module was parked meanwhile, after \`ctl-bridge tokens --rescan\`. Whoever unlocks is told whether the PIN may have been sent.
`,
]

function faultTable(): string {
  const row = ({ title, answer, tries }: FaultCase) =>
    `| ${title} | ${answer === 'done' ? 'what was asked for' : `\`${answer[1]}\``} | ${tries} |`
  return [
    '| the situation | the caller gets | PIN tries |',
    '|---|---|---|',
    ...[...hangs, ...crashes, ...lies].map(row),
    '',
  ].join('\n')
}

const TRIED = [
  `## How cards are tried without cards

OpenSC talks to a real pcscd with the reader of vpcd, in which a program of our own plays a CAC card with
libcacard and counts wrong PINs (\`test/cards/virtual-card.c\`). \`npm run test:long\` fetches these parts into \`.cache\`
and installs none of them. pcscd runs in mount and network namespaces of its own, so a pcscd, a reader or a card
of yours is not touched. 200 times a card is inserted and pulled (and a SoftHSM token likewise): afterwards the
daemon and pcscd hold as many processes and open files as before, and memory grows no more. Where namespaces are not allowed, as in some containers and for users on Ubuntu 24.04,
these tests are skipped and their titles say why.
`,
]
