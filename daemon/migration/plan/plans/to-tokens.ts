/** Tokenless → tokens (TAC 118893, “revert”), and what stands before a downgrade: the same with one look more. */
import type { KnownToken } from '../../situation/situation.js'
import type { PlanGround } from '../ground.js'
import type { CtlRecipe, NoPlan, Plan, PlanId, Step } from '../plan.js'
import {
  composeAndSign,
  type Draft,
  hardStop,
  keepFiles,
  list,
  numbered,
  phonesTake,
  probed,
  publish,
  restartCallManagers,
  trusted,
  uploadTokens,
} from '../steps.js'
import { chosenTokens, isNoPlan, serverSast, usual } from '../usual.js'
import type { PlanWishes } from '../wishes.js'

export function toTokens(ground: PlanGround, wishes: PlanWishes): Plan | NoPlan {
  return planToTokens('tokenless-to-tokens', 'From tokenless to tokens', ground, wishes, [])
}

export function beforeDowngrade(ground: PlanGround, wishes: PlanWishes): Plan | NoPlan {
  const look: Draft = {
    id: 'look-at-other-side',
    actor: 'person',
    title: 'Look at the file that the other partition will serve',
    instructions: [
      'An upgrade carried the CTL of its day over to the other partition, which serves that one after the switch.',
      'If phones do not trust its signer through the file that they hold now, they are stranded after the switch: then publish again at once after it.',
      'Switch only when every phone is confirmed. Afterwards is too late.',
    ],
    does: { do: 'confirm', statement: 'SWITCH_BACK_FILE_CHECKED' },
    until: [{ is: 'said', statement: 'SWITCH_BACK_FILE_CHECKED' }],
    undo: { by: 'nothing' },
  }
  if (ground.file?.kind === 'token') {
    const steps = numbered([keepFiles(ground), look])
    return {
      ...usual(
        ground,
        'before-downgrade',
        'Before a downgrade: the file is signed by a token already',
        steps,
      ),
      tokens: [],
    }
  }
  return planToTokens('before-downgrade', 'Before a downgrade: back to tokens', ground, wishes, [look])
}

function planToTokens(
  id: PlanId,
  title: string,
  ground: PlanGround,
  wishes: PlanWishes,
  last: readonly Draft[],
): Plan | NoPlan {
  const tokens = chosenTokens(id, ground, wishes)
  if (isNoPlan(tokens)) return tokens
  const { all, signer } = tokens
  return {
    ...usual(ground, id, title, stepsToTokens(ground, all, signer, last)),
    tokens: all.map(({ serial }) => serial),
    assumptions: [
      'The certificates are uploaded and every TVS is looked at, because which of TVS’s two look-ups finds a token after a revert is not known.',
      'That TVS vouches is necessary and no proof: the pilots are.',
    ],
    interruptions: [
      `From the restart of Cisco Tftp on ${list(ground.tftp)} on, a phone that starts anew asks TVS for the new signer; those that cannot ask keep the old file.`,
      'Each phone restarts once.',
    ],
  }
}

function stepsToTokens(
  ground: PlanGround,
  all: readonly KnownToken[],
  signer: KnownToken,
  last: readonly Draft[],
): Step[] {
  const recipe: CtlRecipe = {
    base: 'before',
    mode: 'token',
    signer: signer.sha256,
    sast: [...all.map(({ sha256 }) => sha256), ...serverSast(ground)],
    edits: [],
  }
  return numbered([
    keepFiles(ground),
    uploadTokens(ground, all),
    hardStop([probed(ground), trusted(ground, all)]),
    ...composeAndSign(recipe, signer),
    ...publish(ground, 'new'),
    {
      id: 'tvs-after',
      actor: 'daemon',
      title: 'Wait until every TVS vouches for the tokens with the new file in place',
      does: { do: 'wait' },
      until: [trusted(ground, all)],
      undo: { by: 'nothing' },
    },
    ...phonesTake('new', restartCallManagers(ground)),
    ...last,
  ])
}
