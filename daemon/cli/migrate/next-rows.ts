/** Which command answers what a migration waits for. */
import type { MigrationAnswer } from '../answers.js'

type Step = MigrationAnswer['steps'][number]

export function nextRows(migration: MigrationAnswer, current: Step | undefined): string[] {
  const { state, id, steps } = migration
  const rows =
    state === 'stopped'
      ? steps.length === 0
        ? [[`abandon ${id}`, 'ends it for good: its journal cannot be read']]
        : [
            ['resume', 'goes on, once the cause is mended'],
            ['rollback', 'goes back instead'],
            ['abandon', 'ends it where it stands'],
          ]
      : state === 'running' || state === 'waiting'
        ? answersOf(migration, current)
        : state === 'done'
          ? [['report', 'tells what was done, and what phones took']]
          : []
  if (rows.length === 0) return []
  const commands = rows.map(([command = '', what = '']) => [`ctl-bridge migrate ${command}`, what] as const)
  const width = Math.max(...commands.map(([command]) => command.length))
  return [
    `Next (migration ${id}):`,
    ...commands.map(([command, what]) => `  ${command.padEnd(width)}  ${what}`),
  ]
}

function answersOf({ findings, said }: MigrationAnswer, current: Step | undefined): string[][] {
  if (current === undefined) return []
  if (current.phase === 'in-doubt') return [['again', 'does it once more, on your word that this is right']]
  const { does, until } = current
  switch (does.do) {
    case 'sign':
      return [['unlock', 'asks for the PIN of the token']]
    case 'hard-stop':
      return atHardStop(findings)
    case 'reset-phones':
      return [
        ['phones SEP001122334455 accepted', 'for a phone that took the file, with its checksum behind it'],
        ['phones SEP001122334455 refused', 'for one that did not'],
        does.which === 'all'
          ? ["phones '*' accepted", 'your word on all that nobody read; ends the step']
          : ["phones '*' unread --model MODEL", 'where no phone of a model can be read'],
      ]
    default: {
      const statements = until.flatMap(({ is, statement }) =>
        is === 'said' && typeof statement === 'string' ? [statement] : [],
      )
      const open = statements.filter((code) => !said.some(({ statement }) => statement === code))
      return open.map((code) => [`say ${code}`, 'goes on'])
    }
  }
}

/** An error is mended, some by a word; GO is refused before. */
function atHardStop(findings: MigrationAnswer['findings']): string[][] {
  const open = findings.filter(({ severity, acknowledged }) => severity === 'warning' && !acknowledged)
  const codes = [...new Set(open.map(({ code }) => code))]
  const errors = findings.filter(({ severity }) => severity === 'error')
  return [
    ...(errors.some(({ code }) => code === 'BACKUP_MISSING')
      ? [['say BACKUP_TAKEN', 'when the backups are taken and kept off the cluster']]
      : []),
    ...(codes.length > 0 ? [[`acknowledge ${codes.join(' ')}`, 'if you have seen to them']] : []),
    ...(errors.length === 0 ? [['acknowledge GO', 'goes on']] : []),
  ]
}
