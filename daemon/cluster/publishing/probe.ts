/**
 * Whether publishing works on a cluster, found out without risk: the very file that a node serves is written over
 * itself, Cisco Tftp is restarted, and the file is read back.
 */
import { createHash } from 'node:crypto'
import { BridgeError } from '../../bridge-error.js'
import type { Caller } from '../../principal.js'
import { toProblem } from '../../problems.js'
import { audited, auditedUse } from '../../store/audited.js'
import type { PublishingProbes } from '../../store/publishing-probes.js'
import type { ShownCtl } from '../ports.js'
import {
  type AskedUpload,
  askedUpload,
  keepToUpload,
  pendingUpload,
  probeOutcomes,
  servedInstead,
  wrongFile,
} from './asked-upload.js'
import { type CheckedFile, CTL_FILE, checkPublishedFile } from './check-published-file.js'
import { chooseProbedNode, type ProbeNode } from './choose-probed-node.js'
import { isSame, publishError } from './publish-error.js'
import type {
  AwaitedNode,
  ProbeReport,
  ProbeRequest,
  PublishingParts,
  PublishingStep,
  PublishingWay,
} from './publishing.js'
import { keep } from './put-on-node.js'
import { type Before, readBefore, stateOf } from './read-before.js'
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

const usualPatience = 180_000
const LOOK_EVERY = 500

/**
 * Rejects with CLUSTER_NOT_CONFIGURED and STORE_UNUSABLE, and with PUBLISH_ENTRY_UNKNOWN or PUBLISH_PROBE_OVER where
 * `uploaded` names no file to compare with; what a node refuses is in the report.
 */
