import type { CtlFile } from '../../ctl/ctl-file.js'
import { fileNameOf } from '../../ctl/header-fields.js'
import { certificateOf } from '../../ctl/record-fields.js'
import { SAST } from '../../ctl/tags.js'
import type { CheckedRecord } from './check-records.js'
import { type CtlMode, type ReleaseRules, type SastHolder, sastHolders } from './sast-by-release.js'
import { type Finding, finding } from './verdict.js'

const holderNames: Readonly<Record<SastHolder, string>> = {
  token: 'a token',
  'call-manager': 'CallManager',
  'itl-recovery': 'ITLRecovery',
}

const TVS = 21

/** A SAST record and whose it is. */
interface Sast {
  readonly number: number
  readonly holder: SastHolder
}

/** The file against what a CUCM release puts into its CTL. `signer` is a record's number. */
export function releaseFindings(
  file: CtlFile,
  records: readonly CheckedRecord[],
  signer: number | undefined,
  rules: ReleaseRules,
): Finding[] {
  if (isItl(file, records)) return [finding('RELEASE_NOT_APPLIED', 'This is an ITL.')]
  return [...sastFindings(file, records, signer, rules), ...roleFindings(records)]
}

function isItl(file: CtlFile, records: readonly CheckedRecord[]): boolean {
  return fileNameOf(file)?.startsWith('ITL') === true || records.some(({ role }) => role === TVS)
}

function sastFindings(
  file: CtlFile,
  records: readonly CheckedRecord[],
  signer: number | undefined,
  rules: ReleaseRules,
): Finding[] {
  const sasts = distinctSasts(file, records)
  const mode: CtlMode = sasts.some(({ holder }) => holder === 'token') ? 'token' : 'tokenless'
  const rule = rules[mode]
  if ('impossible' in rule) return [finding('RELEASE_HAS_NO_SUCH_CTL', rule.impossible)]
  const missing = without(
    rule.holders,
    sasts.map(({ holder }) => holder),
  )
  const found = [
    ...missing.map((holder) =>
      finding('RELEASE_SAST_MISSING', `${sentenceCase(holderNames[holder])} is missing.`),
    ),
    ...unexpected(sasts, rule.holders),
  ]
  const isOrdered = runs(sasts.map(({ holder }) => holder)).join() === runs(rule.holders).join()
  const wanted = rule.holders.map((holder) => holderNames[holder]).join(', ')
  return [
    ...found,
    ...(found.length === 0 && !isOrdered
      ? [finding('RELEASE_SAST_ORDER', `The order would be ${wanted}.`)]
      : []),
    ...signerFinding(sasts, signer, rule.holders[0]),
  ]
}

/** Each run of one holder once: how many tokens there are says nothing of the order. */
const runs = (holders: readonly SastHolder[]): SastHolder[] =>
  holders.filter((holder, index) => holder !== holders[index - 1])

/** SAST records by certificate: one that stands there twice counts once. */
function distinctSasts(file: CtlFile, records: readonly CheckedRecord[]): Sast[] {
  const holderOf = sastHolders(file)
  const seen = new Set<string>()
  return records.flatMap(({ record, number, role, certificate }): Sast[] => {
    const key = Buffer.from(certificateOf(record) ?? []).toString('latin1')
    if (role !== SAST || certificate === undefined || seen.has(key)) return []
    seen.add(key)
    return [{ number, holder: holderOf(record, certificate) }]
  })
}

/** What is left of a list when each of the others was taken out once. */
function without(list: readonly SastHolder[], others: readonly SastHolder[]): SastHolder[] {
  const left = [...list]
  for (const other of others) {
    const index = left.indexOf(other)
    if (index >= 0) left.splice(index, 1)
  }
  return left
}

/** A cluster has at least two tokens, and may have more; of its own certificates each stands there once. */
function unexpected(sasts: readonly Sast[], holders: readonly SastHolder[]): Finding[] {
  const seen = new Set<SastHolder>()
  return sasts.flatMap(({ number, holder }): Finding[] => {
    const isExpected = holders.includes(holder) && (holder === 'token' || !seen.has(holder))
    seen.add(holder)
    if (isExpected) return []
    return [finding('RELEASE_SAST_UNEXPECTED', `This is ${holderNames[holder]}.`, { record: number })]
  })
}

function signerFinding(
  sasts: readonly Sast[],
  signer: number | undefined,
  wanted: SastHolder | undefined,
): Finding[] {
  const holder = sasts.find(({ number }) => number === signer)?.holder
  if (signer === undefined || holder === undefined || wanted === undefined || holder === wanted) return []
  const detail = `${sentenceCase(holderNames[holder])} signed; the release signs with ${holderNames[wanted]}.`
  return [finding('RELEASE_SIGNER_DIFFERS', detail, { record: signer })]
}

/** TAC 118893: every CTL of a cluster names its call managers with TFTP and CAPF, also in non-secure mode. */
function roleFindings(records: readonly CheckedRecord[]): Finding[] {
  const roles = new Set(records.map(({ role }) => role))
  const hasServers = roles.has(2) || (roles.has(1) && roles.has(3))
  return [
    ...(hasServers ? [] : [finding('ROLE_MISSING', 'No record is CCM+TFTP, or CCM and another TFTP.')]),
    ...(roles.has(4) ? [] : [finding('ROLE_MISSING', 'No record is CAPF.')]),
  ]
}

const sentenceCase = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)
