import { SAST } from '../../ctl/tags.js'
import { quoted } from '../verify/verdict.js'
import type { DiffDescription, FileSummary, RecordDifference } from './describe-diff.js'

/** A difference as sentences: what a person wants to know first. Texts of the files stand in quotes, as they are. */
export function diffSentences({
  extent,
  old,
  new: next,
  ...rest
}: Omit<DiffDescription, 'summary'>): string[] {
  if (old === null && next === null) return ['There is no file, old or new.']
  if (old === null && next !== null)
    return [`There was no file. ${signedBy(next)}`, ...recordSentences(rest.records)]
  if (next === null || old === null) return ['The file is gone.']
  if (extent === 'nothing') return ['The files are the same, byte for byte.']
  if (extent === 'signature') return [signatureSentence(old, next)]
  return [
    ...signerSentences(old, next),
    ...recordSentences(rest.records),
    ...headerSentences(old, next),
    ...(extent === 'header' ? ['The records are the same, byte for byte.'] : []),
  ]
}

const signedBy = ({ unsigned, signer }: FileSummary): string =>
  unsigned
    ? `The new one names ${quoted(signer.name)} and is not signed yet.`
    : `${quoted(signer.name)} signed the new one.`

function signatureSentence(old: FileSummary, next: FileSummary): string {
  const same = 'Only the signature differs; what is signed is the same.'
  if (old.unsigned) return `${same} The old file is a draft that nobody signed.`
  if (next.unsigned) return `${same} The new file is a draft that nobody signed.`
  // RSA with PKCS#1 v1.5 gives one signature for one message and key (RFC 8017 §8.2).
  return `${same} Only one of two such signatures can be right: verify both files.`
}

function signerSentences(old: FileSummary, next: FileSummary): string[] {
  const [before, after] = [old.signer, next.signer]
  const sameText =
    before.name === after.name && before.serial === after.serial && before.issuer === after.issuer
  const isKnown = before.certificateSha256 !== undefined && after.certificateSha256 !== undefined
  const sameSigner = isKnown ? before.certificateSha256 === after.certificateSha256 : sameText
  const draft = next.unsigned ? ['The new file is a draft that nobody signed.'] : []
  if (sameSigner)
    return [...(sameText ? [] : ['The signer is the same certificate, written otherwise.']), ...draft]
  const change =
    before.name === after.name
      ? `: another certificate of the name ${quoted(after.name)}`
      : ` from ${quoted(before.name)} to ${quoted(after.name)}`
  return [`The signer changes${change}.`, ...draft]
}

function recordSentences(records: readonly RecordDifference[]): string[] {
  // Who may sign the next file comes first.
  const sorted = [...records].sort(
    (one, other) => Number(other.function === SAST) - Number(one.function === SAST),
  )
  const told = sorted.map(recordSentence)
  const silent = records.filter(
    (record, index) => told[index] === undefined && record.change === 'changed',
  ).length
  const moved = records.filter((record) => record.moved).length
  return [
    ...told.flatMap((sentence) => sentence ?? []),
    ...(silent > 0
      ? [`${counted(silent)} laid out otherwise, with the same role, address and certificate.`]
      : []),
    ...(moved > 0 ? [`${counted(moved)} moved among the others.`] : []),
  ]
}

const counted = (count: number): string => (count === 1 ? 'One record is' : `${count} records are`)

/** Undefined for a record that only moved or was only laid out otherwise. */
function recordSentence(record: RecordDifference): string | undefined {
  const who = titleOf(record)
  if (record.change === 'added') return `${who} is added.`
  if (record.change === 'removed') return `${who} is removed.`
  const parts = [certificateChange(record), ...fieldSentences(record)].filter((part) => part !== undefined)
  return parts.length === 0 ? undefined : `${who}: ${parts.join(', ')}.`
}

function certificateChange(record: RecordDifference): string | undefined {
  const { oldCertificateSha256: old, newCertificateSha256: next, fields } = record
  if (old === next) return undefined
  if (old === undefined) return 'a certificate is added'
  if (next === undefined) return 'the certificate is removed'
  const sameKey = !fields.some(({ name }) => name === 'PUBLICKEY')
  return `the certificate is replaced${sameKey ? ' by one with the same key' : ''}`
}

function fieldSentences({ fields }: RecordDifference): (string | undefined)[] {
  return fields.map(({ name, old, new: next }) => {
    if (name === 'FUNCTION') return `the role changes from ${shortRole(old)} to ${shortRole(next)}`
    // A field that one producer writes and another does not is layout, not an address that changed.
    if ((name === 'DNSNAME' || name === 'IPADDRESS') && old !== undefined && next !== undefined) {
      return `${name} changes from ${quoted(old)} to ${quoted(next)}`
    }
    return undefined
  })
}

const shortRole = (name = ''): string => (name.startsWith('System Administrator') ? 'SAST' : name)

/** `CAPF "CN=CAPF-e41e7d87;…"` */
export function titleOf({ function: role, functionName, subject, dnsName }: RecordDifference): string {
  const name = subject || dnsName
  return `${role === SAST ? 'SAST' : functionName}${name ? ` ${quoted(name)}` : ''}`
}

function headerSentences(old: FileSummary, next: FileSummary): string[] {
  return [
    ...(old.digest === next.digest ? [] : [`The digest changes from ${old.digest} to ${next.digest}.`]),
    ...(old.fileName === next.fileName
      ? []
      : [`FILENAME changes from ${quoted(old.fileName ?? '')} to ${quoted(next.fileName ?? '')}.`]),
    ...timeSentence(old.timestamp, next.timestamp),
  ]
}

/** Whether a phone takes a file that is older than its own is unknown, so the direction is said. */
function timeSentence(old: string | undefined, next: string | undefined): string[] {
  if (old === next) return []
  if (old === undefined) return [`TIMESTAMP is added: ${next}.`]
  if (next === undefined) return ['TIMESTAMP is gone.']
  return [`The new file is ${next > old ? 'later' : 'EARLIER'}: ${old} → ${next}.`]
}
