/** Each distinct file that some node serves, as phones and people compare it. */
import type { ClusterObservationAnswer } from '../answers.js'

type File = ClusterObservationAnswer['files'][number]

/** `ctl <sha256>` → A, B, … in the order of the list. */
export function letterFiles({ files }: ClusterObservationAnswer): ReadonlyMap<string, string> {
  return new Map(files.map(({ kind, sha256 }, index) => [`${kind} ${sha256}`, letterOf(index)]))
}

/** A to Z, then A1, B1, … */
const letterOf = (index: number): string =>
  `${String.fromCharCode(65 + (index % 26))}${index < 26 ? '' : Math.floor(index / 26)}`

const holderNames = {
  token: 'a token',
  'call-manager': 'the publisher’s CallManager',
  'itl-recovery': 'ITLRecovery',
} as const

const modeNames = { token: 'signed by tokens', tokenless: 'tokenless' } as const
const serverNames = {
  secure: 'for mixed mode',
  'non-secure': 'for non-secure mode',
  none: 'without call managers',
} as const

export function fileRows(file: File, letters: ReadonlyMap<string, string>): string[] {
  const { kind, size, timestamp, mode, servers, verified, problem, md5, sha1, signer, warnings } = file
  const kinds = [mode && modeNames[mode], servers && serverNames[servers]].filter(Boolean).join(', ')
  return [
    `${letters.get(`${kind} ${file.sha256}`)}: ${kind.toUpperCase()}, ${size} bytes${kinds && `, ${kinds}`}`,
    `  MD5        ${md5}`,
    `  SHA-1      ${sha1}`,
    `  made       ${timestamp === undefined ? 'not said' : `${timestamp.slice(0, 19).replace('T', ' ')} UTC`}`,
    `  signature  ${verified ? 'verified' : `NOT VALID: ${problem?.detail ?? ''} (${problem?.code ?? ''})`}`,
    ...(signer === undefined ? [] : [`  signer     ${signer.subject}`, ...holderRow(signer)]),
    ...warnings.map(
      ({ code, detail, record }) =>
        `  warning    ${record === undefined ? '' : `record ${record}: `}${detail} (${code})`,
    ),
  ]
}

function holderRow({ holder, token }: NonNullable<File['signer']>): string[] {
  if (token !== undefined) return [`             on token ${token}, which is known here`]
  return holder === undefined ? [] : [`             taken for ${holderNames[holder]}`]
}