export async function probe(parts: ProbeParts, caller: Caller, request: ProbeRequest): Promise<ProbeReport> {
  const { uploaded } = request
  const asked = uploaded === undefined ? undefined : await askedUpload(parts, uploaded, request.node)
  const node = chooseProbedNode(parts, asked?.node ?? request.node)
  const { way } = node
  if (way === undefined) {
    const detail = `The settings say no way for a file to get onto ${node.name}: publishing.`
    throw new BridgeError('CLUSTER_NOT_CONFIGURED', detail, { cluster: parts.cluster, node: node.name })
  }
  if (asked !== undefined && way.to !== 'guided') {
    const detail = `No person uploads to ${node.name}: the settings let the daemon write there (${way.to}). Probe it again.`
    throw new BridgeError('CLUSTER_NOT_CONFIGURED', detail, { cluster: parts.cluster, node: node.name })
  }
  const release = await parts.release().catch(() => undefined)
  const run = new Probe(parts, caller, node, way, request, asked)
  const report = await run.run()
  const all = { ...report, ...(release !== undefined && { release }) }
  // A node that is down says nothing on whether publishing works, nor does somebody who came in between.
  const isFinding = run.isTried && all.problem?.code !== 'PUBLISH_OVERTAKEN'
  if (all.outcome === 'guided' || !isFinding) return all
  if (asked !== undefined) {
    const came = all.outcome === 'fails' ? probeOutcomes.failed : probeOutcomes.done
    await parts.published.finish(asked.kept, came)
  }
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
  /** By guide: what was to be uploaded, as far as it is known. */
  #asked: AskedUpload | undefined
  readonly #evidence: string[] = []
  /** Whether a file was written, or is said to be and the node was seen afterwards. */
  isTried = false

  constructor(
    parts: ProbeParts,
    caller: Caller,
    node: ProbeNode,
    way: PublishingWay,
    request: ProbeRequest,
    asked: AskedUpload | undefined,
  ) {
    this.#parts = parts
    this.#caller = caller
    this.#node = node
    this.#way = way
    this.#request = request
    this.#asked = asked
  }

  async run(): Promise<ProbeReport> {
    const evidence = this.#evidence
    try {
      if (this.#asked !== undefined) {
        await this.#judge(this.#asked)
        return { ...this.#base(), outcome: 'works-as-said', evidence }
      }
      const { checked, before } = await this.#read()
      if (this.#way.to === 'guided') {
        this.#asked ??= await keepToUpload(this.#parts, this.#caller, checked, this.#node, before)
        return { ...this.#base(), outcome: 'guided', steps: this.#way.steps(checked.file), evidence }
      }
      await this.#write(checked, before, this.#way)
      await this.#restart()
      await this.#readBack(checked)
      await this.#showCtl(checked)
      return { ...this.#base(), sha256: checked.sha256, outcome: 'works', evidence }
    } catch (error) {
      return { ...this.#base(), outcome: 'fails', evidence, problem: toProblem(error) }
    } finally {
      this.#tell('done')
    }
  }

  #base() {
    const base = { cluster: this.#parts.cluster, node: this.#node.name, file: CTL_FILE, to: this.#way.to }
    const asked = this.#asked
    return asked === undefined ? base : { ...base, sha256: asked.checked.sha256, kept: asked.kept }
  }

  #tell(step: PublishingStep['step']): void {
    this.#parts.onStep?.({ node: this.#node.name, step })
  }

  async #read(): Promise<{ readonly checked: CheckedFile; readonly before: Before }> {
    this.#tell('reading')
    const { name } = this.#node
    const before = await readBefore(this.#node, this.#way, CTL_FILE)
    if (this.#way.to === 'guided') await this.#takeUpPending(before)
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

  /**
   * The same file is asked for under the same number again. Another one is refused: whoever uploaded a wrong file and
   * begins anew would be given that very file to upload, and find it served.
   */
  async #takeUpPending({ served }: Before): Promise<void> {
    const pending = await pendingUpload(this.#parts, this.#node.name)
    if (pending === undefined || served === undefined) return
    const state = stateOf(served)
    const { kept, checked } = pending
    if (state !== checked.sha256 && this.#request.isChanged === true) {
      this.#evidence.push(`That the CTL was changed on purpose since entry ${kept} was kept was said.`)
      return
    }
    this.#asked = pending
    if (state === checked.sha256) return
    throw wrongFile(this.#parts.cluster, pending, servedInstead(checked.file, state))
  }

  async #judge({ kept, at, checked }: AskedUpload): Promise<void> {
    const { cluster, audit } = this.#parts
    const { name } = this.#node
    const { file, bytes, sha256 } = checked
    this.#evidence.push(
      `To upload was the file that ${name} served at ${at}: ${file}, ${bytes.length} bytes, SHA-256 ${sha256}, entry ${kept}.`,
    )
    const facts = { cluster, node: name, file, sha256, to: this.#way.to, kept }
    await audited(audit, auditedUse(this.#caller, 'cluster.probe', facts), async () => {
      this.#evidence.push('That the same file was uploaded and Cisco Tftp restarted was said, not seen.')
      await this.#readBack(checked)
      await this.#showCtl(checked)
    })
  }

  async #write(
    checked: CheckedFile,
    before: Before,
    { to, publisher }: Exclude<PublishingWay, { to: 'guided' }>,
  ): Promise<void> {
    const { cluster, audit, published } = this.#parts
    const { file, bytes, sha256 } = checked
    const facts = { cluster, node: this.#node.name, file, sha256, to }
    this.#tell('keeping')
    const kept = await keep(this.#parts, this.#caller, checked, this.#node, before)
    await audited(audit, auditedUse(this.#caller, 'cluster.probe', facts), async () => {
      this.#tell('writing')
      this.isTried = true
      await publisher.write(file, bytes, { before: bytes, evenIfSame: true })
    })
    await published.finish(kept, probeOutcomes.done)
    this.#evidence.push(`The same bytes were written over it (${to}).`)
  }

  async #restart(): Promise<void> {
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
    const { name } = this.#node
    const { file } = checked
    const look = await this.#awaitServed(checked)
    const { served } = look
    if (this.#asked !== undefined) this.isTried = served !== undefined
    if (look.isServed) {
      this.#evidence.push('It serves the same file again.')
      return
    }
    if (served !== undefined && this.#asked !== undefined) {
      throw wrongFile(this.#parts.cluster, this.#asked, servedInstead(file, served))
    }
    const detail =
      served === undefined
        ? `It does not serve the file any more: ${look.problem?.detail ?? 'no answer'}`
        : `It serves ${served === null ? `no ${file}` : `another ${file} (SHA-256 ${served})`} now.`
    throw publishError('PUBLISH_NOT_SERVED', { node: name, path: file }, detail)
  }

  async #awaitServed(checked: CheckedFile): Promise<AwaitedNode> {
    const other = new AbortController()
    return await waitUntilServed(this.#node, {
      ...checked,
      patience: this.#request.patience ?? usualPatience,
      interval: LOOK_EVERY,
      signal: other.signal,
      onLook: ({ isServed, served }) => {
        // It served the file before the upload as well: another one will not turn into it, and phones fetch it now.
        if (this.#asked !== undefined && !isServed && typeof served === 'string') other.abort()
      },
    })
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
    if (this.#asked !== undefined && this.#node.isPublisher && shown.md5 !== md5) {
      // It tells of the file that lies there, which Cisco Tftp serves from its next restart on.
      throw wrongFile(this.#parts.cluster, this.#asked, `show ctl of the publisher ${what}`)
    }
    throw publishError('PUBLISH_NOT_SERVED', { node: this.#node.name, path: CTL_FILE }, detail)
  }
}
