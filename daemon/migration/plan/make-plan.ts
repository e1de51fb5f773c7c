/** The table of plans: what each is for, where it is possible, and who makes it. Pure. */

import type { Situation } from '../situation/situation.js'
import { groundOf, type PlanGround } from './ground.js'
import type { NoPlan, Plan, PlanId } from './plan.js'
import { asteriskFirst, asteriskSigner, asteriskUpdate } from './plans/asterisk.js'
import { firstTokenCtl } from './plans/first-token-ctl.js'
import { mixedModeTokenless } from './plans/mixed-mode.js'
import { nonSecure } from './plans/non-secure.js'
import { regenerate } from './plans/regenerate.js'
import { staleFile } from './plans/stale-file.js'
import { toTokenless } from './plans/to-tokenless.js'
import { beforeDowngrade, toTokens } from './plans/to-tokens.js'
import { updateTokens } from './plans/update-tokens.js'
import { notHere } from './starts.js'
import { noTokenCtl } from './usual.js'
import type { PlanWishes } from './wishes.js'

/** Those that a person can ask for. */
export type WantedPlan = Exclude<PlanId, 'rollback'>

export interface PlanEntry {
  readonly kind: 'cucm' | 'asterisk'
  /** One line for a list. */
  readonly title: string
  /** Whether it ends with a file that a token signed. */
  readonly makesTokenCtl: boolean
  readonly make: (ground: PlanGround, wishes: PlanWishes) => Plan | NoPlan
}

const cucm = (title: string, makesTokenCtl: boolean, make: PlanEntry['make']): PlanEntry => ({
  kind: 'cucm',
  title,
  makesTokenCtl,
  make,
})
const asterisk = (title: string, make: PlanEntry['make']): PlanEntry => ({
  kind: 'asterisk',
  title,
  makesTokenCtl: false,
  make,
})

export const planTable: Readonly<Record<WantedPlan, PlanEntry>> = {
  'mixed-mode-tokenless': cucm('non-secure → mixed mode, tokenless', false, mixedModeTokenless),
  'tokens-to-tokenless': cucm('tokens → tokenless', false, toTokenless),
  'tokenless-to-tokens': cucm('tokenless → tokens (revert)', true, toTokens),
  'first-token-ctl': cucm('non-secure → mixed mode, tokens', true, firstTokenCtl),
  'update-token-ctl': cucm('update of a token CTL', true, updateTokens),
  'regenerate-tokenless': cucm('a certificate is regenerated under tokenless', false, regenerate),
  'before-downgrade': cucm('before a downgrade or switch-back', true, beforeDowngrade),
  'non-secure': cucm('mixed mode → non-secure', false, nonSecure),
  'stale-file': cucm('clean-up of a stale CTL file', false, staleFile),
  'asterisk-first': asterisk('first CTL', asteriskFirst),
  'asterisk-update': asterisk('update of the CTL', asteriskUpdate),
  'asterisk-signer': asterisk('change of signer to a token', asteriskSigner),
}

export function makePlan(id: WantedPlan, situation: Situation, wishes: PlanWishes): Plan | NoPlan {
  const entry = planTable[id]
  if (entry.kind !== situation.kind) {
    return {
      id,
      impossible: `This is a plan for ${entry.kind === 'cucm' ? 'CUCM' : 'Asterisk'}, and the settings say that the cluster is ${situation.kind === 'cucm' ? 'CUCM' : 'Asterisk'}.`,
      instead: 'Choose a plan of this kind of cluster.',
    }
  }
  const ground = groundOf(situation)
  if (ground.tftp.length === 0) {
    return {
      id,
      impossible: 'The settings name no node with tftp, so there is nowhere to look or to publish.',
      instead: 'Add tftp to what the nodes run in the cluster’s settings.',
    }
  }
  const barred = entry.makesTokenCtl ? noTokenCtl(ground) : undefined
  if (barred !== undefined) {
    return { id, code: 'RELEASE_TOO_NEW', impossible: barred, instead: insteadOfTokens(id) }
  }
  return notHere(id, ground) ?? entry.make(ground, wishes)
}

const insteadOfTokens = (id: WantedPlan): string =>
  id === 'before-downgrade'
    ? 'Phones keep the tokenless file over the switch, and the other side serves its own: have a file ready that a signer of theirs signed, and publish it at once after the switch. Rehearse it: ctl-bridge lab.'
    : 'Stay with tokenless. Show, verify and rehearse work.'
