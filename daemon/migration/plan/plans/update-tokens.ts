/** Update of a token CTL: servers, tokens, addresses and certificates come, go and change; a token of the file signs. */
import type { PlanGround } from '../ground.js'
import type { CtlEdit, NoPlan, Plan } from '../plan.js'
import {
  composeAndSign,
  hardStop,
  keepFiles,
  numbered,
  phonesTake,
  probed,
  publish,
  restartCallManagers,
} from '../steps.js'
import { isListedSast, usual } from '../usual.js'
import type { PlanWishes } from '../wishes.js'

export function updateTokens(ground: PlanGround, wishes: PlanWishes): Plan | NoPlan {
  const id = 'update-token-ctl'
  if (ground.file?.kind !== 'token') {
    return {
      id,
      impossible: 'The file that is served lists no token.',
      instead: 'Go from tokenless to tokens, or make the first token CTL.',
    }
  }
  const signer = ground.situation.tokens.find(
    ({ serial }) => serial === (wishes.signer ?? wishes.tokens.at(-1)),
  )
  if (signer === undefined) {
    return {
      id,
      impossible: 'No token that may sign is named.',
      instead: 'Name one of the tokens of the file: --signer SERIAL.',
    }
  }
  // The CTL Client's words for this are searched for by people.
  if (!isListedSast(ground, signer)) {
    return {
      id,
      impossible: `Token ${signer.serial} does not exist in the CTL file that is served, so phones would not take what it signs (in the CTL Client: “The Security Token you have inserted does not exist in the CTL File”).`,
      instead:
        'Sign with a token of the file; it can add this one. If all of those are lost, go from tokenless to tokens.',
    }
  }
  const added = wishes.tokens
    .map((serial) => ground.situation.tokens.find((token) => token.serial === serial))
    .filter((token) => token !== undefined && !isListedSast(ground, token))
    .flatMap((token) => token?.sha256 ?? [])
  const removed = new Set(
    wishes.edits.flatMap((edit: CtlEdit) => (edit.edit === 'remove' ? [edit.certificate] : [])),
  )
  const sast = [...ground.file.sast.map(({ sha256 }) => sha256), ...added].filter((sha) => !removed.has(sha))
  const steps = numbered([
    keepFiles(ground),
    hardStop([probed(ground)]),
    ...composeAndSign(
      { base: 'before', mode: 'keep', signer: signer.sha256, sast, edits: wishes.edits },
      signer,
    ),
    ...publish(ground, 'new'),
    ...phonesTake('new', restartCallManagers(ground)),
  ])
  return {
    ...usual(ground, id, 'Update of the token CTL', steps),
    tokens: [signer.serial],
    interruptions: [
      'Each phone restarts once. The signer is one that phones trust already, so none needs TVS.',
    ],
  }
}
