/**
 * Whether publishing works on a cluster, found out without risk: the very file that a node serves is written over
 * itself, Cisco Tftp is restarted, and the file is read back.
 */
import { createHash } from 'node:crypto'
import { BridgeError } from '../../bridge-error.js'
import type { Caller } from '../../principal.js'
import { type Problem, toProblem } from '../../problems.js'
import { audited, auditedUse } from '../../store/audited.js'
import type { KeptProbe, PublishingProbes } from '../../store/publishing-probes.js'
import type { ShownCtl } from '../ports.js'
import { type CheckedFile, CTL_FILE, checkPublishedFile } from './check-published-file.js'
import { chooseProbedNode, type ProbeNode } from './choose-probed-node.js'
import { isSame, publishError } from './publish-error.js'
import type { PublishingParts, PublishingStep, PublishingWay } from './publishing.js'
import { keep } from './put-on-node.js'
import { type Before, readBefore } from './read-before.js'
import { waitUntilServed } from './wait-until-served.js'

export interface ProbeParts extends Omit<PublishingParts, 'nodes'> {
  /** All that run TFTP. */
  readonly nodes: readonly ProbeNode[]
  readonly probes: PublishingProbes
  /** Undefined: the cluster does not say, nor do the settings. */
  readonly release: () => Promise<string | undefined>
  /** `show ctl` of the publisher, where its command line is configured. */
  readonly showCtl?: (() => Promise<ShownCtl>) | undefined
}

export interface ProbeRequest {
  /** Default: a subscriber with TFTP, else the publisher. */
  readonly node?: string | undefined
  /**
   * Where the file goes by guide: the person says that it was uploaded and Cisco Tftp restarted. Without this a guided
   * probe gives the steps and does nothing else. That the upload was done cannot be seen: the bytes are the same.
   */
  readonly isUploaded?: boolean | undefined
  /** Milliseconds until the node must serve the file again. */
  readonly patience?: number | undefined
}

export interface ProbeReport {
  readonly cluster: string
  readonly node: string
  readonly release?: string
  readonly file: string
  readonly to?: PublishingWay['to']
  /** `guided`: the steps are to be done, then it is asked again with `isUploaded`. */
  readonly outcome: KeptProbe['outcome'] | 'guided'
  /** Of the file. */
  readonly sha256?: string
  /** The file that a person uploads, where the store keeps it. */
  readonly kept?: number
  readonly steps?: readonly string[]
  /** Sentences: what was done and seen, in order. */
  readonly evidence: readonly string[]
  readonly problem?: Problem
}

const usualPatience = 180_000
const LOOK_EVERY = 500

/** Rejects with CLUSTER_NOT_CONFIGURED or STORE_UNUSABLE; what a node refuses is in the report. */
export async function probe(parts: ProbeParts, caller: Caller, request: ProbeRequest): Promise<ProbeReport> {
  const node = chooseProbedNode(parts, request.node)
  const { way } = node
  if (way === undefined) {
    const detail = `The settings say no way for a file to get onto ${node.name}: publishing.`
    throw new BridgeError('CLUSTER_NOT_CONFIGURED', detail, { cluster: parts.cluster, node: node.name })
  }
  const release = await parts.release().catch(() => undefined)
  const run = new Probe(parts, caller, node, way, request)
  const report = await run.run()
  const all = { ...report, ...(release !== undefined && { release }) }
  // A node that is down says nothing on whether publishing works, nor does somebody who came in between.
  const isFinding = run.isTried && all.problem?.code !== 'PUBLISH_OVERTAKEN'
  if (all.outcome === 'guided' || !isFinding) return all
  const { keyId, name } = caller.principal
  await parts.probes.remember({
    cluster: all.cluster,
    node: all.node,
    release: release ?? '',
    file: all.file,
    to: way.to,
    principal: { keyId, name },
    outcome: all.outcome,
    evidence: all.problem === undefined ? all.evidence : [...all.evidence, all.problem.detail],
  })
  return all
}

class Probe {
  readonly #parts: ProbeParts
  readonly #caller: Caller
  readonly #node: ProbeNode
  readonly #way: PublishingWay
  readonly #request: ProbeRequest
  readonly #evidence: string[] = []
  /** Whether a file was written, or is said to be. */
  isTried = false

  constructor(parts: ProbeParts, caller: Caller, node: ProbeNode, way: PublishingWay, request: ProbeRequest) {
    this.#parts = parts
    this.#caller = caller
    this.#node = node
    this.#way = way
    this.#request = request
  }

