/** What most plans share: their frame, the tokens that were chosen, and which servers stand as SAST beside them. */
import { sameBytes } from '../../ctl/bytes.js'
import type { KnownToken } from '../situation/situation.js'
import type { ServerSigner } from './command-steps.js'
import { type CurrentFile, itlEntries, type PlanGround, sha256, tokensOf } from './ground.js'
import { interruptionsOf } from './interruptions.js'
import { andList } from './list.js'
import type { CtlEdit, NoPlan, Plan, PlanId, Step } from './plan.js'
import { withoutCti } from './restarts.js'
import type { PlanWishes } from './wishes.js'

export const isNoPlan = (value: object): value is NoPlan => 'impossible' in value

export interface PlanFrame {
  readonly tokens?: readonly KnownToken[]
  readonly assumptions?: readonly string[]
  /** Beside those that the steps bring. */
  readonly interruptions?: readonly string[]
}

/** What phones hold is seen on their screens alone (domain facts §6). */
const assumedHeld =
  'Phones are taken to hold the file that is served now. What one of them really holds is seen on its screen alone.'

export function usual(
  ground: PlanGround,
  id: PlanId,
  title: string,
  steps: readonly Step[],
  { tokens = [], assumptions = [], interruptions = [] }: PlanFrame = {},
): Plan {
  const isForPhones = steps.some(({ does }) => does.do === 'reset-phones')
  return {
    id,
    cluster: ground.situation.cluster,
    title,
    release: ground.releaseText,
    steps,
    tokens: tokens.map(({ serial }) => serial),
    assumptions: [
      ...assumptions,
      ...(isForPhones && ground.file !== undefined ? [assumedHeld] : []),
      ...ctiLeftOut(ground, steps),
    ],
    interruptions: [...interruptionsOf(ground, steps), ...interruptions],
  }
}

function ctiLeftOut(ground: PlanGround, steps: readonly Step[]): string[] {
  const restarts = steps.some(({ does }) => does.do === 'restart' && does.service === 'Cisco CallManager')
  const nodes = withoutCti(ground)
  return restarts && nodes.length > 0
    ? [`Cisco CTIManager does not run on ${andList(nodes)}, so it is not restarted there.`]
    : []
}

export interface ChosenTokens {
  /** In the order of the file. */
  readonly all: readonly KnownToken[]
  readonly signer: KnownToken
}

/** At least one; that Cisco asks for two is a finding. */
export function chosenTokens(
  id: PlanId,
  ground: PlanGround,
  { tokens, signer }: PlanWishes,
): ChosenTokens | NoPlan {
  const serials = [...new Set(tokens)]
  const missing = unknownToken(id, ground, serials)
  if (missing !== undefined) return missing
  const all = tokensOf(ground, serials).filter((token) => token !== undefined)
  const chosen = all.find(({ serial }) => serial === (signer ?? serials.at(-1)))
  if (chosen !== undefined) return { all, signer: chosen }
  if (all.length > 0) {
    return {
      id,
      impossible: `Token ${signer ?? ''} is to sign and is not among the tokens named.`,
      instead: 'Name it with --token as well.',
    }
  }
  return {
    id,
    impossible: 'No token is named.',
    instead:
      'Name each with --token SERIAL; the last one signs. On CUCM two at least, kept apart: if the only one is lost, every phone must be cleared by hand.',
  }
}

export function unknownToken(id: PlanId, ground: PlanGround, serials: readonly string[]): NoPlan | undefined {
  const known = tokensOf(ground, serials)
  const missing = serials.find((_, index) => known[index] === undefined)
  if (missing === undefined) return undefined
  return {
    id,
    impossible: `No token ${missing} with a certificate that may sign was ever seen here.`,
    instead: 'Plug it in once, so that its certificate is known: ctl-bridge tokens. It need not stay.',
  }
}

/** Whether the certificate may sign for phones that hold the file which is served now. */
export const isListedSast = ({ file }: PlanGround, { certificate }: KnownToken): boolean =>
  file?.sast.some((listed) => sameBytes(listed.certificate, certificate)) === true

/**
 * The token that signs for phones which hold the file of now: the one named; else of those named, the last that the
 * file lists; else one of the file that is known here, rather one that is plugged in.
 */
