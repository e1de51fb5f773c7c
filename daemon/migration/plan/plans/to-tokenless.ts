/** Tokens → tokenless: on 12.0 and later by a rule of Cisco's, on 10.x over a bridge (domain facts §6). */
import type { KnownToken } from '../../situation/situation.js'
import { type ServerSigner, updateCtlFile } from '../command-steps.js'
import { type PlanGround, sha256 } from '../ground.js'
import type { CtlRecipe, NoPlan, Plan } from '../plan.js'
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
} from '../steps.js'
import {
  isListedSast,
  isNoPlan,
  lists,
  noCommandLine,
  noTokenCtl,
  signerOfFile,
  tokenlessCertificates,
  tokenlessSigner,
  tokenlessSignerCertificate,
  unknownToken,
  usual,
} from '../usual.js'
import type { PlanWishes } from '../wishes.js'

const id = 'tokens-to-tokenless'

/** How phones come to trust who signs the tokenless file. */
type Way =
  /** The file that they hold lists it. */
  | { readonly by: 'file' }
  | { readonly by: 'bridge'; readonly token: KnownToken }
  | { readonly by: 'tvs'; readonly certificate: Uint8Array }

export function toTokenless(ground: PlanGround, wishes: PlanWishes): Plan | NoPlan {
  const signer = tokenlessSigner(ground)
  if (signer === undefined) return noCommandLine(id, ground)
  const way = wayOf(ground, wishes)
  if (isNoPlan(way)) return way
  const steps = numbered([
    keepFiles(ground),
    ...before(ground, way),
    ...updateCtlFile(ground, signer, { by: 'restoring-files' }),
    ...phonesTake('new', restartServices(ground)),
  ])
  return usual(ground, id, 'From tokens to tokenless', steps, {
    ...(way.by === 'bridge' && { tokens: [way.token] }),
    assumptions: assumptionsOf(way, signer, ground),
  })
}

function wayOf(ground: PlanGround, wishes: PlanWishes): Way | NoPlan {
  const certificate = tokenlessSignerCertificate(ground)
  if (certificate === undefined) {
    return {
      id,
      impossible:
        'The certificate that will sign the tokenless file is in no CTL and no ITL that was read, so nobody can say which phones would take it.',
      instead: 'See that the publisher serves its ITL, then plan again.',
    }
  }
  if (lists(ground.file, certificate)) return { by: 'file' }
  const named = [...(wishes.signer === undefined ? [] : [wishes.signer]), ...wishes.tokens]
  const missing = unknownToken(id, ground, named)
  if (missing !== undefined) return missing
  if (wishes.tokensLost === true) return { by: 'tvs', certificate }
  const barred = noTokenCtl(ground)
  if (barred !== undefined) {
    return {
      id,
      code: 'RELEASE_TOO_NEW',
      impossible: `The file that phones hold does not list who will sign, and a bridge would be a file of tokens. ${barred}`,
      instead:
        '--tokens-lost goes through TVS alone, and strands devices without Security By Default. Before an upgrade it goes without that.',
    }
  }
  const token = signerOfFile(ground, wishes)
  if (token !== undefined && isListedSast(ground, token)) return { by: 'bridge', token }
  return {
    id,
    impossible:
      'The bridge must be signed by a token of the file that phones hold, and none of those is known here.',
    instead:
      'Plug in one of the tokens of that file. If all are lost: --tokens-lost goes through TVS alone, and strands devices without Security By Default.',
  }
}

function before(ground: PlanGround, way: Way): Draft[] {
  if (way.by === 'file') return [hardStop()]
  if (way.by === 'tvs') return [hardStop([trusted(ground, [{ sha256: sha256(way.certificate) }])])]
  const recipe: CtlRecipe = {
    base: 'before',
    mode: 'keep',
    signer: way.token.sha256,
    sast: [
      ...(ground.file?.sast.map((listed) => listed.sha256) ?? []),
      ...tokenlessCertificates(ground)
        .filter((der) => !lists(ground.file, der))
        .map(sha256),
    ],
    edits: [],
  }
  return [
    hardStop(probed(ground)),
    ...composeAndSign(recipe, way.token, { draft: 'bridge-draft', signed: 'bridge' }),
    ...publish(ground, 'bridge'),
    ...phonesTake('bridge'),
  ]
}

function assumptionsOf(way: Way, signer: ServerSigner, { rules }: PlanGround): string[] {
  const name = signer === 'itl-recovery' ? 'ITLRecovery' : 'CallManager'
  if (way.by === 'bridge') {
    return [
      `A file that a token signs and that lists ${name} as SAST goes first, so that phones take the next one by it and need no TVS. This is inferred, and the pilots show it.`,
    ]
  }
  if (way.by === 'tvs') {
    return [
      `Phones ask TVS for ${name}, whose certificate it has in its database. Devices without Security By Default cannot ask, and keep the old file.`,
    ]
  }
  const isRule = (rules?.from[0] ?? 0) >= 12
  return [
    `The file that is served lists ${name}, which will sign: phones that hold it take the next one by it.`,
    ...(isRule
      ? [
          'Cisco asks that phones hold a CTL that tokens signed on 12.0 or later. On which release this one was made does not stand in it.',
        ]
      : []),
  ]
}
