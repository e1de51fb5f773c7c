/** What the commands of migrations share. */
import type { CommandOperand, CommandOption } from '../command.js'

export const migrationId: CommandOperand = {
  name: 'ID',
  optional: true,
  summary: 'The migration. Default: the one that is open.',
}

/** For commands whose operands are something else. */
export const migrationOption: CommandOption = {
  name: 'migration',
  value: 'ID',
  summary: 'The migration. Default: the one that is open.',
}

export const follow: CommandOption = {
  name: 'follow',
  summary: 'Go on showing it until it is stopped or has ended.',
}

export const note: CommandOption = {
  name: 'note',
  value: 'TEXT',
  summary: 'Why, in words of your own; it stands in the report.',
}
