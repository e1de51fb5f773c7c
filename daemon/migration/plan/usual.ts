/** What most plans share: their frame, the tokens that were chosen, and which servers stand as SAST beside them. */
import { sameBytes } from '../../ctl/bytes.js'
import type { KnownToken } from '../situation/situation.js'
import { itlEntries, type PlanGround, tokensOf } from './ground.js'
import type { NoPlan, Plan, PlanId, Step } from './plan.js'
import type { PlanWishes } from './wishes.js'

export const isNoPlan = (value: object): value is NoPlan => 'impossible' in value

export function usual(ground: PlanGround, id: PlanId, title: string, steps: readonly Step[]): Plan {
  return {
    id,
    cluster: ground.situation.cluster,
    title,
    release: ground.releaseText,
    steps,
    tokens: [],
    assumptions: [],
    interruptions: [],
  }
}

export interface ChosenTokens {
  /** In the order of the file. */
  readonly all: readonly KnownToken[]
  readonly signer: KnownToken
}

/** Cisco asks for two tokens at least, kept apart; Asterisk needs one. */
export function chosenTokens(
  id: PlanId,
  ground: PlanGround,
  { tokens, signer }: PlanWishes,
  least = ground.situation.kind === 'cucm' ? 2 : 1,
): ChosenTokens | NoPlan {
  const known = tokensOf(ground, tokens)
  const missing = tokens.find((_, index) => known[index] === undefined)
  if (missing !== undefined) {
    return {
      id,
      impossible: `No token ${missing} with a certificate was ever seen here.`,
      instead: 'Plug it in once, so that its certificate is known: ctl-bridge tokens.',
    }
  }
  const all = known.filter((token) => token !== undefined)
  if (all.length < least) {
    return {
      id,
      impossible: `The plan needs ${least} ${least === 1 ? 'token' : 'tokens'}, and ${all.length} ${all.length === 1 ? 'is' : 'are'} named.`,
      instead:
        'Name them with --token SERIAL, each once. A lost token cannot be replaced later if it was the only one.',
    }
  }
  const chosen = all.find(({ serial }) => serial === (signer ?? tokens.at(-1)))
  if (chosen === undefined) {
    return {
      id,
      impossible: `Token ${signer ?? ''} is to sign and is not among the tokens named.`,
      instead: 'Name it with --token as well.',
    }
  }
  return { all, signer: chosen }
}

/** From 11.5 on a token CTL lists ITLRecovery and CallManager, too: those that the file or the ITL of the publisher holds. */
export function serverSast({ rules, file }: PlanGround): string[] {
  const rule = rules?.token
  if (rule === undefined || 'impossible' in rule) return []
  return (['itl-recovery', 'call-manager'] as const)
    .filter((holder) => rule.holders.includes(holder))
    .flatMap((holder) => file?.sast.find((listed) => listed.holder === holder)?.sha256 ?? [])
}

/** Whether the certificate may sign for phones that hold the file which is served now. */
export const isListedSast = ({ file }: PlanGround, { certificate }: KnownToken): boolean =>
  file?.sast.some((listed) => sameBytes(listed.certificate, certificate)) === true

/** Who signs a tokenless file on this release; undefined where there is no `utils ctl`. */
export function tokenlessSigner({ rules }: PlanGround): 'call-manager' | 'itl-recovery' | undefined {
  if (rules === undefined || 'impossible' in rules.tokenless) return undefined
  const [first] = rules.tokenless.holders
  return first === 'token' ? undefined : first
}

/** The SAST certificates of the tokenless file to come, signer first, as far as a CTL or ITL shows them. */
export function tokenlessCertificates(ground: PlanGround): Uint8Array[] {
  const { rules, file, publisher } = ground
  if (rules === undefined || 'impossible' in rules.tokenless) return []
  const entries = itlEntries(ground)
  return rules.tokenless.holders.flatMap((holder) => {
    const listed = file?.sast.find((sast) => sast.holder === holder)?.certificate
    const inItl = entries.find(({ isRecovery, role, node }) =>
      holder === 'itl-recovery' ? isRecovery : role === CCM_TFTP && node === publisher,
    )?.certificate
    return inItl ?? listed ?? []
  })
}

const CCM_TFTP = 2

export function noCommandLine(id: PlanId, { rules, releaseText }: PlanGround): NoPlan {
  const why =
    rules !== undefined && 'impossible' in rules.tokenless
      ? rules.tokenless.impossible
      : `Whether CUCM ${releaseText ?? '(release not known)'} has \`utils ctl\` is not known.`
  return {
    id,
    impossible: `${why} The mode can be set by \`utils ctl set-cluster\` or the CTL Client only.`,
    instead: 'On 9.1 set the mode with the CTL Client; a token CTL that is there can be updated.',
  }
}
