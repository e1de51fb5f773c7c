/**
 * A cluster on paper, behind the ports of the runner: it does what it is told, writes down each act, and outlives the
 * runner that is thrown away. Phones take what the publisher serves when they are reset.
 */
import { createHash } from 'node:crypto'
import type { CucmService, SecurityMode } from '../../../daemon/cluster/ports.js'
import type { Action, Condition } from '../../../daemon/migration/plan/plan.js'
import type { PreflightFinding } from '../../../daemon/migration/preflight/finding.js'
import { beforeName } from '../../../daemon/migration/runner/artifact-names.js'
import type { Eyes, Glance, SeeContext, Seen, StepContext } from '../../../daemon/migration/runner/eyes.js'
import type { ActContext, Hands } from '../../../daemon/migration/runner/hands.js'

export interface PaperNode {
  disk: Uint8Array | 'none'
  served: Uint8Array | 'none'
  readonly starts: Partial<Record<CucmService, number>>
}

const text = new TextEncoder()
export const newFile = text.encode('new file, signed by T1')

/** Between effects, so that a test can end the runner there. */
export type Between = () => Promise<void>

export class PaperCluster {
  readonly nodes: Record<string, PaperNode> = { pub: aNode(), sub: aNode() }
  mode: SecurityMode = 'non-secure'
  readonly trusted = new Set<string>()
  findings: readonly PreflightFinding[] = []
  /** Each act that had an effect, in order: `restart Cisco Tftp pub`. */
  readonly acts: string[] = []
  /** What each phone holds. */
  readonly phones: Record<string, string> = { SEP01: 'nothing', SEP02: 'nothing', SEP03: 'nothing' }
  resets = 0
  /** Files that the cluster made itself. */
  #made = 0

  wrote(what: string): void {
    this.acts.push(what)
  }

  count(act: string): number {
    return this.acts.filter((done) => done === act).length
  }

  /** What would be the same, however often the migration was interrupted. */
  picture(): unknown {
    const { nodes, mode, trusted, phones } = this
    const files = Object.entries(nodes).map(([name, { disk, served }]) => [name, hash(disk), hash(served)])
    return { files, mode, trusted: [...trusted], phones: { ...phones } }
  }

  hands(between: Between): Hands {
    return {
      act: async (action, context) => {
        await this.#act(action, context, between)
        return { lines: [`${action.do}: done`] }
      },
    }
  }

