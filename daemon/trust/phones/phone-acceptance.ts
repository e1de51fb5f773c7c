import { sameBytes } from '../../ctl/bytes.js'
import { CTL_SIZE_CEILING } from '../../ctl/ctl-file.js'
import { functionName, SAST } from '../../ctl/tags.js'
import { type AcceptanceReason, type AcceptanceRule, acceptanceRules } from './acceptance-rules.js'
import type { ListedCertificate, ListSigner, TrustList } from './trust-list.js'

/** What decides besides the files: Security By Default brings the ITL and the questions to TVS (TAC 116232). */
export const deviceClasses = ['security-by-default', 'no-security-by-default', 'unknown'] as const
export type DeviceClass = (typeof deviceClasses)[number]

export interface PhoneSituation {
  /** What the phone holds; `none` when it has no CTL. */
  readonly installed: TrustList | 'none'
  /** `not given` when nobody said whether there is one. */
  readonly itl: TrustList | 'none' | 'not given'
  readonly offered: TrustList
  /** Certificates (DER) that TVS would vouch for as SAST. */
  readonly tvs: readonly Uint8Array[] | 'not asked'
  readonly deviceClass: DeviceClass
}

export interface Acceptance extends AcceptanceRule {
  readonly reason: AcceptanceReason
  /** One sentence about this file and phone. */
  readonly detail: string
  /** What was assumed, and what else is worth knowing. */
  readonly notes: readonly string[]
}

export const assumedMatching =
  'Assumed: a phone finds the signer by serial and issuer as they stand in the file, and checks the signature with the key it holds for them.'

/**
 * Whether a phone takes a CTL. Pure: the same files give the same answer. What no source states is `unknown`,
 * never guessed. A draft is judged as if its signer had signed it.
 */
export function phoneAcceptance(situation: PhoneSituation): Acceptance {
  const { offered, deviceClass } = situation
  if (deviceClass === 'unknown') return acceptanceOfUnknown(situation)
  if (offered.problem !== undefined || offered.signer === undefined) {
    const { code, detail } = offered.problem ?? { code: 'CTL_SIGNER_MISSING', detail: 'It has no signer.' }
    return answer('NEW_FILE_WRONG', `The new file does not verify: ${detail} (${code})`)
  }
  if (offered.size > CTL_SIZE_CEILING) {
    return answer('FILE_TOO_LARGE', `The new file has ${offered.size} bytes, more than ${CTL_SIZE_CEILING}.`)
  }
  const { installed } = situation
  const found =
    installed === 'none'
      ? firstFile(situation, offered.signer)
      : nextFile(situation, installed, offered.signer)
  return withDraftNote(offered, withDoubts(situation, found))
}

/** Where both classes answer alike, the class does not matter. */
function acceptanceOfUnknown(situation: PhoneSituation): Acceptance {
  const capable = phoneAcceptance({ ...situation, deviceClass: 'security-by-default' })
  const plain = phoneAcceptance({ ...situation, deviceClass: 'no-security-by-default' })
  if (capable.reason === plain.reason) return capable
  if (capable.answer === plain.answer) {
    return { ...capable, notes: [...capable.notes, `Without Security By Default: ${plain.detail}`] }
  }
  const detail = `It depends on Security By Default. With it: ${inWords(capable)}. Without it: ${inWords(plain)}.`
  return answer('CLASS_NOT_KNOWN', detail)
}

const inWords = ({ answer: said, reason }: Acceptance): string => `${said.replaceAll('-', ' ')} (${reason})`

function firstFile({ itl, deviceClass }: PhoneSituation, signer: ListSigner): Acceptance {
  if (deviceClass === 'no-security-by-default') {
    return answer('FIRST_FILE', 'The phone has no CTL; the first one is trusted.', [
      'Assumed: a device without Security By Default holds no ITL.',
    ])
  }
  if (itl === 'none')
    return answer('FIRST_FILE', 'The phone has neither CTL nor ITL; the first file is trusted.')
  if (itl === 'not given') {
    return answer('ITL_NOT_GIVEN', 'The phone has no CTL, and whether it holds an ITL was not said.')
  }
  if (itl.problem !== undefined) return wrongItl(itl)
  const held = itl.certificates.find(({ certificate }) => sameBytes(certificate, signer.certificate))
  if (held !== undefined) {
    const detail = `The phone has no CTL; record ${held.record} of its ITL (${functionName(held.role)}) holds the signer.`
    return answer('ITL_HOLDS_SIGNER', detail)
  }
  return answer(
    'FIRST_FILE_WITH_ITL',
    'The phone has no CTL, and its ITL does not hold the signer. Whether such a first CTL is trusted, or only through TVS, is stated nowhere.',
  )
}

function wrongItl({ problem }: TrustList): Acceptance {
  return answer(
    'ITL_FILE_WRONG',
    `The ITL does not verify: ${problem?.detail ?? ''} (${problem?.code ?? ''})`,
  )
}

