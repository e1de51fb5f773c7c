/** Where nodes disagree: with each other, with the cluster's mode, with what the settings say. Pure. */

import { compareMembership } from './compare-membership.js'
import { disagreement, named, sentenceList } from './disagreement-texts.js'
import type {
  Asked,
  ClusterFacts,
  Disagreement,
  NodeObservation,
  ObservedFile,
  ServedCopy,
  ServedFile,
  TvsReading,
} from './observation.js'

export function compareNodes(facts: ClusterFacts): Disagreement[] {
  return [
    ...invalidFiles(facts),
    ...ctlDiffers(facts),
    ...waysDiffer(facts, 'ctl'),
    ...waysDiffer(facts, 'itl'),
    ...showCtlDiffers(facts),
    ...modeAndFile(facts),
    ...tvsDiffers(facts),
    ...signerNotVouched(facts),
    ...compareMembership(facts),
  ]
}

function invalidFiles({ nodes, files }: ClusterFacts): Disagreement[] {
  return files
    .filter(({ verified }) => !verified)
    .map(({ kind, sha256, problem }) => {
      const serving = nodes.filter((node) => answersOf(node[kind]).includes(sha256)).map(({ name }) => name)
      const detail = `The ${kindNames[kind]} of ${sentenceList(serving)} does not verify: ${problem?.detail ?? ''}`
      return disagreement('FILE_INVALID', serving, detail)
    })
}

/** The ITL is left out: each node has one of its own (it is signed with the node's key before 12.0). */
function ctlDiffers({ nodes, files }: ClusterFacts): Disagreement[] {
  const groups = new Map<string | null, string[]>()
  for (const { name, ctl } of nodes) {
    for (const answer of new Set(answersOf(ctl))) groups.set(answer, [...(groups.get(answer) ?? []), name])
  }
  const holders = new Set([...groups.values()].flat())
  // One node whose two ways differ is WAYS_DIFFER.
  if (groups.size < 2 || holders.size < 2) return []
  const parts = [...groups].map(([sha256, names]) =>
    sha256 === null
      ? `${sentenceList(names)}: no CTL`
      : `${sentenceList(names)}: MD5 ${files.find((file) => file.sha256 === sha256)?.md5 ?? ''}`,
  )
  return [disagreement('CTL_DIFFERS', [...holders], `Not the same CTL everywhere. ${parts.join('; ')}.`)]
}

function waysDiffer({ nodes }: ClusterFacts, kind: ObservedFile): Disagreement[] {
  return nodes
    .filter((node) => new Set(answersOf(node[kind])).size > 1)
    .map(({ name }) =>
      disagreement(
        'WAYS_DIFFER',
        [name],
        `Over TFTP and over HTTP ${name} gives different ${kindNames[kind]}s.`,
      ),
    )
}

function showCtlDiffers({ showCtl, nodes, files }: ClusterFacts): Disagreement[] {
  const shown = answerOf(showCtl)
  const publisher = nodes.find(({ runs }) => runs.includes('publisher'))
  const served = publisher && answersOf(publisher.ctl)
  if (shown === undefined || publisher === undefined || served === undefined || served.length === 0) return []
  const { name } = publisher
  const file = files.find(({ kind, sha256 }) => kind === 'ctl' && served.includes(sha256))
  if (shown.length === 0) {
    if (file === undefined) return []
    return [
      disagreement('SHOW_CTL_DIFFERS', [name], `show ctl finds no CTL on ${name}, and ${name} serves one.`),
    ]
  }
  if (file === undefined) {
    return [
      disagreement('SHOW_CTL_DIFFERS', [name], `show ctl finds a CTL on ${name}, and ${name} serves none.`),
    ]
  }
  const isSame = shown.md5 === file.md5 || (shown.md5 === undefined && shown.sha1 === file.sha1)
  if (isSame) return []
  const detail = `show ctl tells of another file (MD5 ${shown.md5 ?? 'not shown'}) than ${name} serves (MD5 ${file.md5}).`
  return [disagreement('SHOW_CTL_DIFFERS', [name], detail)]
}

