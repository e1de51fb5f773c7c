/** Asterisk: the first CTL, an update, and a change of signer. No mode, no services: the file lies in the TFTP root. */
import type { PlanGround } from '../ground.js'
import type { CtlRecipe, NoPlan, Plan, PlanId } from '../plan.js'
import { composeAndSign, hardStop, keepFiles, numbered, phonesTake, publish } from '../steps.js'
import { chosenTokens, isListedSast, isNoPlan, usual } from '../usual.js'
import type { PlanWishes } from '../wishes.js'

export function asteriskFirst(ground: PlanGround, wishes: PlanWishes): Plan | NoPlan {
  if (ground.file !== undefined) {
    return {
      id: 'asterisk-first',
      impossible: 'The nodes serve a CTL already.',
      instead: 'Update it, or change its signer.',
    }
  }
  return signedPlan('asterisk-first', 'The first CTL', ground, wishes, 'none')
}

export function asteriskUpdate(ground: PlanGround, wishes: PlanWishes): Plan | NoPlan {
  const id = 'asterisk-update'
  const signer = ground.situation.tokens.find(
    ({ serial }) => serial === (wishes.signer ?? wishes.tokens.at(-1)),
  )
  if (ground.file === undefined)
    return { id, impossible: 'No node serves a CTL.', instead: 'Make the first one.' }
  if (signer === undefined || !isListedSast(ground, signer)) {
    return {
      id,
      impossible: 'The token named is no SAST of the file that phones hold.',
      instead: 'Change the signer first.',
    }
  }
  return signedPlan(id, 'Update of the CTL', ground, wishes, 'before')
}

/**
 * From a key on disk to a token: phones have no TVS unless one was set up, so the token’s certificate must stand as
 * SAST in a file that the old key signed, and every phone must have fetched that one.
 */
export function asteriskSigner(ground: PlanGround, wishes: PlanWishes): Plan | NoPlan {
  const id = 'asterisk-signer'
  if (ground.file === undefined)
    return { id, impossible: 'No node serves a CTL.', instead: 'Make the first one.' }
  const tokens = chosenTokens(id, ground, wishes)
  if (isNoPlan(tokens)) return tokens
  if (!tokens.all.every((token) => isListedSast(ground, token))) {
    return {
      id,
      impossible: 'The file that phones hold does not list the token, so they would not take what it signs.',
      instead:
        'Add the token’s certificate (ctl-bridge token export) as SAST with the old key and your tool, have every phone fetch that file, then plan again.',
    }
  }
  return signedPlan(id, 'Change of signer to a token', ground, wishes, 'before')
}

function signedPlan(
  id: PlanId,
  title: string,
  ground: PlanGround,
  wishes: PlanWishes,
  base: CtlRecipe['base'],
): Plan | NoPlan {
  const tokens = chosenTokens(id, ground, wishes)
  if (isNoPlan(tokens)) return tokens
  const { all, signer } = tokens
  const own = ground.file?.sast.map(({ sha256 }) => sha256) ?? []
  const sast = [...own, ...all.map(({ sha256 }) => sha256).filter((sha) => !own.includes(sha))]
  const steps = numbered([
    keepFiles(ground),
    hardStop(),
    ...composeAndSign({ base, mode: 'keep', signer: signer.sha256, sast, edits: wishes.edits }, signer),
    ...publish(ground, 'new'),
    ...phonesTake('new'),
  ])
  return {
    ...usual(ground, id, title, steps),
    tokens: all.map(({ serial }) => serial),
    interruptions: ['Each phone restarts once.'],
  }
}
