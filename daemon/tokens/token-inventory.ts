import { isDeepStrictEqual } from 'node:util'
import type { ModulePort, TokenError, TokenSnapshot } from '../../drivers/token.js'
import type { RememberedToken, TokenMemory } from '../store/token-memory.js'
import { type KnownCertificate, knowCertificate, type ReadCertificate } from './known-certificate.js'
import { ModuleScans, type ScanResult } from './module-scans.js'
import type { OnTokenEvent } from './token-event.js'
import type { ModuleView } from './token-view.js'

/** A token that was seen at least once, by this daemon or a former one. */
export interface KnownToken {
  readonly snapshot: TokenSnapshot
  readonly certificates: readonly KnownCertificate[]
  /** Undefined when the module that showed it is not configured any more. */
  readonly module: ModulePort | undefined
  readonly moduleName: string
  /** Later modules that show the same serial. */
  readonly shadowed: readonly string[]
  readonly present: boolean
  /** Why nothing can be done with it now. */
  readonly fault: string | undefined
}

interface Module {
  readonly port: ModulePort
  readonly scans: ModuleScans
  result: ScanResult | undefined
  /** What the last scan that worked showed: a module that fails does not take its tokens with it. */
  tokens: readonly TokenSnapshot[]
  library: ModuleView['library'] | undefined
  stopWatching: (() => void) | undefined
}

export interface InventoryOptions {
  /** In the order of the configuration: the first that shows a serial owns it. */
  readonly modules: readonly ModulePort[]
  readonly readCertificate: ReadCertificate
  readonly onEvent: OnTokenEvent
  readonly memory: TokenMemory
  /** Called when a token could not be remembered; its next change tries again. */
  readonly onForgotten: (error: unknown) => void
}

/** What is plugged in, and what ever was. */
export class TokenInventory {
  readonly #modules: readonly Module[]
  readonly #readCertificate: ReadCertificate
  readonly #onEvent: OnTokenEvent
  readonly #memory: TokenMemory
  readonly #onForgotten: (error: unknown) => void
  #tokens: ReadonlyMap<string, KnownToken> = new Map()
  #closed = false

