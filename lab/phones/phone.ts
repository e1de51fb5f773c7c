/** One phone of the lab: what it holds, and what it does when it is reset. */
import { askTvs } from './ask-tvs.js'
import { type Decision, decide, type Fetched, type TrustListKind, type TvsVerdict } from './decide.js'
import { type FetchWay, fetchFile, type TftpNode } from './fetch-file.js'
import { type PhoneConfiguration, readPhoneConfiguration } from './phone-configuration.js'
import { PhoneLog } from './phone-log.js'
import {
  type Checksum,
  checksumOf,
  type HeldTrustList,
  outcomeOf,
  outcomeText,
  type PhoneRecord,
  statusMessagesOf,
  type TrustListOutcome,
} from './phone-record.js'
import { namesOf, type PhoneRules, TRUST_LIST_CEILING } from './phone-rules.js'
import { type Registration, register } from './register.js'
import type { SignerQuestion } from './trust-list.js'
import { TvsAnswers } from './tvs-answers.js'

export interface PhoneIdentity {
  /** SEP and the MAC address. */
  readonly device: string
  /** `Cisco 7965` */
  readonly model: string
  readonly securityByDefault: boolean
  /** Which checksum the screen shows; it depends on the model, and which model shows which is not published. */
  readonly shows: Checksum
  readonly prefers: FetchWay
}

export interface PhoneSurroundings {
  /** In the order in which the phone tries them. */
  readonly nodes: () => readonly TftpNode[]
  readonly rules: () => PhoneRules
  /** Milliseconds since 1970. */
  readonly now: () => number
  readonly deadlines: PhoneDeadlines
}

/** Milliseconds. */
export interface PhoneDeadlines {
  readonly tftpWait: number
  readonly tftpTries: number
  readonly tls: number
}

/** A second between repetitions of a packet; TLS gets longer, because thousands come at once. */
export const usualDeadlines: PhoneDeadlines = { tftpWait: 1000, tftpTries: 5, tls: 15_000 }

/** What a phone begins with; a new one has nothing. */
export interface InstalledFiles {
  readonly ctl?: Uint8Array | undefined
  readonly itl?: Uint8Array | undefined
  /** The last SEP<MAC>.cnf.xml. */
  readonly configuration?: Uint8Array | undefined
}

