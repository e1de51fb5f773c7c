/** What a step waits for that signs with a token: told from what is plugged in, without a PIN. */
import { BridgeError } from '../../bridge-error.js'
import { toProblem } from '../../problems.js'
import type { Evidence } from './eyes.js'
import type { SeenRow } from './run-entry.js'
import type { TurnAt } from './run-parts.js'
import { stepKeyId } from './step-principal.js'
import type { PluggedToken, TokenStanding } from './token-desk.js'

/** What the CTL Client says in this place (TAC 118893); people search for it. */
const LEGACY = 'The Security Token you have inserted does not exist in the CTL File'

/** Thrown before anything is sent to a token. */
export const notPlanned = (serial: string, planned: string, step: string): BridgeError =>
  new BridgeError('MIGRATION_TOKEN_NOT_PLANNED', otherToken(serial, planned), { token: serial, step })

const otherToken = (serial: string, planned: string): string =>
  `“${LEGACY}”: that is how the CTL Client puts it. This step signs with the token ${planned}; the one plugged in is ${serial}, which this step does not use.`

export async function tokenRow(
  { parts, migration, step }: Pick<TurnAt, 'parts' | 'migration' | 'step'>,
  serial: string,
): Promise<{ readonly row: SeenRow; readonly holder?: string }> {
  const what = `token ${serial} is plugged in and unlocked for step ${step.id}`
  try {
    const { planned, others } = await parts.desk.standing(serial, stepKeyId(migration, step.id))
    const holds = planned.is === 'unlocked'
    const row = { what, holds, evidence: evidenceOf(planned, serial, others) }
    return planned.is === 'unlocked' ? { row, holder: planned.holder } : { row }
  } catch (error) {
    return { row: { what, holds: 'unknown', evidence: [{ text: toProblem(error).detail }] } }
  }
}

function evidenceOf(planned: TokenStanding, serial: string, others: readonly PluggedToken[]): Evidence[] {
  switch (planned.is) {
    case 'unlocked':
      return [{ text: `unlocked by ${planned.holder}` }]
    case 'locked':
      return [{ text: 'It is plugged in. Its custodian unlocks it for this step.' }]
    case 'held':
      return [{ text: `It is unlocked by ${planned.holder} for something else, and is locked first.` }]
    case 'unusable':
      return [{ text: planned.why }]
    case 'absent':
      if (others.length === 0) return [{ text: 'It is not plugged in.' }]
      return others.map((other) => ({
        text: `${otherToken(other.serial, serial)} Take it out and plug in ${serial}. No PIN was tried.`,
      }))
  }
}
