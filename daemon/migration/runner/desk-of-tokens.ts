/** The tokens of this daemon, as a migration asks after them. */
import type { TokenView } from '../../tokens/token-view.js'
import type { Tokens } from '../../tokens/tokens.js'
import type { TokenDesk, TokenStanding } from './token-desk.js'

export function deskOfTokens(tokens: Pick<Tokens, 'list'>): TokenDesk {
  return {
    async standing(serial, keyId) {
      const all = tokens.list()
      const planned = all.find((token) => token.serial === serial)
      const others = all.filter((token) => token.serial !== serial && token.state !== 'absent')
      return {
        planned: planned === undefined ? { is: 'absent' } : standingOf(planned, keyId),
        others: others.map(({ serial: other, label }) => ({ serial: other, label })),
      }
    },
  }
}

function standingOf({ state, lease, fault }: TokenView, keyId: string): TokenStanding {
  if (state === 'absent') return { is: 'absent' }
  if (state === 'faulty') return { is: 'unusable', why: fault ?? 'The token reports a failure.' }
  if (state === 'locked-out') {
    return { is: 'unusable', why: 'Its PIN is locked: it takes no PIN any more. Plan with another token.' }
  }
  if (lease === null) return { is: 'locked' }
  return { is: lease.keyId === keyId ? 'unlocked' : 'held', holder: lease.holder }
}
