/** The plans whose daemon is killed. */
import type { KilledPlan } from './kill-run.js'
import { addressOfPublisher } from './plan-rows.js'

export const revert: KilledPlan = {
  name: 'revert',
  state: 'tokenless',
  wanted: ({ tokens }) => ({ plan: 'tokenless-to-tokens', wishes: { tokens, edits: [] } }),
}

export const tokenUpdate: KilledPlan = {
  name: 'token update',
  state: 'tokens',
  wanted: (setting) => ({
    plan: 'update-token-ctl',
    wishes: {
      tokens: [],
      ...(setting.tokens.at(-1) !== undefined && { signer: setting.tokens.at(-1) as string }),
      edits: [addressOfPublisher(setting)],
    },
  }),
}
