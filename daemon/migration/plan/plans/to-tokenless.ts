/** Tokens → tokenless: on 12.0 and later by a rule of Cisco's, on 10.x over a bridge (domain facts §6). */
import { type PlanGround, sha256 } from '../ground.js'
import type { CtlRecipe, NoPlan, Plan } from '../plan.js'
import {
  composeAndSign,
  type Draft,
  hardStop,
  keepFiles,
  numbered,
  onCommandLine,
  phonesTake,
  probed,
  publish,
  restartCallManagers,
  serveBuilt,
} from '../steps.js'
import { isListedSast, noCommandLine, tokenlessCertificates, tokenlessSigner, usual } from '../usual.js'
import type { PlanWishes } from '../wishes.js'

export function toTokenless(ground: PlanGround, wishes: PlanWishes): Plan | NoPlan {
  const id = 'tokens-to-tokenless'
  const signer = tokenlessSigner(ground)
  if (signer === undefined) return noCommandLine(id, ground)
  const servers = tokenlessCertificates(ground)
  const first = servers[0]
  const isBridged =
    first !== undefined && ground.file?.sast.some((listed) => listed.sha256 === sha256(first)) === true
  const bridge = isBridged ? { drafts: [], token: undefined } : bridgeDrafts(ground, wishes, servers)
  if ('impossible' in bridge) return { id, ...bridge }
  const steps = numbered([
    keepFiles(ground),
    hardStop(bridge.drafts.length > 0 ? [probed(ground)] : []),
    ...bridge.drafts,
    onCommandLine(ground, 'update-ctl-file', { do: 'update-ctl-file' }, 'utils ctl update CTLFile', [], {
      undo: { by: 'restoring-files' },
    }),
    ...serveBuilt(ground, signer),
    ...phonesTake('new', restartCallManagers(ground)),
  ])
  return {
    ...usual(ground, id, 'From tokens to tokenless', steps),
    tokens: bridge.token === undefined ? [] : [bridge.token],
    assumptions: isBridged
      ? [
          'The file that phones hold lists the certificate that will sign; Cisco asks on 12.0 that phones have fetched it first.',
        ]
      : [
          'A file signed by a token that lists the servers’ certificates as SAST goes first, so that phones take the next one without TVS. This is inferred, and the pilots show it.',
        ],
    interruptions: [
      `Each phone restarts ${isBridged ? 'once' : 'twice: for the bridge, then for the tokenless file'}.`,
    ],
  }
}

type Bridge =
  | { readonly drafts: readonly Draft[]; readonly token: string | undefined }
  | { readonly impossible: string; readonly instead: string }

function bridgeDrafts(
  ground: PlanGround,
  { signer, tokens }: PlanWishes,
  servers: readonly Uint8Array[],
): Bridge {
  if (servers.length === 0) {
    return {
      impossible: 'The certificate that will sign the tokenless file is in no CTL and no ITL that was read.',
      instead: 'See that the TFTP nodes serve their ITL, then look again.',
    }
  }
  const serial = signer ?? tokens.at(-1)
  const token = ground.situation.tokens.find((known) =>
    serial === undefined ? isListedSast(ground, known) : known.serial === serial,
  )
  if (token === undefined || !isListedSast(ground, token)) {
    return {
      impossible:
        'The bridge must be signed by a token of the file that phones hold, and none of those is known here.',
      instead:
        'Plug in one of the tokens of that file. Without any, the update goes through TVS only and strands devices without Security By Default.',
    }
  }
  const recipe: CtlRecipe = {
    base: 'before',
    mode: 'keep',
    signer: token.sha256,
    sast: [...(ground.file?.sast.map((listed) => listed.sha256) ?? []), ...servers.map(sha256)],
    edits: [],
  }
  return {
    token: token.serial,
    drafts: [
      ...composeAndSign(recipe, token, { draft: 'bridge-draft', signed: 'bridge' }),
      ...publish(ground, 'bridge'),
      ...phonesTake('bridge'),
    ],
  }
}