  constructor({ modules, readCertificate, onEvent, memory, onForgotten }: InventoryOptions) {
    this.#readCertificate = readCertificate
    this.#onEvent = onEvent
    this.#memory = memory
    this.#onForgotten = onForgotten
    this.#modules = modules.map((port, index) => ({
      port,
      scans: new ModuleScans(port, (result) => this.#take(index, result)),
      result: undefined,
      tokens: [],
      library: undefined,
      stopWatching: undefined,
    }))
  }

  /**
   * Recalls the tokens that were seen before and watches every module. Resolves after the first scan
   * of each, whether it worked or not.
   */
  async start(): Promise<void> {
    const remembered = await this.#memory.all()
    this.#tokens = new Map(remembered.map((token) => [token.snapshot.serial, this.#recall(token)]))
    for (const module of this.#modules) {
      module.stopWatching = module.port.watch(() => void module.scans.rescan())
    }
    await this.rescan()
  }

  /** Resolves after a fresh scan of every module, or of the named one; of parked ones when asked for. */
  async rescan(name?: string, evenParked = false): Promise<void> {
    if (this.#closed) return
    const asked = this.#modules.filter(({ port }) => name === undefined || port.name === name)
    await Promise.all(asked.map(({ scans }) => scans.rescan(evenParked)))
  }

  list(): readonly KnownToken[] {
    return [...this.#tokens.values()]
  }

  find(serial: string): KnownToken | undefined {
    return this.#tokens.get(serial)
  }

  /** Of a token that is not plugged in. One that comes meanwhile stays. Rejects with STORE_UNUSABLE. */
  async forget(serial: string): Promise<void> {
    await this.#memory.forget(serial)
    const token = this.#tokens.get(serial)
    if (token === undefined) return
    if (token.present)
      return await this.#memory.remember({ snapshot: token.snapshot, module: token.moduleName })
    this.#tokens = new Map([...this.#tokens].filter(([other]) => other !== serial))
    this.#onEvent({ type: 'token.forgotten', data: { serial, module: token.moduleName } })
  }

  modules(): readonly ModuleView[] {
    return this.#modules.map(({ port, result, library }) => ({
      name: port.name,
      ...stateOf(result),
      ...(library !== undefined && { library }),
      tokens: this.list().filter(({ module, present }) => present && module === port).length,
    }))
  }

  async close(): Promise<void> {
    this.#closed = true
    for (const { stopWatching } of this.#modules) stopWatching?.()
    await Promise.all(this.#modules.map(({ port }) => port.close()))
  }

  #take(index: number, result: ScanResult): void {
    const module = this.#modules[index]
    if (module === undefined || this.#closed) return
    const before = module.result
    module.result = result
    if ('snapshot' in result) {
      module.tokens = result.snapshot.tokens
      module.library = result.snapshot.library
    }
    this.#update()
    this.#tellModule(module, before)
  }

  #tellModule({ port, result }: Module, before: ScanResult | undefined): void {
    if (result === undefined || isDeepStrictEqual(stateOf(result), stateOf(before))) return
    if ('error' in result) {
      const { code, message } = result.error
      this.#onEvent({ type: 'module.failed', data: { module: port.name, code, detail: message } })
    } else {
      const tokens = result.snapshot.tokens.length
      this.#onEvent({ type: 'module.ready', data: { module: port.name, tokens } })
    }
  }

  #update(): void {
    const before = this.#tokens
    this.#tokens = this.#knownNow(before)
    for (const [serial, token] of this.#tokens) {
      this.#tellToken(serial, before.get(serial), token)
      if (isNews(before.get(serial), token)) this.#remember(token)
    }
  }

  #recall({ snapshot, module }: RememberedToken): KnownToken {
    return {
      snapshot,
      certificates: this.#read(snapshot),
      module: this.#modules.find(({ port }) => port.name === module)?.port,
      moduleName: module,
      shadowed: [],
      present: false,
      fault: undefined,
    }
  }

  #remember({ snapshot, moduleName }: KnownToken): void {
    this.#memory.remember({ snapshot, module: moduleName }).catch(this.#onForgotten)
  }

  #read({ certificates, mechanisms }: TokenSnapshot): KnownCertificate[] {
    return certificates.map((certificate) => knowCertificate(certificate, mechanisms, this.#readCertificate))
  }

  #knownNow(before: ReadonlyMap<string, KnownToken>): ReadonlyMap<string, KnownToken> {
    const known = new Map<string, KnownToken>()
    for (const module of this.#modules) {
      for (const snapshot of module.tokens) {
        const first = known.get(snapshot.serial)
        if (first === undefined) {
          known.set(snapshot.serial, this.#know(module, snapshot, before.get(snapshot.serial)))
        } else if (first.module !== module.port) {
          known.set(snapshot.serial, { ...first, shadowed: [...first.shadowed, module.port.name] })
        }
      }
    }
    for (const [serial, token] of before) {
      if (!known.has(serial)) known.set(serial, { ...token, present: false, fault: undefined, shadowed: [] })
    }
    return known
  }

  #know({ port, result }: Module, snapshot: TokenSnapshot, before: KnownToken | undefined): KnownToken {
    const fault = result !== undefined && 'error' in result ? failureText(result.error) : snapshot.fault
    const seen = { module: port, moduleName: port.name, shadowed: [], present: true, fault }
    // Certificates that were read once are not lost because a later look failed.
    if (snapshot.fault !== undefined && before !== undefined) {
      const { certificates, mechanisms } = before.snapshot
      return { ...before, ...seen, snapshot: { ...snapshot, certificates, mechanisms } }
    }
    if (before !== undefined && isDeepStrictEqual(before.snapshot, snapshot)) return { ...before, ...seen }
    return { ...seen, snapshot, certificates: this.#read(snapshot) }
  }

  #tellToken(serial: string, before: KnownToken | undefined, now: KnownToken): void {
    const data = { serial, module: now.moduleName }
    const wasThere = before?.present ?? false
    if (now.present && !wasThere) {
      this.#onEvent({ type: 'token.inserted', data: { ...data, first: before === undefined } })
    } else if (!now.present && wasThere) this.#onEvent({ type: 'token.removed', data })
    else if (before !== undefined && !sameToken(before, now)) this.#onEvent({ type: 'token.changed', data })
  }
}

/** Whether what is remembered of a token is no longer so; that it was there until now counts. */
function isNews(before: KnownToken | undefined, now: KnownToken): boolean {
  if (before === undefined || before.present !== now.present) return true
  return before.moduleName !== now.moduleName || !isDeepStrictEqual(before.snapshot, now.snapshot)
}

function sameToken(one: KnownToken, other: KnownToken): boolean {
  return (
    one.moduleName === other.moduleName &&
    one.fault === other.fault &&
    isDeepStrictEqual(one.shadowed, other.shadowed) &&
    isDeepStrictEqual(one.snapshot, other.snapshot)
  )
}

function stateOf(result: ScanResult | undefined): Pick<ModuleView, 'state' | 'error'> {
  if (result === undefined) return { state: 'starting' }
  if ('snapshot' in result) return { state: 'ready' }
  const { code, message } = result.error
  return { state: code === 'MODULE_PARKED' ? 'parked' : 'failed', error: { code, detail: message } }
}

function failureText(error: TokenError): string {
  return `The module of this token fails: ${error.message}`
}