function nextFile(situation: PhoneSituation, installed: TrustList, signer: ListSigner): Acceptance {
  const { offered, deviceClass } = situation
  if (installed.problem !== undefined || installed.isDraft) {
    const { code, detail } = installed.problem ?? { code: 'CTL_UNSIGNED', detail: 'Nobody signed it.' }
    return answer('INSTALLED_FILE_WRONG', `No phone can hold the installed file: ${detail} (${code})`)
  }
  if (installed.sha256 === offered.sha256) {
    return answer('ALREADY_INSTALLED', 'The phone holds this file already, byte for byte.')
  }
  const trusted = findSast(installed, signer)
  if (trusted?.isNamedAlike) {
    const detail = `The signer is SAST in record ${trusted.record} of the installed CTL.`
    return answer('SIGNER_IS_SAST', detail, [assumedMatching])
  }
  if (trusted !== undefined) {
    const detail = `The signer’s key is SAST in record ${trusted.record} of the installed CTL, but the new file writes its serial or issuer otherwise.`
    return answer('SIGNER_NAMED_OTHERWISE', detail, [assumedMatching])
  }
  if (deviceClass === 'no-security-by-default') {
    const detail =
      'The signer is no SAST of the installed CTL, and the device cannot ask TVS: it keeps the old file.'
    return answer('NO_SECURITY_BY_DEFAULT', detail, [assumedMatching])
  }
  return askTvs(situation, signer)
}

/** The SAST record with the signer's key; the one with the same serial and issuer first. */
function findSast(
  list: TrustList,
  signer: ListSigner,
): { readonly record: number; readonly isNamedAlike: boolean } | undefined {
  const sameKey = list.certificates.filter(
    ({ role, publicKey }) => role === SAST && sameBytes(publicKey, signer.publicKey),
  )
  const alike = sameKey.find((held) => isNamedAlike(held, signer))
  const chosen = alike ?? sameKey[0]
  return chosen && { record: chosen.record, isNamedAlike: alike !== undefined }
}

function isNamedAlike(held: ListedCertificate, signer: ListSigner): boolean {
  return sameBytes(held.serial, signer.serial) && sameBytes(held.issuer, signer.issuer)
}

/** The record of the Trust Verification Service in an ITL. */
const TVS_ROLE = 21

function askTvs({ itl, tvs }: PhoneSituation, signer: ListSigner): Acceptance {
  const start = 'The signer is no SAST of the installed CTL'
  if (itl === 'none') {
    return answer('ITL_BLANK', `${start}, and without an ITL the phone cannot check TVS.`, [assumedMatching])
  }
  if (itl !== 'not given') {
    if (itl.problem !== undefined) return wrongItl(itl)
    if (!itl.certificates.some(({ role }) => role === TVS_ROLE)) {
      return answer('ITL_WITHOUT_TVS', `${start}, and the ITL lists no TVS to ask.`, [assumedMatching])
    }
  }
  const notes = [
    assumedMatching,
    ...(itl === 'not given'
      ? ['Assumed: the phone’s ITL lists the TVS servers of its CallManager group.']
      : []),
  ]
  if (tvs === 'not asked') return answer('TVS_NOT_ASKED', `${start}: the phone asks TVS.`, notes)
  if (!tvs.some((certificate) => sameBytes(certificate, signer.certificate))) {
    const detail = `${start}, and its certificate is not among those that TVS vouches for.`
    return answer('TVS_REFUSES', detail, [...notes, lockedOut])
  }
  return answer('TVS_VOUCHES', `${start}; TVS has its certificate and vouches for it.`, [
    ...notes,
    ...(signer.isSerialAsInCertificate ? [] : [reversedSerial]),
  ])
}

// TAC 214231: a phone that cannot verify the new CTL cannot verify the node's TLS certificate either.
const lockedOut =
  'If the CallManager certificate changed as well, a phone that refuses the CTL refuses TLS to that node: it is locked out.'

// TAC 118893: the log of a TVS that was asked for a token by the serial of the CTL found it in the CTL cache only.
const reversedSerial =
  'The new file writes the signer’s serial in another byte order than its certificate. Phones ask TVS by that serial: it may find the signer only in the new CTL file on its own node, minutes after it was published there.'

/** What could undo an acceptance, and nobody knows whether it does. */
function withDoubts({ installed, offered }: PhoneSituation, found: Acceptance): Acceptance {
  const isTaken = found.answer === 'accepts' || found.answer === 'accepts-through-tvs'
  if (!isTaken || found.reason === 'ALREADY_INSTALLED') return found
  const held = installed === 'none' ? undefined : installed
  const isOlder =
    held?.timestamp !== undefined && offered.timestamp !== undefined && offered.timestamp < held.timestamp
  if (isOlder) {
    return doubtful('TIMESTAMP_OLDER', found, 'its TIMESTAMP is older than that of the installed CTL')
  }
  // A phone that holds a file with this digest has shown that it takes it.
  if (offered.digest !== 'sha1' && offered.digest !== held?.digest) {
    return doubtful(
      'DIGEST_UNPROVEN',
      found,
      `whether phones take a CTL with ${offered.digest} is stated nowhere`,
    )
  }
  return found
}

function doubtful(reason: AcceptanceReason, found: Acceptance, why: string): Acceptance {
  return answer(reason, `${found.detail} But ${why}.`, [...found.notes, `Otherwise: ${inWords(found)}.`])
}

function withDraftNote(offered: TrustList, found: Acceptance): Acceptance {
  if (!offered.isDraft) return found
  return {
    ...found,
    notes: ['The new file is a draft: judged as if its signer had signed it.', ...found.notes],
  }
}

/** The rule of a reason, with what is said of this file. */
export function answer(reason: AcceptanceReason, detail: string, notes: readonly string[] = []): Acceptance {
  return { ...acceptanceRules[reason], reason, detail, notes }
}
