/** Mixed → non-secure (TAC 118892), with a token’s file of stubs or by the command line alone. */
import type { KnownToken } from '../../situation/situation.js'
import {
  builtNotServed,
  type ServerSigner,
  serveBuilt,
  setMode,
  setModeBeforeFile,
} from '../command-steps.js'
import { type PlanGround, sha256 } from '../ground.js'
import type { CtlRecipe, NoPlan, Plan } from '../plan.js'
import { restartServices } from '../restarts.js'
import {
  composeAndSign,
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
  lists,
  noCommandLine,
  noTokenCtl,
  signerOfFile,
  tokenlessSigner,
  tokenlessSignerCertificate,
  unknownToken,
  usual,
} from '../usual.js'
import type { PlanWishes } from '../wishes.js'

const id = 'non-secure'
const unencrypted = 'Calls are no longer encrypted.'

export function nonSecure(ground: PlanGround, wishes: PlanWishes): Plan | NoPlan {
  const holder = tokenlessSigner(ground)
  if (holder === undefined) return noCommandLine(id, ground)
  const named = [...wishes.tokens, ...(wishes.signer === undefined ? [] : [wishes.signer])]
  const missing = unknownToken(id, ground, named)
  if (missing !== undefined) return missing
  if (ground.file?.kind !== 'token') return byCommandLine(ground, holder)
  const barred = noTokenCtl(ground)
  const token = wishes.tokensLost === true || barred !== undefined ? undefined : signerOfFile(ground, wishes)
  if (token !== undefined && isListedSast(ground, token)) return byToken(ground, token)
  const isTrusted = lists(ground.file, tokenlessSignerCertificate(ground))
  if (isTrusted || wishes.tokensLost === true) return byCommandLine(ground, holder)
  return {
    id,
    ...(barred !== undefined && { code: 'RELEASE_TOO_NEW' as const }),
    impossible:
      barred === undefined
        ? 'Phones hold a file of tokens, and no token of it is known here that could sign the next one.'
        : `Phones hold a file of tokens that does not list who signs for utils ctl, and a token is to sign none. ${barred}`,
    instead: `${barred === undefined ? 'Plug in a token of that file. If all are lost:' : 'Without a token:'} --tokens-lost goes by the command line and through TVS alone, and strands devices without Security By Default.`,
  }
}

/** The command line builds the file. */
function byCommandLine(ground: PlanGround, holder: ServerSigner): Plan {
  const certificate = tokenlessSignerCertificate(ground)
  const isTrusted = lists(ground.file, certificate)
  const tvs =
    isTrusted || certificate === undefined ? [] : [trusted(ground, [{ sha256: sha256(certificate) }])]
  const steps = numbered([
    keepFiles(ground),
    hardStop(tvs),
    setMode(ground, 'non-secure'),
    ...serveBuilt(ground, holder),
    ...phonesTake('new', restartServices(ground)),
  ])
  return usual(ground, id, 'From mixed mode to non-secure, by the command line', steps, {
    assumptions: [
      isTrusted
        ? 'The file that phones hold lists who signs the one that utils ctl builds.'
        : 'The file that phones hold does not list who signs the one that utils ctl builds: they ask TVS.',
    ],
    interruptions: [unencrypted],
  })
}

/** TAC 118893 prints such a file: tokens, CAPF, and servers without certificates. */
function byToken(ground: PlanGround, token: KnownToken): Plan {
  const recipe: CtlRecipe = { base: 'before', mode: 'non-secure', signer: token.sha256, sast: [], edits: [] }
  const steps = numbered([
    keepFiles(ground),
    hardStop(probed(ground)),
    ...composeAndSign(recipe, token),
    setModeBeforeFile(ground, 'non-secure'),
    builtNotServed(ground),
    ...publish(ground, 'new'),
    ...phonesTake('new', restartServices(ground)),
  ])
  return usual(ground, id, 'From mixed mode with tokens to non-secure', steps, {
    tokens: [token],
    assumptions: [
      'The command line builds a tokenless file as it changes the mode; the token’s file goes over it before anything is restarted.',
    ],
    interruptions: [
      unencrypted,
      'From the change of mode to the last restart of Cisco Tftp, nothing else may be restarted or reset: a phone that starts in between may be offered the file of utils ctl.',
    ],
  })
}
