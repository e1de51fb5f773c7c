/** `ctl-bridge migrate unlock [ID]`: the PIN of the token that the current step signs with. */
import { BridgeError } from '../../bridge-error.js'
import { printable } from '../../ctl/text.js'
import type { MigrationAnswer, StatusAnswer, TokenAnswer, TokenListAnswer } from '../answers.js'
import { openApi } from '../api-client.js'
import type { CommandContext } from '../command.js'
import { checkToken } from '../compose/check-sign.js'
import { readTokenPin } from '../token/read-pin.js'
import { afterChange } from './after-change.js'
import { chooseMigration } from './choose-migration.js'
import { migrationPath } from './migration-path.js'

export async function run(context: CommandContext): Promise<number> {
  const { operands, values, switches, terminal } = context
  const api = await openApi(context)
  const migration = await chooseMigration(api, operands[0])
  const serial = plannedToken(migration)
  const { tokens } = await api.getJson<TokenListAnswer>('/v1/tokens')
  const { key } = await api.getJson<StatusAnswer>('/v1/status')
  // Whatever can be known to be wrong is told before anybody types a PIN.
  refuseOther(migration, serial, tokens)
  const token = checkToken(serial, tokens, key)
  const source = { file: values['pin-file'], descriptor: values['pin-fd'] }
  const pin = await readTokenPin(token, source, `PIN of token ${printable(serial)}: `, terminal)
  const body = { pin, finalTry: switches.has('final-try'), repeatPin: switches.has('repeat-pin') }
  const path = `${migrationPath(migration.id)}/unlock`
  return afterChange(context, api, await api.postJson<MigrationAnswer>(path, body))
}

function plannedToken({ id, steps, current, state }: MigrationAnswer): string {
  const does = steps.find((step) => step.id === current)?.does
  if (state === 'stopped') {
    throw new BridgeError('MIGRATION_NOTHING_TO_ANSWER', 'It is stopped; resume it first.', { migration: id })
  }
  if (does?.do === 'sign' && typeof does.token === 'string') return does.token
  throw new BridgeError('MIGRATION_NOTHING_TO_ANSWER', 'The migration waits for no token now.', {
    migration: id,
    ...(current !== undefined && { step: current }),
  })
}

/** Another token in the port is told by name: people have one port and two tokens. */
function refuseOther({ id, current }: MigrationAnswer, serial: string, tokens: readonly TokenAnswer[]): void {
  const plugged = tokens.filter(({ state }) => state !== 'absent')
  if (plugged.length === 0 || plugged.some((token) => token.serial === serial)) return
  const others = plugged.map((token) => `${token.serial} (${token.label})`).join(', ')
  throw new BridgeError(
    'MIGRATION_TOKEN_NOT_PLANNED',
    `The step signs with token ${serial}, which is not plugged in. Plugged in: ${others}.`,
    { migration: id, token: serial, ...(current !== undefined && { step: current }) },
  )
}
