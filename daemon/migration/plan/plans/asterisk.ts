/** Asterisk: the first CTL, an update, and a change of signer. No mode, no services: the file lies in the TFTP root. */
import type { KnownToken } from '../../situation/situation.js'
import { itlEntries, type PlanGround } from '../ground.js'
import { andList } from '../list.js'
import type { CtlEdit, CtlRecipe, NoPlan, Plan } from '../plan.js'
import {
  composeAndSign,
  type Draft,
  exportCommand,
  hardStop,
  keepFiles,
  numbered,
  phonesTake,
  probed,
  publish,
} from '../steps.js'
import {
  chosenTokens,
  isListedSast,
  isNoPlan,
  sastAfter,
  signerOfFile,
  unknownToken,
  usual,
} from '../usual.js'
import type { PlanWishes } from '../wishes.js'
import { wrongEdit } from '../wrong-edit.js'

export function asteriskFirst(ground: PlanGround, wishes: PlanWishes): Plan | NoPlan {
  const id = 'asterisk-first'
  const tokens = chosenTokens(id, ground, wishes)
  if (isNoPlan(tokens)) return tokens
  const edits = [...serversOfItl(ground, wishes.edits), ...wishes.edits]
  if (!edits.some((edit) => edit.edit === 'add' && edit.function !== SAST)) {
    return {
      id,
      impossible: 'Which servers the file is to list was not said, and no node serves an ITL that would.',
      instead:
        'Add each with its certificate and role: --add. Phones refuse TLS to a server that is not listed.',
    }
  }
  const { all, signer } = tokens
  const recipe: CtlRecipe = {
    base: 'none',
    mode: 'keep',
    signer: signer.sha256,
    sast: all.map(({ sha256 }) => sha256),
    edits,
  }
  const steps = signedSteps(ground, recipe, signer)
  return usual(ground, id, 'The first CTL', steps, {
    tokens: all,
    assumptions: [
      'Phones that hold neither CTL nor ITL trust the first file unseen. Whether those with an ITL do so, or ask TVS, is stated nowhere.',
    ],
  })
}

const SAST = 0

/** Servers as an ITL lists them, but for those that a person adds. */
function serversOfItl(ground: PlanGround, wished: readonly CtlEdit[]): CtlEdit[] {
  const seenSums = new Set(wished.flatMap((edit) => (edit.edit === 'add' ? [edit.certificate] : [])))
  return itlEntries(ground).flatMap(({ role, sha256, ipAddress }): CtlEdit[] => {
    if (role === SAST || role === TVS || seenSums.has(sha256)) return []
    seenSums.add(sha256)
    return [{ edit: 'add', function: role, certificate: sha256, ...(ipAddress && { address: ipAddress }) }]
  })
}

/** Phones read TVS from the ITL. */
const TVS = 21

export function asteriskUpdate(ground: PlanGround, wishes: PlanWishes): Plan | NoPlan {
  const id = 'asterisk-update'
  const missing = unknownToken(id, ground, [...wishes.tokens, ...(wishes.signer ? [wishes.signer] : [])])
  if (missing !== undefined) return missing
  const signer = signerOfFile(ground, wishes)
  if (signer === undefined || !isListedSast(ground, signer)) {
    return {
      id,
      impossible:
        'No token that is known here is a SAST of the file that phones hold, so they would not take what it signs.',
      instead: 'Change the signer first: asterisk-signer.',
    }
  }
  const wrong = wrongEdit(ground, wishes.edits, signer)
  if (wrong !== undefined) return { id, ...wrong }
  const steps = signedSteps(ground, recipeOnFile(ground, signer, added(ground, wishes), wishes.edits), signer)
  return usual(ground, id, 'Update of the CTL', steps, { tokens: [signer] })
}

function added({ situation }: PlanGround, { tokens }: PlanWishes): readonly KnownToken[] {
  return situation.tokens.filter(({ serial }) => tokens.includes(serial))
}

/**
 * From a key on disk, or another token, to a token. Phones have no TVS unless one was set up, so the new token’s
 * certificate must stand as SAST in a file that the old key signed, and every phone must have fetched that one.
 */
export function asteriskSigner(ground: PlanGround, wishes: PlanWishes): Plan | NoPlan {
  const id = 'asterisk-signer'
  const tokens = chosenTokens(id, ground, wishes)
  if (isNoPlan(tokens)) return tokens
  const { all, signer } = tokens
  const bridge = isListedSast(ground, signer) ? [] : bridgeSteps(ground, all)
  if (isNoPlan(bridge)) return bridge
  const steps = numbered([
    keepFiles(ground),
    hardStop(probed(ground)),
    ...bridge,
    ...composeAndSign(recipeOnFile(ground, signer, all, wishes.edits), signer),
    ...publish(ground, 'new'),
    ...phonesTake('new', [], 'asterisk'),
  ])
  const bridging = oldSigner(ground)
  return usual(ground, id, 'Change of signer to a token', steps, {
    tokens: bridge.length > 0 && bridging !== undefined ? [bridging, ...all] : all,
    assumptions: [
      bridge.length > 0
        ? 'Phones take the first file by the old signer, and the second because the first lists the new one. None needs TVS.'
        : 'The file that phones hold lists the token: they take the next one by it. That every phone has fetched that file is not seen from here.',
    ],
  })
}

const oldSigner = ({ file, situation }: PlanGround): KnownToken | undefined =>
  situation.tokens.find((token) =>
    file?.sast.some(({ sha256, isSigner }) => isSigner && sha256 === token.sha256),
  )

function bridgeSteps(ground: PlanGround, all: readonly KnownToken[]): Draft[] | NoPlan {
  const old = oldSigner(ground)
  if (old !== undefined) {
    const names = { draft: 'bridge-draft', signed: 'bridge' } as const
    return [
      ...composeAndSign(recipeOnFile(ground, old, all, []), old, names),
      ...publish(ground, 'bridge'),
      ...phonesTake('bridge', [], 'asterisk'),
    ]
  }
  const unlisted = all.filter((token) => !isListedSast(ground, token))
  const serials = unlisted.map(({ serial }) => serial)
  const exports = unlisted.map(exportCommand)
  const added = serials.map((serial) => ` --add token=${serial}.pem`).join('')
  return {
    id: 'asterisk-signer',
    impossible: `The file that phones hold does not list ${andList(serials)}, and the key that signed it is not on a token known here.`,
    instead: `A file that lists the token and that the old key signs must come first. With the old file as CTLFile.tlv: ${exports.join('; ')}; ctl-bridge compose CTLFile.tlv${added} --out draft.tlv. Let the old key sign the draft where it is (a token: ctl-bridge request make, docs/signing-elsewhere.md; a key on a disk: your own tool), put it into the TFTP root, and have every phone fetch it. Then plan again.`,
  }
}

const recipeOnFile = (
  ground: PlanGround,
  signer: KnownToken,
  tokens: readonly KnownToken[],
  edits: readonly CtlEdit[],
): CtlRecipe => ({
  base: 'before',
  mode: 'keep',
  signer: signer.sha256,
  sast: sastAfter(ground, edits, tokens),
  edits,
})

const signedSteps = (ground: PlanGround, recipe: CtlRecipe, signer: KnownToken): Plan['steps'] =>
  numbered([
    keepFiles(ground),
    hardStop(probed(ground)),
    ...composeAndSign(recipe, signer),
    ...publish(ground, 'new'),
    ...phonesTake('new', [], 'asterisk'),
  ])