function modeAndFile({ securityMode, nodes, files }: ClusterFacts): Disagreement[] {
  const [mode] = securityMode.flatMap(({ asked }) => answerOf(asked) ?? [])
  if (mode === undefined) return []
  const said = (names: readonly string[], detail: string) => disagreement('MODE_AND_FILE', names, detail)
  if (mode === 'mixed') {
    const without = serving(nodes, null)
    return [
      ...(without.length > 0
        ? [
            said(
              without,
              `The cluster is in mixed mode, and ${sentenceList(without)} ${has(without)} no CTL.`,
            ),
          ]
        : []),
      ...ctlsWith(files, ['non-secure', 'none']).map(({ sha256 }) => {
        const names = serving(nodes, sha256)
        return said(
          names,
          `The cluster is in mixed mode, and the CTL of ${sentenceList(names)} names no call manager with a certificate.`,
        )
      }),
    ]
  }
  return ctlsWith(files, ['secure']).map(({ sha256 }) => {
    const names = serving(nodes, sha256)
    return said(
      names,
      `The cluster is non-secure, and the CTL of ${sentenceList(names)} is one of mixed mode.`,
    )
  })
}

const ctlsWith = (files: readonly ServedFile[], servers: readonly string[]): readonly ServedFile[] =>
  files.filter((file) => file.kind === 'ctl' && file.servers !== undefined && servers.includes(file.servers))

/** Nodes that gave this CTL (or none) over some way. */
const serving = (nodes: readonly NodeObservation[], sha256: string | null): string[] =>
  nodes.filter(({ ctl }) => answersOf(ctl).includes(sha256)).map(({ name }) => name)

const has = (names: readonly string[]): string => (names.length === 1 ? 'has' : 'have')

function tvsDiffers({ nodes, certificates }: ClusterFacts): Disagreement[] {
  return certificates.flatMap(({ sha256, subject, tokens }) => {
    const groups = new Map<string, string[]>()
    for (const { name, tvs } of nodes) {
      const said = tvsAnswer(tvs, sha256)
      if (said !== undefined) groups.set(said, [...(groups.get(said) ?? []), name])
    }
    if (groups.size < 2) return []
    const parts = [...groups].map(([said, names]) => `${sentenceList(names)}: ${said}`)
    const detail = `About ${named(subject, tokens)} the nodes’ TVS do not say the same. ${parts.join('; ')}.`
    return [disagreement('TVS_DIFFERS', [...groups.values()].flat(), detail)]
  })
}

function tvsAnswer(readings: readonly TvsReading[], sha256: string): string | undefined {
  const reading = readings.find(({ certificate }) => certificate === sha256)
  const answer = reading && answerOf(reading.asked)
  if (answer === undefined) return undefined
  if (!answer.isTrusted) return 'not trusted'
  return `trusted, roles ${[...answer.roles].sort((a, b) => a - b).join('+') || 'none'}`
}

/** Phones that hold another signer's CTL ask TVS: one that says no keeps them from the file that is served. */
function signerNotVouched({ nodes, files, certificates }: ClusterFacts): Disagreement[] {
  const signers = new Set(
    files.filter(({ kind }) => kind === 'ctl').flatMap(({ signer }) => signer?.certificateSha256 ?? []),
  )
  return certificates
    .filter(({ sha256 }) => signers.has(sha256))
    .flatMap(({ sha256, subject, tokens }) => {
      const refusing = nodes
        .filter(({ tvs }) => tvsAnswer(tvs, sha256) === 'not trusted')
        .map(({ name }) => name)
      if (refusing.length === 0) return []
      const detail = `TVS of ${sentenceList(refusing)} does not trust ${named(subject, tokens)}, which signed the CTL that is served.`
      return [disagreement('SIGNER_NOT_VOUCHED', refusing, detail)]
    })
}

export function answerOf<T>(asked: Asked<T>): T | undefined {
  return asked.state === 'answered' ? asked.answer : undefined
}

/** null: no such file. Ways that gave no answer are left out. */
function answersOf(copies: readonly ServedCopy[]): (string | null)[] {
  return copies.flatMap(({ asked }) => (asked.state === 'answered' ? [asked.answer] : []))
}

const kindNames: Readonly<Record<ObservedFile, string>> = { ctl: 'CTL', itl: 'ITL' }
