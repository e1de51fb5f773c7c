/** Options that several commands share. */
import type { CommandOption } from '../command.js'

/** Understood by every command. */
export const commonOptions: readonly CommandOption[] = [
  { name: 'json', summary: 'Print the result, or the problem, as JSON on standard output.' },
  {
    name: 'config',
    value: 'FILE',
    summary: 'Settings file. Default: /etc/ctl-bridge/config.toml or your XDG folder.',
  },
  { name: 'help', summary: 'Show this help.' },
]

export const keyFile: CommandOption = {
  name: 'key-file',
  value: 'FILE',
  summary: 'File with the API key. Default: the first key in the state folder.',
}

export const repeatPin: CommandOption = {
  name: 'repeat-pin',
  summary: 'Send the PIN although it failed on this token before, or its last try was interrupted.',
}

/** How a command gets the PIN of a token. */
export const pinOptions: readonly CommandOption[] = [
  { name: 'pin-file', value: 'FILE', summary: 'Read the PIN from the first line of a file.' },
  { name: 'pin-fd', value: 'N', summary: 'Read the PIN from a file descriptor.' },
  { name: 'final-try', summary: 'Go on although the token says that one try is left.' },
  repeatPin,
]
