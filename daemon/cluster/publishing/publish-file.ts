/**
 * A file onto the nodes of a cluster, and back: what lies there is kept in the store, the file takes its place, and
 * every TFTP node is asked what it serves then. A node that fails stops no other.
 */

import { BridgeError } from '../../bridge-error.js'
import type { Caller } from '../../principal.js'
import { type Problem, toProblem } from '../../problems.js'
import { audited, auditedUse } from '../../store/audited.js'
import { type CheckedFile, checkPublishedFile } from './check-published-file.js'
import { chooseNodes } from './choose-nodes.js'
import type {
  AwaitedNode,
  NodePublication,
  OtherNode,
  PublishingNode,
  PublishingParts,
  PublishReport,
  PublishRequest,
} from './publishing.js'
import { type FoundNode, type PutOutcome, putOnNode } from './put-on-node.js'
import { readBefore } from './read-before.js'
import { lookOnce, waitUntilServed } from './wait-until-served.js'

const usualPatience = { afterRestart: 180_000, otherwise: 5_000 } as const
const LOOK_EVERY = 500

/** Rejects before anything is done: with PUBLISH_FILE_REFUSED, CTL_… or CLUSTER_NOT_CONFIGURED. */
export async function publishFile(
  parts: PublishingParts,
  caller: Caller,
  request: PublishRequest,
): Promise<PublishReport> {
  const checked = checkPublishedFile(request.bytes, request.file)
  const nodes = chooseNodes(parts, request.nodes)
  const reports = await new Publication(parts, caller, checked, request).run(nodes)
  const others = await Promise.all(
    parts.nodes.filter((node) => !nodes.includes(node)).map((node) => lookAtOther(node, checked)),
  )
  const everywhere =
    reports.every(({ served }) => served === checked.sha256) && others.every(({ isSame }) => isSame)
  return {
    cluster: parts.cluster,
    file: checked.file,
    sha256: checked.sha256,
    servedEverywhere: everywhere,
    nodes: reports,
    others,
  }
}

async function lookAtOther(node: PublishingNode, checked: CheckedFile): Promise<OtherNode> {
  const { isServed, served, problem } = await lookOnce(node, checked)
  // That it serves something else is no problem: nothing was published there.
  const isProblem = problem !== undefined && served === undefined
  return {
    node: node.name,
    isSame: isServed,
    ...(served !== undefined && { served }),
    ...(isProblem && { problem }),
  }
}

class Publication {
  readonly #parts: PublishingParts
  readonly #caller: Caller
  readonly #checked: CheckedFile
  readonly #request: PublishRequest

  constructor(parts: PublishingParts, caller: Caller, checked: CheckedFile, request: PublishRequest) {
    this.#parts = parts
    this.#caller = caller
    this.#checked = checked
    this.#request = request
  }

  /** All nodes are read before the first is written: several may have one folder. */
  async run(nodes: readonly PublishingNode[]): Promise<readonly NodePublication[]> {
    const read = await Promise.all(nodes.map((node) => this.#read(node)))
    const put = await Promise.all(read.map((found) => ('outcome' in found ? found : this.#put(found))))
    // Never all at once: while one restarts, the others serve.
    const restarted = new Map<string, Problem | undefined>()
    const reports = new Map<string, Promise<NodePublication>>()
    for (const [index, outcome] of put.entries()) {
      const node = nodes[index]
      if (node === undefined || !this.#isToRestart(node, outcome)) continue
      restarted.set(node.name, await this.#restart(node))
      const report = this.#readBack(node, outcome, restarted.get(node.name), true)
      reports.set(node.name, report)
      await report
    }
    return await Promise.all(
      nodes.map((node, index) => {
        const outcome = put[index] as PutOutcome
        return reports.get(node.name) ?? this.#readBack(node, outcome, undefined, false)
      }),
    )
  }

  async #read(node: PublishingNode): Promise<FoundNode | PutOutcome> {
    const { way, name } = node
    const { cluster } = this.#parts
    if (way === undefined) {
      const detail = `The settings say no way for a file to get onto ${name}: publishing.`
      const problem = toProblem(new BridgeError('CLUSTER_NOT_CONFIGURED', detail, { cluster, node: name }))
      return { node: name, outcome: 'failed', problem }
    }
    this.#parts.onStep?.({ node: name, step: 'reading' })
    try {
      return { node, way, before: await readBefore(node, way, this.#checked.file) }
    } catch (error) {
      return { node: name, to: way.to, outcome: 'failed', problem: toProblem(error) }
    }
  }

  #put(found: FoundNode): Promise<PutOutcome> {
    return putOnNode(this.#parts, this.#caller, this.#checked, found)
  }

  #isToRestart({ restartTftp }: PublishingNode, { outcome, problem }: PutOutcome): boolean {
    const isWanted = this.#request.restartTftp === true && restartTftp !== undefined
    return isWanted && outcome === 'written' && problem?.code !== 'NODE_OUTCOME_UNKNOWN'
  }

  async #restart(node: PublishingNode): Promise<Problem | undefined> {
    this.#parts.onStep?.({ node: node.name, step: 'restarting' })
    const facts = { cluster: this.#parts.cluster, node: node.name, service: 'Cisco Tftp' }
    try {
      const use = auditedUse(this.#caller, 'cluster.restart', facts)
      await audited(this.#parts.audit, use, async () => node.restartTftp?.())
      return undefined
    } catch (error) {
      return toProblem(error)
    }
  }

  async #readBack(
    node: PublishingNode,
    put: PutOutcome,
    restartProblem: Problem | undefined,
    isRestarted: boolean,
  ): Promise<NodePublication> {
    this.#parts.onStep?.({ node: node.name, step: 'reading-back' })
    const usual = isRestarted ? usualPatience.afterRestart : usualPatience.otherwise
    const patience = put.outcome === 'written' ? (this.#request.patience ?? usual) : 0
    const look = await waitUntilServed(node, { ...this.#checked, patience, interval: LOOK_EVERY })
    const report = judge(put, look, restartProblem)
    if (put.kept !== undefined && put.outcome !== 'guided') await this.#finish(put.kept, report.outcome)
    else if (put.kept !== undefined) await this.#finish(put.kept, 'guided')
    this.#parts.onStep?.({ node: node.name, step: 'done', outcome: report.outcome })
    return report
  }

  /** The file is where it is; a row without outcome says that it was not known. */
  #finish(kept: number, outcome: string): Promise<void> {
    return this.#parts.published.finish(kept, outcome).catch(() => undefined)
  }
}

/** What was seen counts more than what was said. */
function judge(put: PutOutcome, look: AwaitedNode, restartProblem: Problem | undefined): NodePublication {
  const served = look.served === undefined ? {} : { served: look.served }
  if (put.outcome !== 'written') return { ...put, outcome: put.outcome, ...served }
  const { problem, ...rest } = put
  const isUnknown = problem?.code === 'NODE_OUTCOME_UNKNOWN'
  if (look.isServed) {
    const left = isUnknown ? restartProblem : (problem ?? restartProblem)
    return { ...rest, outcome: 'published', ...served, ...(left && { problem: left }) }
  }
  const why = problem ?? restartProblem ?? look.problem
  return { ...rest, outcome: isUnknown ? 'failed' : 'not-served', ...served, ...(why && { problem: why }) }
}