  async #act(action: Action, context: ActContext, between: Between): Promise<void> {
    switch (action.do) {
      case 'keep-files':
        for (const [name, { served }] of Object.entries(this.nodes)) {
          await context.keep(beforeName(name), served)
          await between()
        }
        return
      case 'compose':
        // A draft of another second: what is kept first is what counts.
        await context.keep(
          action.artifact,
          text.encode(`draft ${this.acts.length} ${context.caller.requestId}`),
        )
        this.wrote('compose')
        return
      case 'sign':
        this.wrote(`sign as ${context.caller.principal.name}`)
        await between()
        await context.keep(action.artifact, newFile)
        return
      case 'publish':
        for (const name of action.nodes) {
          const bytes = await this.#bytesOf(action.artifact, name, context)
          if (bytes === undefined) throw new Error('nothing to publish')
          this.node(name).disk = bytes
          this.wrote(`publish ${name}`)
          await between()
        }
        return
      case 'restart':
        this.restart(action.node, action.service)
        this.wrote(`restart ${action.service} ${action.node}`)
        return
      case 'set-mode':
        this.mode = action.mode
        this.makeFile()
        this.wrote(`set-mode ${action.mode}`)
        return
      case 'update-ctl-file':
        this.makeFile()
        this.wrote('update-ctl-file')
        return
      case 'reset-phones':
        this.resetPhones(action.which)
        this.wrote(`reset-phones ${action.which}`)
        return
      default:
        throw new Error(`the daemon was to do ${action.do}`)
    }
  }

  /** Does what it is told, as another daemon did it before. */
  repeat(act: string, published: Uint8Array | 'none' | undefined): void {
    this.acts.push(act)
    const [verb, ...rest] = act.split(' ')
    if (verb === 'set-mode') {
      this.mode = 'mixed'
      this.makeFile()
    }
    if (verb === 'publish' && published !== undefined) this.node(rest[0] ?? '').disk = published
    if (verb === 'restart') this.restart(rest.at(-1) ?? '', 'Cisco Tftp')
    if (verb === 'reset-phones') this.resetPhones(rest[0] === 'all' ? 'all' : 'pilots')
  }

  #bytesOf(what: string, node: string, { artifact, before }: StepContext) {
    return what === 'before' ? before(node) : artifact(what)
  }

  node(name: string): PaperNode {
    const node = this.nodes[name]
    if (node === undefined) throw new Error(`no node ${name}`)
    return node
  }

  restart(name: string, service: CucmService): void {
    const node = this.node(name)
    node.starts[service] = (node.starts[service] ?? 0) + 1
    if (service === 'Cisco Tftp') node.served = node.disk
  }

  /** As `utils ctl` does on every node. */
  makeFile(): void {
    this.#made += 1
    for (const node of Object.values(this.nodes)) node.disk = text.encode(`tokenless ${this.#made}`)
  }

  resetPhones(which: 'pilots' | 'all'): void {
    this.resets += 1
    for (const device of Object.keys(this.phones)) {
      if (which === 'all' || device === 'SEP01') this.phones[device] = hash(this.node('pub').served)
    }
  }

  eyes(): Eyes {
    return {
      see: async (condition, context) => this.#see(condition, context),
      glance: async () => this.glance(),
      judge: async () => this.findings,
    }
  }

  glance(): Glance {
    const files = Object.entries(this.nodes).map(([name, { served }]) => [
      name,
      { seen: hash(served), at: name },
    ])
    return { mode: { seen: this.mode, at: 'pub' }, files: Object.fromEntries(files) }
  }

  async #see(condition: Condition, context: SeeContext): Promise<Seen> {
    switch (condition.is) {
      case 'serves': {
        const have = condition.nodes.map((node) => [node, hash(this.node(node).served)] as const)
        const wanted = await Promise.all(
          condition.nodes.map((node) => this.#bytesOf(condition.what, node, context)),
        )
        const evidence = have.map(([node, served]) => ({ node, text: `serves ${served.slice(0, 8)}` }))
        const holds = wanted.every((bytes, index) => bytes !== undefined && hash(bytes) === have[index]?.[1])
        return { holds, evidence }
      }
      case 'signed-by': {
        // As show ctl tells it, of the disk.
        const had = await Promise.all(condition.nodes.map((node) => context.before(node)))
        const disks = condition.nodes.map((name) => hash(this.node(name).disk))
        const isNew = had.every((file, index) => file !== undefined && hash(file) !== disks[index])
        return { holds: isNew && new Set(disks).size === 1, evidence: [] }
      }
      case 'mode':
        return { holds: this.mode === condition.mode, evidence: [{ node: 'pub', text: this.mode }] }
      case 'tvs-trusts':
        return { holds: condition.sha256.every((one) => this.trusted.has(one)), evidence: [] }
      case 'service-started':
        return this.#against(context, String(this.node(condition.node).starts[condition.service] ?? 0), true)
      case 'pilots-accepted': {
        const refused = context.readings.find(({ took }) => took === 'refused')
        if (refused) return { holds: false, evidence: [], never: `${refused.device} refused the file.` }
        return this.#against(context, String(this.resets), this.phones.SEP01 === hash(newFile))
      }
      case 'fleet-answered': {
        const all = Object.values(this.phones).every((held) => held === hash(newFile))
        return this.#against(context, String(this.resets), all)
      }
      default:
        throw new Error(`asked for ${condition.is}`)
    }
  }

  #against({ asked, mark }: SeeContext, now: string, holds: boolean): Seen {
    if (asked === 'before') return { holds, evidence: [], mark: now }
    if (asked === 'in-doubt' && mark === undefined) return { holds: 'unknown', evidence: [] }
    return { holds: holds && mark !== now, evidence: [{ text: `${mark} → ${now}` }] }
  }
}

function aNode(): PaperNode {
  return { disk: 'none', served: 'none', starts: {} }
}

export const hash = (bytes: Uint8Array | 'none'): string =>
  bytes === 'none' ? 'none' : createHash('sha256').update(bytes).digest('hex')
