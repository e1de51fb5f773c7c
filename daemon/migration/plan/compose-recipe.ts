/** What a plan wants of a CTL → a draft of `trust/compose`. Pure: the same files and time give the same bytes. */
import { BridgeError } from '../../bridge-error.js'
import { sameBytes } from '../../ctl/bytes.js'
import { type CtlFile, decodeCtlFile } from '../../ctl/ctl-file.js'
import { timestampOf } from '../../ctl/header-fields.js'
import { certificateOf, functionOf, parseIpAddress, recordValue } from '../../ctl/record-fields.js'
import { recordTag, SAST } from '../../ctl/tags.js'
import { compose } from '../../trust/compose/composition.js'
import type { WantedRecord } from '../../trust/compose/wanted-record.js'
import type { Situation } from '../situation/situation.js'
import { sha256 } from './ground.js'
import type { CtlEdit, CtlRecipe } from './plan.js'

export interface Ingredients {
  /** The file that stood before; `none` where the recipe begins with nothing. */
  readonly base: Uint8Array | 'none'
  readonly release: string | undefined
  readonly situation: Situation
  /** A certificate by its SHA-256. */
  readonly certificate: (sum: string) => Uint8Array | undefined
  readonly at: Date
}

/** Throws CTL_… and CERTIFICATE_UNKNOWN. */
export function composeRecipe(recipe: CtlRecipe, given: Ingredients): Uint8Array {
  const ingredients = withEdits(given, recipe)
  const { base: bytes, release, at } = ingredients
  const base = bytes === 'none' ? undefined : decodeCtlFile(bytes)
  const { mode } = recipe
  const isAsterisk = ingredients.situation.kind === 'asterisk'
  const signer = certificateFor(ingredients, recipe.signer)
  const records = [...sastRecords(recipe, base, ingredients), ...otherRecords(recipe, base, ingredients)]
  const { draft } = compose(
    {
      ...(bytes !== 'none' && { base: bytes }),
      // Nobody but certutils makes files for it; what that writes into the header beside the usual must survive.
      ...(isAsterisk && (base === undefined ? { profile: 'certutils' as const } : { keepHeader: true })),
      ...(mode !== 'keep' && { mode, ...(release !== undefined && { release }) }),
      timestamp: timestampAfter(base, at),
      signer,
      records,
    },
    at,
  )
  return draft
}

/** Certificates that came with the wishes, because no file of the cluster holds them. */
function withEdits(given: Ingredients, { edits }: CtlRecipe): Ingredients {
  const came = edits.flatMap((edit) => ('der' in edit && edit.der !== undefined ? [edit.der] : []))
  return { ...given, certificate: (sum) => given.certificate(sum) ?? came.find((der) => sha256(der) === sum) }
}

/** Never older than the file before: whether a phone takes an older one is not known. */
function timestampAfter(base: CtlFile | undefined, at: Date): number {
  const now = Math.floor(at.getTime() / 1000)
  const before = base === undefined ? undefined : timestampOf(base)
  return before === undefined ? now : Math.max(now, before + 1)
}

function certificateFor({ certificate }: Ingredients, sum: string): Uint8Array {
  const found = certificate(sum)
  if (found !== undefined) return found
  throw new BridgeError('CERTIFICATE_UNKNOWN', `The certificate with SHA-256 ${sum} is not known here.`, {
    certificate: sum,
  })
}

/** SAST records of the recipe in its order, or those of the base. */
function sastRecords(recipe: CtlRecipe, base: CtlFile | undefined, ingredients: Ingredients): WantedRecord[] {
  const own = numbered(base).filter(({ role }) => role === SAST)
  if (recipe.sast.length === 0) return own.map(({ number }) => kept(recipe, number))
  const { tokens } = ingredients.situation
  return recipe.sast.map((sum): WantedRecord => {
    const certificate = certificateFor(ingredients, sum)
    const listed = own.find((record) => sameBytes(record.certificate, certificate))
    if (listed !== undefined) return kept(recipe, listed.number)
    // CUCM lists the publisher’s certificate as SAST and as server: the record of the server says how it is called.
    const server = numbered(base).find((record) => sameBytes(record.certificate, certificate))
    if (server !== undefined) return { base: server.number, function: SAST }
    const isToken = tokens.some((token) => token.sha256 === sum)
    return { certificate, kind: isToken ? 'token' : 'server', function: SAST }
  })
}

