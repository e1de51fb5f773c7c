/** Tokenless → tokens (TAC 118893, “revert”), and what stands before a downgrade: the same with one look more. */
import type { KnownToken } from '../../situation/situation.js'
import type { PlanGround } from '../ground.js'
import type { CtlRecipe, NoPlan, Plan, PlanId, Step } from '../plan.js'
import { restartServices } from '../restarts.js'
import {
  composeAndSign,
  type Draft,
  hardStop,
  keepFiles,
  numbered,
  phonesTake,
  probed,
  publish,
  trusted,
  tvsReadsFile,
  uploadTokens,
} from '../steps.js'
import { chosenTokens, isNoPlan, serverSast, usual } from '../usual.js'
import type { PlanWishes } from '../wishes.js'

export function toTokens(ground: PlanGround, wishes: PlanWishes): Plan | NoPlan {
  return planToTokens('tokenless-to-tokens', 'From tokenless to tokens', ground, wishes, [])
}

const otherSide: Draft = {
  id: 'look-at-other-side',
  actor: 'person',
  title: 'Look at the file that the other partition will serve, and switch only then',
  instructions: [
    'Each partition serves the CTL that it has: an upgrade carried the one of its day over unchanged. After the switch phones are offered that one.',
    'Its signer must be a SAST of the file that phones hold now. ctl-bridge phones --installed NEW.tlv --new THAT.tlv tells it, from a copy of that file.',
    'If it is not, phones that cannot ask TVS are stranded by the switch: publish again at once after it, and have the file ready.',
    'Switch only when every phone is confirmed to hold the file of tokens. Afterwards is too late.',
  ],
  does: { do: 'confirm', statement: 'SWITCH_BACK_FILE_CHECKED' },
  until: [{ is: 'said', statement: 'SWITCH_BACK_FILE_CHECKED' }],
  undo: { by: 'nothing' },
}

export function beforeDowngrade(ground: PlanGround, wishes: PlanWishes): Plan | NoPlan {
  const id = 'before-downgrade'
  if (ground.file?.kind !== 'token') {
    return planToTokens(id, 'Before a downgrade: back to tokens', ground, wishes, [otherSide])
  }
  const steps = numbered([keepFiles(ground), hardStop(), ...phonesTake('before'), otherSide])
  return usual(ground, id, 'Before a downgrade: tokens sign the file already', steps, {
    assumptions: [
      'A phone that does not take the file that is served now is found by this plan, and not helped by it.',
    ],
  })
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
  if (ground.file === undefined) {
    return {
      id,
      impossible:
        'No node gave a CTL that can be read, so there is nothing to take the servers’ records from.',
      instead: 'See that the TFTP nodes answer and serve a whole file, then plan again.',
    }
  }
  const { all, signer } = tokens
  return usual(ground, id, title, stepsToTokens(ground, all, signer, [], last), {
    tokens: all,
    assumptions: [
      'The certificates are uploaded and every TVS is looked at, because which of TVS’s two look-ups finds a token after a revert is not known.',
      'That TVS vouches is necessary and no proof: the pilots are.',
    ],
    interruptions: [
      'From the first restart of Cisco Tftp on, a phone that starts anew asks TVS for the new signer. One that cannot ask keeps the old file and, while servers keep their certificates, its calls.',
    ],
  })
}

function stepsToTokens(
  ground: PlanGround,
  all: readonly KnownToken[],
  signer: KnownToken,
  edits: CtlRecipe['edits'],
  last: readonly Draft[],
): Step[] {
  const recipe: CtlRecipe = {
    base: 'before',
    mode: 'token',
    signer: signer.sha256,
    sast: [...all.map(({ sha256 }) => sha256), ...serverSast(ground)],
    edits,
  }
  return numbered([
    keepFiles(ground),
    uploadTokens(ground, all),
    hardStop([...probed(ground), trusted(ground, all)]),
    ...composeAndSign(recipe, signer),
    ...publish(ground, 'new'),
    ...tvsReadsFile(ground, all),
    ...phonesTake(
      'new',
      restartServices(ground, {
        isTvsRestarted: true,
        afterTvs: (node) => [trusted(ground, all, [node])],
      }),
    ),
    ...last,
  ])
}
