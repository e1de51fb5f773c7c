import { sameBytes } from '../../ctl/bytes.js'
import { CtlError } from '../../ctl/ctl-error.js'
import type { CtlFile } from '../../ctl/ctl-field.js'
import { certificateOf, functionOf } from '../../ctl/record-fields.js'
import { recordTag, SAST } from '../../ctl/tags.js'
import { readCertificateParts } from '../certificate/certificate-parts.js'
import {
  parseRelease,
  rulesOf,
  type SastHolder,
  type SastRule,
  sastHolder,
} from '../verify/sast-by-release.js'
import type { CompositionFinding } from './composition-findings.js'
import { baseRecordOf, isFromBase, isNewStub, type WantedRecord } from './wanted-record.js'

/** `non-secure`: a token CTL whose servers have no certificate (TAC 118893). */
export const compositionModes = ['token', 'tokenless', 'non-secure'] as const

export type CompositionMode = (typeof compositionModes)[number]

/**
 * The SAST records of a release. Throws CTL_RELEASE_RULE for a release that has no such file, and for what is
 * no release from 8.0 on. Which servers a non-secure file lists as SAST is not documented: only its tokens are
 * asked for.
 */
export function sastRuleOf(release: string, mode: CompositionMode): SastRule {
  const parsed = parseRelease(release)
  const rules = parsed && rulesOf(parsed)
  if (rules === undefined) {
    const detail = `${JSON.stringify(release.slice(0, 40))} is no CUCM release from 8.0 on, such as 10.5(2) or 12.5.`
    throw new CtlError('CTL_RELEASE_RULE', detail)
  }
  const rule = mode === 'tokenless' ? rules.tokenless : rules.token
  if ('impossible' in rule) throw new CtlError('CTL_RELEASE_RULE', rule.impossible)
  return mode === 'non-secure' ? { holders: rule.holders.filter((holder) => holder === 'token') } : rule
}

export interface SastWish {
  readonly base: CtlFile | undefined
  readonly records: readonly WantedRecord[]
  readonly rule: SastRule
  /** Certificate of the signer, DER, where it is chosen already. */
  readonly signer: Uint8Array | undefined
}

export interface ArrangedSast {
  /** SAST records first, in the order of the rule. */
  readonly records: readonly WantedRecord[]
  /** Certificate of the rule's first holder. */
  readonly signer: Uint8Array | undefined
  /** What the rule asks for and cannot be made from what was given: one sentence each. */
  readonly broken: readonly string[]
  readonly findings: readonly CompositionFinding[]
}

interface Entry {
  readonly wanted: WantedRecord
  readonly role: number
  readonly der: Uint8Array | undefined
}

/**
 * Puts the SAST records into the order of a release, adds CallManager's where one server only can be meant,
 * and tells what is missing and what the release would not have. Removes nothing: whoever is dropped cannot
 * sign the next file.
 */
export function arrangeSast({ base, records, rule, signer }: SastWish): ArrangedSast {
  const entries = records.map((wanted, index) => entryOf(base, wanted, index + 1))
  const isSast = ({ role, der }: Entry) => role === SAST && der !== undefined
  const isSigners = ({ der }: Entry) => sameBytes(der, signer)
  const sast = entries.filter(isSast)
  const free = [...sast.filter(isSigners), ...sast.filter((entry) => !isSigners(entry))]
  const placed: Entry[] = []
  const broken: string[] = []
  for (const holder of rule.holders) {
    const at = free.findIndex((entry) => holderOf(base, entry, entries) === holder)
    const found = at >= 0 ? free.splice(at, 1)[0] : holder === 'call-manager' && callManagers(entries)
    if (found) placed.push(found)
    else broken.push(missingText(holder, rule, entries))
  }
  const [first] = placed
  if (signer !== undefined && first !== undefined && !isSigners(first)) {
    const [holder = 'token'] = rule.holders
    broken.unshift(`This release's file is signed by ${holderNames[holder]}, and another signer was named.`)
  }
  return {
    records: [...placed, ...free, ...entries.filter((entry) => !isSast(entry))].map(({ wanted }) => wanted),
    signer: first?.der,
    broken: [...new Set(broken)],
    findings: free.map((entry, index) => unexpected(base, entry, entries, placed.length + index + 1)),
  }
}

const holderNames: Readonly<Record<SastHolder, string>> = {
  token: 'a token',
  'call-manager': 'CallManager',
  'itl-recovery': 'ITLRecovery',
}

function entryOf(base: CtlFile | undefined, wanted: WantedRecord, number: number): Entry {
  if (isNewStub(wanted)) return { wanted, role: wanted.stub.function, der: undefined }
  if (!isFromBase(wanted)) return { wanted, role: wanted.function, der: wanted.certificate }
  const record = baseRecordOf(base, wanted.base, number)
  const der = wanted.stub ? undefined : (wanted.replacement ?? certificateOf(record))
  return { wanted, role: wanted.function ?? functionOf(record), der }
}

function holderOf(base: CtlFile | undefined, entry: Entry, entries: readonly Entry[]): SastHolder {
  const { wanted, der } = entry
  if (der === undefined) return 'token'
  const held = isFromBase(wanted) || isNewStub(wanted) ? undefined : wanted
  if (held?.kind === 'token') return 'token'
  const servers = entries.filter(({ role }) => role !== SAST)
  if (servers.some((server) => sameBytes(server.der, der))) return 'call-manager'
  // Among the base's records a server may still stand that becomes a stub here.
  const file = base ?? noFile
  const record = { fields: [{ kind: 'value', tag: recordTag.certificate, value: der } as const] }
  const holder = sastHolder(file, record, readCertificateParts(der))
  return holder === 'token' && held?.kind === 'server' ? 'call-manager' : holder
}

const noFile: CtlFile = { version: { major: 1, minor: 2 }, header: [], records: [] }

/** CallManager's certificate stands in the records of servers; with several servers the publisher is not known. */
function callManagers(entries: readonly Entry[]): Entry | undefined {
  const servers = entries.filter(({ role, der }) => (role === 1 || role === 2) && der !== undefined)
  const [first, ...others] = servers
  if (first === undefined || !others.every(({ der }) => sameBytes(der, first.der))) return undefined
  return { ...first, role: SAST, wanted: { ...first.wanted, function: SAST } as WantedRecord }
}

function missingText(holder: SastHolder, { holders }: SastRule, entries: readonly Entry[]): string {
  if (holder === 'token') {
    const count = holders.filter((other) => other === 'token').length
    return `This release's file lists ${count} tokens, and fewer were given.`
  }
  const isUnclear =
    holder === 'call-manager' && entries.some(({ role, der }) => (role === 1 || role === 2) && der)
  return isUnclear
    ? "This release's file lists the publisher's CallManager certificate as SAST, and which server is the publisher is not known: add it as SAST."
    : `This release's file lists ${holderNames[holder]} as SAST, and its certificate was not given.`
}

function unexpected(
  base: CtlFile | undefined,
  entry: Entry,
  entries: readonly Entry[],
  record: number,
): CompositionFinding {
  return {
    code: 'SAST_UNEXPECTED',
    severity: 'warning',
    record,
    detail: `The SAST of record ${record}, ${holderNames[holderOf(base, entry, entries)]}, is not in the files that this release makes.`,
    remedy: 'Remove it if nobody needs it to sign the next file; it is kept until you do.',
  }
}