interface NumberedRecord {
  readonly number: number
  readonly role: number
  readonly certificate: Uint8Array | undefined
}

const numbered = (base: CtlFile | undefined): NumberedRecord[] =>
  (base?.records ?? []).map((record, index) => ({
    number: index + 1,
    role: functionOf(record),
    certificate: certificateOf(record),
  }))

/** In the layout that it has where the plan changes nothing of the kind of file. */
const kept = ({ mode }: CtlRecipe, number: number): WantedRecord & { readonly base: number } => ({
  base: number,
  ...(mode === 'keep' && { layout: 'own' as const }),
})

/** Servers of the base with what the edits change, then what they add. */
function otherRecords(
  recipe: CtlRecipe,
  base: CtlFile | undefined,
  ingredients: Ingredients,
): WantedRecord[] {
  const changed = numbered(base)
    .filter(({ role }) => role !== SAST)
    .flatMap((record): WantedRecord[] => {
      const edits = recipe.edits.filter(
        (edit) =>
          edit.edit !== 'add' && record.certificate && sha256(record.certificate) === edit.certificate,
      )
      if (edits.some(({ edit }) => edit === 'remove')) return []
      const changes = edits.map((edit) => changeOf(edit, ingredients))
      return [
        Object.assign(
          {},
          kept(recipe, record.number),
          addressOf(recipe, base, record, ingredients),
          ...changes,
        ),
      ]
    })
  const added = recipe.edits.flatMap((edit): WantedRecord[] =>
    edit.edit === 'add'
      ? [
          {
            certificate: certificateFor(ingredients, edit.certificate),
            kind: 'server',
            function: edit.function,
            ...address(edit.address, edit.dnsName),
          },
        ]
      : [],
  )
  return [...changed, ...added]
}

function changeOf(edit: CtlEdit, ingredients: Ingredients): object {
  if (edit.edit === 'replace') return { replacement: certificateFor(ingredients, edit.by) }
  if (edit.edit === 'address') return address(edit.address, edit.dnsName)
  return {}
}

function address(text: string | undefined, dnsName: string | undefined) {
  const ipAddress = text === undefined ? undefined : parseIpAddress(text)
  const name = dnsName ?? (ipAddress === undefined ? undefined : text)
  return { ...(ipAddress && { ipAddress }), ...(name !== undefined && { dnsName: name }) }
}

/**
 * The CTL Client calls servers by their address, and what stands in IPADDRESS of a tokenless file is not known: where
 * the record has none, the settings say it.
 */
function addressOf(
  { mode }: CtlRecipe,
  base: CtlFile | undefined,
  { number, certificate }: NumberedRecord,
  { situation }: Ingredients,
): object {
  const record = base?.records[number - 1]
  if (mode === 'keep' || record === undefined) return {}
  const own = recordValue(record, recordTag.ipAddress)
  if (own?.some((byte) => byte !== 0)) return {}
  const name = recordValue(record, recordTag.dnsName)
  const text = name === undefined ? '' : new TextDecoder().decode(name).replace(/\0+$/, '')
  const node = situation.nodes.find((known) => known.name === text) ?? nodeOf(situation, certificate)
  const ipAddress = node && parseIpAddress(node.address)
  return ipAddress ? { ipAddress } : {}
}

/** The node whose ITL lists the certificate of its CallManager. */
function nodeOf({ nodes }: Situation, certificate: Uint8Array | undefined) {
  if (certificate === undefined) return undefined
  return nodes.find(({ itl }) => {
    if (itl === undefined || !('seen' in itl) || itl.seen === 'none') return false
    try {
      return decodeCtlFile(itl.seen).records.some(
        (record) => functionOf(record) === 2 && sameBytes(certificateOf(record), certificate),
      )
    } catch {
      return false
    }
  })
}
