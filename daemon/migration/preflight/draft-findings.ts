/** What the files to come will be like: composed now, as they will be then. */
import { CtlError } from '../../ctl/ctl-error.js'
import { CTL_SIZE_CEILING, decodeCtlFile } from '../../ctl/ctl-file.js'
import { certificateOf, functionOf } from '../../ctl/record-fields.js'
import { toProblem } from '../../problems.js'
import { readCertificateParts } from '../../trust/certificate/certificate-parts.js'
import { attributeOf, commonName } from '../../trust/certificate/distinguished-name.js'
import type { Finding } from '../../trust/verify/verdict.js'
import { verifyCtlFile } from '../../trust/verify/verify-ctl-file.js'
import { certificateNamed } from '../plan/certificate-named.js'
import { composeRecipe } from '../plan/compose-recipe.js'
import { itlEntries, type PlanGround, readCurrentFile, sha256 } from '../plan/ground.js'
import type { ArtifactName, CtlRecipe, Plan } from '../plan/plan.js'
import { found, type PreflightFinding } from './finding.js'
import { recipeOf } from './planned-files.js'
import type { PreflightRequest } from './preflight.js'

export function draftFindings(request: PreflightRequest): PreflightFinding[] {
  const { plan, ground } = request
  const recipes = recipesOf(plan)
  const drafts = recipes.map(({ recipe }) => composed(recipe, ground))
  const files = drafts.flatMap(({ draft }) => draft ?? [])
  const changed = recipes.length > 0 || plan.id === 'rollback' ? files : servedNow(ground)
  return [
    ...recipes.flatMap(({ recipe }) => tokenCount(recipe, ground)),
    ...drafts.flatMap(({ problem }) => problem ?? []),
    ...once(changed.flatMap((file) => certificatesOf(file, ground))),
    ...drafts.flatMap(({ draft }, index) => {
      const mode = recipes[index]?.recipe.mode
      return draft === undefined || mode === 'non-secure' ? [] : unlisted(draft, ground, mode)
    }),
  ]
}

/** Of files that a way back puts onto the nodes again: servers may have got other certificates since their day. */
export function putBackFindings(files: readonly Uint8Array[], ground: PlanGround): PreflightFinding[] {
  const readable = files.flatMap((bytes) => {
    const file = readCurrentFile(bytes)
    return file === undefined ? [] : [file]
  })
  return once(
    readable.flatMap(({ bytes, isStubs }) => [
      ...certificatesOf(bytes, ground),
      ...(isStubs ? [] : unlistedIn(bytes, ground, 'the file from before')),
    ]),
  )
}

const servedNow = ({ file }: PlanGround): Uint8Array[] => (file === undefined ? [] : [file.bytes])

function recipesOf({ steps }: Plan): { readonly artifact: ArtifactName; readonly recipe: CtlRecipe }[] {
  const actions = steps.map(({ does }) => does)
  return actions.flatMap((does) => {
    if (does.do !== 'sign') return []
    const recipe = recipeOf(does.artifact, actions)
    return recipe === undefined ? [] : [{ artifact: does.artifact, recipe }]
  })
}

/** Cisco asks for two tokens in a file that is made for them; what is taken away from one that was is another thing. */
function tokenCount({ mode, sast }: CtlRecipe, { situation, file }: PlanGround): PreflightFinding[] {
  const isToken = (sum: string) =>
    situation.tokens.some((token) => token.sha256 === sum) ||
    file?.sast.some((listed) => listed.sha256 === sum && listed.holder === 'token') === true
  const count = sast.filter(isToken).length
  if (count > 1 || sast.length === 0) return []
  if (mode === 'token') return [found('TOKENS_TOO_FEW', 'The plan names one token.')]
  return sast.length === 1 || situation.kind === 'cucm'
    ? [found('ONE_TOKEN_LEFT', 'The new file lists one token.')]
    : []
}

interface Composed {
  readonly draft?: Uint8Array
  readonly problem?: PreflightFinding
}

function composed(recipe: CtlRecipe, { situation, file, releaseText }: PlanGround): Composed {
  try {
    if (recipe.base === 'before' && file === undefined) return {}
    const draft = composeRecipe(recipe, {
      base: recipe.base === 'before' && file !== undefined ? file.bytes : 'none',
      release: releaseText,
      situation,
      certificate: (sum) => certificateNamed(situation, sum),
      at: new Date(situation.at),
    })
    return { draft }
  } catch (error) {
    const { code, detail } = toProblem(error)
    if (error instanceof CtlError && code === 'CTL_OVER_CEILING') {
      return { problem: found('FILE_TOO_LARGE', `${detail} (${CTL_SIZE_CEILING} bytes are 64 KiB.)`) }
    }
    return { problem: found('DRAFT_REFUSED', `${detail} (${code})`) }
  }
}

const codes: Readonly<Partial<Record<Finding['code'], PreflightFinding['code']>>> = {
  CERTIFICATE_EXPIRED: 'CERTIFICATE_EXPIRED',
  CERTIFICATE_EXPIRES_SOON: 'CERTIFICATE_EXPIRES_SOON',
  CERTIFICATE_NOT_YET_VALID: 'CERTIFICATE_NOT_YET_VALID',
  KEY_BREAKABLE: 'CERTIFICATE_WEAK',
  CERTIFICATE_HASH_BROKEN: 'CERTIFICATE_WEAK',
}

function certificatesOf(bytes: Uint8Array, { situation }: PlanGround): PreflightFinding[] {
  const { records } = decodeCtlFile(bytes)
  return verifyCtlFile(bytes, { at: new Date(situation.at) }).findings.flatMap(
    ({ code, detail, record: number }) => {
      const own = codes[code]
      const record = number === undefined ? undefined : records[number - 1]
      const der = record && certificateOf(record)
      if (own === undefined || der === undefined) return []
      const token = situation.tokens.find((known) => known.sha256 === sha256(der))
      const name =
        token?.serial ?? attributeOf(readCertificateParts(der).subjectName, commonName)?.trim() ?? ''
      return [found(own, `${token === undefined ? name : `Token ${name}`}: ${detail}`, { at: name })]
    },
  )
}

/** The publisher stands twice in most files. */
function once(findings: readonly PreflightFinding[]): PreflightFinding[] {
  const keys = new Set<string>()
  return findings.filter(({ code, at }) => {
    const key = `${code} ${at}`
    return !keys.has(key) && keys.add(key) !== undefined
  })
}

const CCM_TFTP = 2

/** Each CallManager as its own ITL names it. */
function unlisted(
  draft: Uint8Array,
  ground: PlanGround,
  mode: CtlRecipe['mode'] | undefined,
): PreflightFinding[] {
  return mode === 'keep' && ground.file?.isStubs === true ? [] : unlistedIn(draft, ground, 'the new file')
}

function unlistedIn(
  file: Uint8Array,
  ground: PlanGround,
  name: 'the new file' | 'the file from before',
): PreflightFinding[] {
  const listed = new Set(
    decodeCtlFile(file)
      .records.filter((record) => functionOf(record) !== 0)
      .flatMap((record) => certificateOf(record) ?? [])
      .map(sha256),
  )
  return itlEntries(ground).flatMap(({ node, role, sha256: sum }) => {
    const isServer = role === CCM_TFTP && ground.callManagers.includes(node)
    if (!isServer || listed.has(sum)) return []
    return [
      found(
        'SERVER_NOT_LISTED',
        `The ITL of ${node} names a CallManager certificate with SHA-256 ${sum.slice(0, 16)}…, and ${name} does not list it.`,
        { at: node },
      ),
    ]
  })
}
