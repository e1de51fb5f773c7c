/** One use of a token: asks for its PIN, unlocks it, and locks it again whatever happens. */
import { printable } from '../../ctl/text.js'
import type { TokenAnswer } from '../answers.js'
import type { ApiClient } from '../api-client.js'
import type { CommandContext } from '../command.js'
import { holdSignals } from '../hold-signals.js'
import { readTokenPin } from './read-pin.js'

/** The lease is for one signature, made in `work`. The PIN options are those of the command. */
export async function withTokenUnlocked<Result>(
  { values, switches, terminal }: CommandContext,
  api: ApiClient,
  token: TokenAnswer,
  work: () => Promise<Result>,
): Promise<Result> {
  const pin = await readTokenPin(
    token,
    { file: values['pin-file'], descriptor: values['pin-fd'] },
    `PIN of token ${printable(token.serial)}: `,
    terminal,
  )
  const overrides = { finalTry: switches.has('final-try'), repeatPin: switches.has('repeat-pin') }
  const path = `/v1/tokens/${encodeURIComponent(token.serial)}`
  return await holdSignals(async () => {
    await api.postJson(`${path}/unlock`, { pin, ...overrides, seconds: 120, uses: 1 })
    try {
      return await work()
    } finally {
      await api.postJson(`${path}/lock`, {}).catch(() => undefined)
    }
  })
}