export function signerOfFile(ground: PlanGround, wishes: PlanWishes): KnownToken | undefined {
  const { tokens } = ground.situation
  if (wishes.signer !== undefined) return tokens.find(({ serial }) => serial === wishes.signer)
  const listed = tokens.filter((token) => isListedSast(ground, token))
  const named = wishes.tokens.flatMap((serial) => listed.find((token) => token.serial === serial) ?? [])
  return named.at(-1) ?? listed.find(({ isPluggedIn }) => isPluggedIn) ?? listed[0]
}

/** SAST of the file of now after these edits, then those that come in: SHA-256, each once. */
export function sastAfter(
  { file }: PlanGround,
  edits: readonly CtlEdit[],
  added: readonly Pick<KnownToken, 'sha256'>[],
): string[] {
  const own = (file?.sast ?? []).flatMap(({ sha256: sum }) => {
    const edit = edits.find((one) => one.edit !== 'add' && one.edit !== 'address' && one.certificate === sum)
    if (edit === undefined) return [sum]
    return edit.edit === 'replace' ? [edit.by] : []
  })
  return [...new Set([...own, ...added.map(({ sha256: sum }) => sum)])]
}

/** From 11.5 on a token CTL lists ITLRecovery and CallManager, too: as the file or the ITL of the publisher holds them. */
export function serverSast(ground: PlanGround): string[] {
  const rule = ground.rules?.token
  if (rule === undefined || 'impossible' in rule) return []
  return rule.holders
    .filter((holder) => holder !== 'token')
    .flatMap((holder) => certificateOfServer(ground, holder) ?? [])
    .map(sha256)
}

/** Who signs a tokenless file on this release; undefined where there is no `utils ctl`. */
export function tokenlessSigner({ rules }: PlanGround): ServerSigner | undefined {
  if (rules === undefined || 'impossible' in rules.tokenless) return undefined
  const [first] = rules.tokenless.holders
  return first === 'token' ? undefined : first
}

/** The SAST certificates of the tokenless file to come, signer first, as far as a CTL or ITL shows them. */
export function tokenlessCertificates(ground: PlanGround): Uint8Array[] {
  const { rules } = ground
  if (rules === undefined || 'impossible' in rules.tokenless) return []
  return rules.tokenless.holders.flatMap((holder) =>
    holder === 'token' ? [] : (certificateOfServer(ground, holder) ?? []),
  )
}

/** That of the one who signs a tokenless file, whatever else is known. */
export function tokenlessSignerCertificate(ground: PlanGround): Uint8Array | undefined {
  const holder = tokenlessSigner(ground)
  return holder && certificateOfServer(ground, holder)
}

const CCM_TFTP = 2

/** The ITL is made anew with each certificate, the CTL is not: so the ITL comes first. */
export function certificateOfServer(ground: PlanGround, holder: ServerSigner): Uint8Array | undefined {
  const { file, publisher } = ground
  const entries = itlEntries(ground)
  const own = entries.filter(({ node }) => node === publisher)
  const inItl =
    holder === 'itl-recovery'
      ? (own.find(({ isRecovery }) => isRecovery) ?? entries.find(({ isRecovery }) => isRecovery))
      : own.find(({ role }) => role === CCM_TFTP)
  return inItl?.certificate ?? file?.sast.find((sast) => sast.holder === holder)?.certificate
}

/** Why this release takes no CTL of tokens, however it came to have one. */
export function noTokenCtl({ rules }: PlanGround): string | undefined {
  return rules !== undefined && 'impossible' in rules.token ? rules.token.impossible : undefined
}

export const lists = (file: CurrentFile | undefined, der: Uint8Array | undefined): boolean =>
  der !== undefined && file?.sast.some(({ certificate }) => sameBytes(certificate, der)) === true

/** `utils ctl` is not there, or it is not known whether it is. */
export function noCommandLine(id: PlanId, { rules, releaseText }: PlanGround): NoPlan {
  const isOld = rules !== undefined && 'impossible' in rules.tokenless
  const why = isOld
    ? `${'impossible' in rules.tokenless ? rules.tokenless.impossible : ''} The mode can be set by \`utils ctl set-cluster\` or the CTL Client only.`
    : `Whether CUCM ${releaseText ?? '(release not known)'} has \`utils ctl\` is not known.`
  return {
    id,
    ...(isOld && { code: 'RELEASE_TOO_OLD' as const }),
    impossible: why,
    instead: isOld
      ? 'Set the mode with the CTL Client. A token CTL that is there can be updated: update-token-ctl.'
      : 'Give release in the cluster’s settings, or the AXL user.',
  }
}
