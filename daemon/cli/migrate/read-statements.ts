import { BridgeError } from '../../bridge-error.js'
import { statementCodes, statementTexts } from '../../migration/plan/statements.js'

/** Throws USAGE with what can be said. */
export function readStatements(texts: readonly string[]): string[] {
  return texts.map((text) => {
    const code = text.toUpperCase()
    if ((statementCodes as readonly string[]).includes(code)) return code
    const known = statementCodes.map((one) => `${one} (${statementTexts[one]})`).join(', ')
    throw new BridgeError('USAGE', `${JSON.stringify(text)} is nothing that can be said. Known: ${known}.`)
  })
}