  async run(): Promise<ProbeReport> {
    const { name } = this.#node
    const base = { cluster: this.#parts.cluster, node: name, file: CTL_FILE, to: this.#way.to }
    try {
      const { checked, before } = await this.#read()
      const known = { ...base, sha256: checked.sha256 }
      const guided = await this.#write(checked, before)
      if (guided !== undefined) return { ...known, ...guided, outcome: 'guided', evidence: this.#evidence }
      await this.#restart()
      await this.#readBack(checked)
      await this.#showCtl(checked)
      const outcome = this.#way.to === 'guided' ? 'works-as-said' : 'works'
      return { ...known, outcome, evidence: this.#evidence }
    } catch (error) {
      return { ...base, outcome: 'fails', evidence: this.#evidence, problem: toProblem(error) }
    } finally {
      this.#tell('done')
    }
  }

  #tell(step: PublishingStep['step']): void {
    this.#parts.onStep?.({ node: this.#node.name, step })
  }

  async #read(): Promise<{ readonly checked: CheckedFile; readonly before: Before }> {
    this.#tell('reading')
    const { name } = this.#node
    const before = await readBefore(this.#node, this.#way, CTL_FILE)
    // Only what is seen to be served may be written: nothing else is identical and current.
    const served = before.served ?? (await this.#node.readServed(CTL_FILE))
    const place = { node: name, path: CTL_FILE }
    const checked = checkPublishedFile(served)
    this.#evidence.push(`${name} served ${CTL_FILE}, ${served.length} bytes, SHA-256 ${checked.sha256}.`)
    if (this.#way.to !== 'guided' && !isSame(before.target ?? undefined, served)) {
      const detail =
        'What lies at the target is not what the node serves: it serves another folder, or Cisco Tftp was not restarted since. Nothing was written.'
      throw publishError('PUBLISH_OVERTAKEN', place, detail)
    }
    return { checked, before }
  }

  /** Resolves with what a person has to do first. */
  async #write(
    checked: CheckedFile,
    before: Before,
  ): Promise<{ readonly steps: readonly string[]; readonly kept: number } | undefined> {
    const way = this.#way
    const { cluster, audit } = this.#parts
    const facts = { cluster, node: this.#node.name, file: checked.file, sha256: checked.sha256, to: way.to }
    const use = auditedUse(this.#caller, 'cluster.probe', facts)
    if (way.to === 'guided') {
      if (this.#request.isUploaded !== true) {
        const kept = await keep(this.#parts, this.#caller, checked, this.#node, before)
        await this.#parts.published.finish(kept, 'probe')
        return { steps: way.steps(checked.file), kept }
      }
      await audited(audit, use, async () => undefined)
      this.isTried = true
      this.#evidence.push('That the same file was uploaded and Cisco Tftp restarted was said, not seen.')
      return undefined
    }
    this.#tell('keeping')
    const kept = await keep(this.#parts, this.#caller, checked, this.#node, before)
    await audited(audit, use, async () => {
      this.#tell('writing')
      this.isTried = true
      await way.publisher.write(checked.file, checked.bytes, { before: checked.bytes, evenIfSame: true })
    })
    await this.#parts.published.finish(kept, 'probe')
    this.#evidence.push(`The same bytes were written over it (${way.to}).`)
    return undefined
  }

  async #restart(): Promise<void> {
    // Where a person uploaded the file, restarting was a step as well.
    if (this.#way.to === 'guided') return
    const { restartTftp, name } = this.#node
    if (restartTftp === undefined) {
      this.#evidence.push('Cisco Tftp was not restarted: the settings name nobody who can.')
      return
    }
    this.#tell('restarting')
    const facts = { cluster: this.#parts.cluster, node: name, service: 'Cisco Tftp' }
    await audited(this.#parts.audit, auditedUse(this.#caller, 'cluster.restart', facts), async () =>
      restartTftp(),
    )
    this.#evidence.push('Cisco Tftp was restarted.')
  }

  async #readBack(checked: CheckedFile): Promise<void> {
    this.#tell('reading-back')
    const patience = this.#request.patience ?? usualPatience
    const look = await waitUntilServed(this.#node, { ...checked, patience, interval: LOOK_EVERY })
    if (look.isServed) {
      this.#evidence.push('It serves the same file again.')
      return
    }
    const { name } = this.#node
    const detail =
      look.served === undefined
        ? `It does not serve the file any more: ${look.problem?.detail ?? 'no answer'}`
        : `It serves ${look.served === null ? `no ${checked.file}` : `another ${checked.file} (SHA-256 ${look.served})`} now.`
    throw publishError('PUBLISH_NOT_SERVED', { node: name, path: checked.file }, detail)
  }

  async #showCtl({ bytes }: CheckedFile): Promise<void> {
    const { showCtl } = this.#parts
    if (showCtl === undefined) {
      this.#evidence.push('show ctl was not looked at: the settings name no command line of the publisher.')
      return
    }
    const shown = await showCtl().catch((error: unknown) => {
      this.#evidence.push(`show ctl could not be looked at: ${toProblem(error).detail}`)
    })
    if (shown === undefined) return
    const md5 = createHash('md5').update(bytes).digest('hex')
    if (shown.md5 === md5 && shown.isVerified) {
      this.#evidence.push('show ctl of the publisher has its checksum and verifies it.')
      return
    }
    const what =
      shown.md5 === md5
        ? 'has its checksum and does not verify it'
        : `shows another checksum (${shown.md5 === undefined ? 'no file' : `MD5 ${shown.md5}`})`
    const detail = `show ctl of the publisher ${what}.`
    throw publishError('PUBLISH_NOT_SERVED', { node: this.#node.name, path: CTL_FILE }, detail)
  }
}