export class Phone {
  readonly identity: PhoneIdentity
  readonly #surroundings: PhoneSurroundings
  readonly #log: PhoneLog
  readonly #tvsAnswers: TvsAnswers
  readonly #outcomes: Record<TrustListKind, TrustListOutcome> = {
    CTL: { kind: 'as installed' },
    ITL: { kind: 'as installed' },
  }
  readonly #silent = new Set<TftpNode>()
  #ctl: Uint8Array | undefined
  #itl: Uint8Array | undefined
  #configuration: PhoneConfiguration | undefined
  #registration: Registration = 'not tried'
  #statusMessages: readonly string[] = []
  #resets = 0
  #took = 0
  #bytes = 0
  #lastReset: Promise<void> = Promise.resolve()

  constructor(identity: PhoneIdentity, surroundings: PhoneSurroundings, installed: InstalledFiles = {}) {
    this.identity = identity
    this.#surroundings = surroundings
    this.#log = new PhoneLog(surroundings.now)
    this.#tvsAnswers = new TvsAnswers(surroundings.now)
    this.#ctl = installed.ctl
    this.#itl = identity.securityByDefault ? installed.itl : undefined
    this.#configuration = installed.configuration && readPhoneConfiguration(installed.configuration)
  }

  /** Fetches everything anew and registers. A phone that is being reset does it once more afterwards. */
  reset(): Promise<void> {
    this.#lastReset = this.#lastReset.then(() => this.#fetchAll())
    return this.#lastReset
  }

  /** What a person does at the phone's own menu when nothing else helps. */
  eraseTrustLists(): void {
    this.#ctl = undefined
    this.#itl = undefined
    this.#log.write('NOT', 'tlErase: trust lists erased at the phone')
  }

  record(): PhoneRecord {
    const { device, model, securityByDefault, shows } = this.identity
    return {
      device,
      model,
      securityByDefault,
      shows,
      ctl: this.#held(this.#ctl, this.#outcomes.CTL),
      itl: this.#held(this.#itl, this.#outcomes.ITL),
      registration: this.#registration,
      statusMessages: this.#statusMessages,
      resets: this.#resets,
      took: this.#took,
      bytes: this.#bytes,
    }
  }

  logLines(): readonly string[] {
    return this.#log.lines()
  }

  #held(bytes: Uint8Array | undefined, outcome: TrustListOutcome): HeldTrustList {
    return { checksum: checksumOf(bytes, this.identity.shows), outcome }
  }

  async #fetchAll(): Promise<void> {
    const start = performance.now()
    this.#bytes = 0
    this.#silent.clear()
    for (const kind of this.#surroundings.rules().fetchOrder) {
      if (kind === 'configuration') await this.#fetchConfiguration()
      else await this.#fetchTrustList(kind)
    }
    await this.#register()
    const holdsAny = this.#ctl !== undefined || this.#itl !== undefined
    this.#statusMessages = statusMessagesOf(this.#outcomes.CTL, this.#outcomes.ITL, holdsAny)
    for (const message of this.#statusMessages) this.#log.write('NOT', `status: ${message}`)
    this.#resets += 1
    this.#took = performance.now() - start
  }

  async #fetch(kind: TrustListKind | 'configuration'): Promise<Fetched> {
    const { deadlines } = this.#surroundings
    const limits = {
      wait: deadlines.tftpWait,
      tries: deadlines.tftpTries,
      ceiling: TRUST_LIST_CEILING,
    }
    const names = namesOf(kind, this.identity.device)
    this.#log.write('NOT', `tlRequestFile: request ${names.join(', then ')}`)
    const { name, fetched, silent } = await fetchFile(this.#nodes(), names, this.identity.prefers, limits)
    for (const node of silent) {
      this.#silent.add(node)
      this.#log.write('ERR', `tlRequestFile: no answer from ${node.host}`)
    }
    if (fetched.kind === 'file') this.#bytes += fetched.bytes.length
    const size = fetched.kind === 'file' ? `${fetched.bytes.length} bytes` : fetched.kind
    this.#log.write(fetched.kind === 'file' ? 'NOT' : 'ERR', `tlRequestFile: ${name}: ${size}`)
    return fetched
  }

  /** Who did not answer earlier in this reset comes last. */
  #nodes(): readonly TftpNode[] {
    const nodes = this.#surroundings.nodes()
    const isSilent = (node: TftpNode) => this.#silent.has(node)
    return [...nodes.filter((node) => !isSilent(node)), ...nodes.filter(isSilent)]
  }

  async #fetchConfiguration(): Promise<void> {
    const fetched = await this.#fetch('configuration')
    if (fetched.kind !== 'file') return
    const configuration = readPhoneConfiguration(fetched.bytes)
    if (configuration) this.#configuration = configuration
    else this.#log.write('ERR', 'cfgParse: the configuration cannot be read, the last one stays')
  }

  async #fetchTrustList(kind: TrustListKind): Promise<void> {
    if (kind === 'ITL' && !this.identity.securityByDefault) {
      this.#outcomes.ITL = { kind: 'not asked' }
      return
    }
    const fetched = await this.#fetch(kind)
    const decision = await this.#decide(kind, fetched)
    if (decision.do === 'install') {
      if (kind === 'CTL') this.#ctl = decision.bytes
      else this.#itl = decision.bytes
    }
    const outcome = outcomeOf(decision, fetched.kind === 'unreachable' ? fetched.cause : '')
    this.#outcomes[kind] = outcome
    const level = outcome.kind === 'rejected' || outcome.kind === 'unreachable' ? 'ERR' : 'NOT'
    this.#log.write(level, `tlUpdate: ${kind} ${outcomeText(outcome)}`)
  }

  async #decide(kind: TrustListKind, fetched: Fetched): Promise<Decision> {
    const facts = {
      kind,
      fetched,
      installedCtl: this.#ctl,
      installedItl: this.#itl,
      securityByDefault: this.identity.securityByDefault,
      rules: this.#surroundings.rules(),
    }
    const first = decide(facts)
    if (first.do !== 'ask TVS') return first
    return decide({ ...facts, tvs: await this.#askTvs(first.question) })
  }

  async #askTvs(question: SignerQuestion): Promise<TvsVerdict> {
    const serial = Buffer.from(question.serial).toString('hex')
    const kept = this.#tvsAnswers.find(question)
    if (kept) {
      this.#log.write('NOT', `tvsQuery: signer ${serial} is in the cache of TVS answers`)
      return { kind: 'answer', isTrusted: kept.isTrusted, roles: kept.roles }
    }
    const servers = this.#configuration?.tvs ?? []
    if (servers.length === 0 || this.#itl === undefined) return { kind: 'nobody to ask' }
    this.#log.write('NOT', `tvsQuery: signer ${serial} is in no installed trust list, ask TVS`)
    const outcome = await askTvs({
      servers,
      question,
      deviceName: `CP-${this.identity.model.replace(/^Cisco /, '')}-${this.identity.device}`,
      installedItl: this.#itl,
      deadline: this.#surroundings.deadlines.tls,
      log: (level, text) => this.#log.write(level, text),
    })
    if (outcome.kind !== 'answer') return outcome
    const { answer } = outcome
    this.#log.write(
      answer.isTrusted ? 'NOT' : 'ERR',
      `tvsQuery: status ${answer.isTrusted ? 0 : 1}, roles ${answer.roles.join(' ') || 'none'}, ttl ${answer.ttl ?? 'none'}`,
    )
    if (answer.isTrusted || this.#surroundings.rules().remembersRefusals) {
      this.#tvsAnswers.keep(question, answer)
    }
    return { kind: 'answer', isTrusted: answer.isTrusted, roles: answer.roles }
  }

  async #register(): Promise<void> {
    const configuration = this.#configuration
    if (!configuration?.isSecure) {
      this.#registration = 'not tried'
      return
    }
    this.#registration = await register(
      configuration.callManagers,
      this.#ctl,
      this.#surroundings.deadlines.tls,
      (level, text) => this.#log.write(level, text),
    )
  }
}
