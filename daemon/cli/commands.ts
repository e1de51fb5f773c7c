/** The commands of `ctl-bridge`, as data, in the order of the help. */
import type { CommandDescription } from './command.js'
import { clusterCommands } from './commands/cluster-commands.js'
import { configurationCommands } from './commands/configuration-commands.js'
import { ctlCommands } from './commands/ctl-commands.js'
import { daemonCommands } from './commands/daemon-commands.js'
import { labCommands } from './commands/lab-commands.js'
import { migrateCommands } from './commands/migrate-commands.js'
import { phoneCommands } from './commands/phone-commands.js'
import { requestCommands } from './commands/request-commands.js'
import { tokenCommands } from './commands/token-commands.js'

export const commands: readonly CommandDescription[] = [
  ...ctlCommands,
  ...requestCommands,
  ...configurationCommands,
  ...phoneCommands,
  ...tokenCommands,
  ...clusterCommands,
  ...migrateCommands,
  ...daemonCommands,
  ...labCommands,
]
