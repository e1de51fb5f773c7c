import { inspect } from 'node:util'
import type { ExecutionContext } from 'ava'
import { BridgeError } from '../../daemon/bridge-error.js'
import { LeaseError } from '../../daemon/tokens/lease-error.js'
import type { TokenEvent } from '../../daemon/tokens/token-event.js'
import { Tokens, type UnlockRequest } from '../../daemon/tokens/tokens.js'
import { TokenError } from '../../drivers/token.js'
import { type OpenStore, temporaryStore } from '../store/temporary-store.js'
import {
  AuditDouble,
  ClockDouble,
  callerNamed,
  type Identity,
  ModuleDouble,
  newIdentity,
  PIN,
  readCertificate,
  snapshotOf,
  type TokenDouble,
} from './token-doubles.js'

export const ANNA = callerNamed('Anna')
export const BERT = callerNamed('Bert')
export const OPERATOR = callerNamed('Olga', ['operate'])
export const MESSAGE = Buffer.from('a message')
export const SECOND = 1000

export interface Setting {
  readonly identity: Identity
  readonly module: ModuleDouble
  readonly clock: ClockDouble
  readonly audit: AuditDouble
  readonly store: OpenStore
  readonly events: TokenEvent[]
  readonly tokens: Tokens
}

export async function oneToken(t: ExecutionContext): Promise<Setting> {
  const identity = await newIdentity()
  const module = new ModuleDouble('double', identity.key)
  module.tokens = [snapshotOf('T1', [identity.der])]
  const clock = new ClockDouble()
  const audit = new AuditDouble()
  const events: TokenEvent[] = []
  const onEvent = (event: TokenEvent) => events.push(event)
  const store = await temporaryStore(t)
  const { memory, guard } = store
  const tokens = new Tokens({ modules: [module], readCertificate, audit, memory, guard, clock, onEvent })
  await tokens.start()
  t.teardown(() => tokens.close())
  return { identity, module, clock, audit, store, events, tokens }
}

export function unlock({ tokens }: Setting, caller = ANNA, request: Partial<UnlockRequest> = {}) {
  return tokens.unlock(caller, 'T1', { pin: PIN, ...request })
}

export function sign({ tokens, identity }: Setting, caller = ANNA) {
  return tokens.sign(caller, 'T1', identity.sha256, 'rsa-sha1', MESSAGE)
}

export async function refused(t: ExecutionContext, work: Promise<unknown>, code: string): Promise<Error> {
  const error = await t.throwsAsync(work)
  const ours = [TokenError, LeaseError, BridgeError].some((kind) => error instanceof kind)
  t.true(ours, inspect(error))
  t.like(error, { code })
  return error
}

export function lastOpened({ module }: Setting): TokenDouble {
  const port = module.opened.at(-1)
  if (port === undefined) throw new Error('No port was opened.')
  return port
}

export function lockReasons({ events }: Setting): string[] {
  return events.flatMap((event) => (event.type === 'token.locked' ? event.data.why : []))
}

const WRONG = new TokenError('PIN_WRONG', 'The token refused the PIN.', { token: 'T1', reached: 'yes' })

/** The next login, or change of the PIN, fails with `why`. */
export function refuseNextLogin({ module, identity }: Setting, why: Error = WRONG): void {
  const open = module.onOpen
  module.onOpen = async (serial) => {
    module.onOpen = open
    const token = await new ModuleDouble('', identity.key).onOpen(serial)
    token.onLogin = () => Promise.reject(why)
    return token
  }
}

/** How often a PIN reached a token. */
export function triesOf({ module }: Setting): number {
  return module.opened.reduce((sum, { logins, changes }) => sum + logins.length + changes.length, 0)
}
