/** What became of a publication, node by node. */

import { reportLines } from '../../trust/show/wrap-words.js'
import type { AwaitedAnswer, PublishReportAnswer } from '../answers.js'

type Publication = PublishReportAnswer['nodes'][number]

const outcomeTexts: Readonly<Record<Publication['outcome'], string>> = {
  published: 'published and served',
  unchanged: 'had this file already and serves it',
  guided: 'a person publishes it now',
  'not-served': 'written, but NOT SERVED yet',
  failed: 'FAILED',
}

export function publishReportText(report: PublishReportAnswer, width?: number): string {
  const { cluster, file, sha256, nodes, others, servedEverywhere } = report
  const rows = [
    `${file} on cluster ${cluster}, SHA-256 ${sha256}`,
    ...nodes.flatMap(nodeRows),
    ...others.map(({ node, isSame, problem }) => {
      const state = problem
        ? `could not be read (${problem.code})`
        : isSame
          ? 'serves the same'
          : 'serves ANOTHER file'
      return `  ${node}  left as it is: ${state}`
    }),
    servedEverywhere ? 'Every node with TFTP serves it.' : 'Not every node with TFTP serves it yet.',
  ]
  return reportLines(rows, width)
}

function nodeRows({
  node,
  outcome,
  targetBefore,
  servedBefore,
  kept,
  steps,
  problem,
}: Publication): string[] {
  const before = targetBefore === undefined ? servedBefore : targetBefore
  return [
    `  ${node}  ${outcomeTexts[outcome]}`,
    ...(outcome === 'unchanged' ? [] : [`    before  ${beforeText(before)}${keptText(kept)}`]),
    ...(problem === undefined
      ? []
      : [`    what    ${problem.detail} (${problem.code})`, `    do      ${problem.remedy}`]),
    ...(steps ?? []).map((step, index) => `    ${index + 1}. ${step}`),
  ]
}

function beforeText(before: string | null | undefined): string {
  if (before === undefined) return 'could not be looked at'
  return before === null ? 'no file' : `SHA-256 ${before.slice(0, 16)}…`
}

const keptText = (kept: number | undefined): string => (kept === undefined ? '' : `, kept as entry ${kept}`)

export function awaitedText({ nodes }: AwaitedAnswer, width?: number): string {
  const rows = nodes.map(({ node, isServed, problem }) => {
    if (isServed) return `  ${node}  serves it`
    return `  ${node}  does NOT serve it${problem === undefined ? '' : `: ${problem.detail} (${problem.code})`}`
  })
  const isDone = nodes.every(({ isServed }) => isServed)
  const end = isDone ? 'Every node that was waited for serves it.' : 'The time is over.'
  return reportLines([...rows, end], width)
}
