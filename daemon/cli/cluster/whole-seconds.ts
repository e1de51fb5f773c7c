import { BridgeError } from '../../bridge-error.js'

/** The value of an option in seconds, up to a day. Throws USAGE. */
export function wholeSeconds(command: string, option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  if (/^\d{1,5}$/.test(text) && Number(text) >= 1 && Number(text) <= 86_400) return Number(text)
  throw new BridgeError(
    'USAGE',
    `ctl-bridge ${command}: --${option} takes a whole number of seconds, 1 to 86400, not ${text}.`,
  )
}
