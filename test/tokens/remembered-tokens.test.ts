import test, { type ExecutionContext } from 'ava'
import { composeCtlFile } from '../../daemon/signing/compose-ctl-file.js'
import type { StoreDatabase } from '../../daemon/store/database.js'
import type { TokenEvent } from '../../daemon/tokens/token-event.js'
import { Tokens } from '../../daemon/tokens/tokens.js'
import { describeCtlFile } from '../../daemon/trust/show/describe-ctl-file.js'
import { TokenError } from '../../drivers/token.js'
import { openStore, temporaryFolder } from '../store/temporary-store.js'
import { ANNA, refused } from './one-token.js'
import { AuditDouble, ModuleDouble, newIdentity, PIN, readCertificate, snapshotOf } from './token-doubles.js'

interface Life {
  readonly tokens: Tokens
  readonly events: TokenEvent[]
  readonly forgotten: unknown[]
  readonly store: StoreDatabase
  readonly audit: AuditDouble
  end(): Promise<void>
}

/** One daemon's life over a state folder. */
async function live(t: ExecutionContext, folder: string, ...modules: ModuleDouble[]): Promise<Life> {
  const { store, memory, guard } = await openStore(folder)
  const events: TokenEvent[] = []
  const forgotten: unknown[] = []
  const audit = new AuditDouble()
  const tokens = new Tokens({
    modules,
    readCertificate,
    audit,
    memory,
    guard,
    onEvent: (event) => events.push(event),
    onForgotten: (error) => forgotten.push(error),
  })
  await tokens.start()
  const end = async () => {
    await tokens.close()
    await store.close()
  }
  t.teardown(end)
  return { tokens, events, forgotten, store, audit, end }
}

test('A token seen once is absent after a restart, with all that was known of it', async (t) => {
  const folder = await temporaryFolder(t)
  const { der, sha256 } = await newIdentity()
  const module = new ModuleDouble('a')
  module.tokens = [snapshotOf('T1', [der])]
  const first = await live(t, folder, module)
  const before = first.tokens.get('T1')
  await first.end()
  module.tokens = []
  const { tokens, events } = await live(t, folder, module)
  t.deepEqual(tokens.get('T1'), { ...before, state: 'absent' })
  t.like(tokens.get('T1').certificates[0], { sha256, maySign: true })
  await refused(t, tokens.unlock(ANNA, 'T1', { pin: PIN }), 'TOKEN_REMOVED')
  t.deepEqual(
    events.map(({ type }) => type),
    ['module.ready'],
  )
})

test('A token is new once: later it comes back as one that was seen before', async (t) => {
  const folder = await temporaryFolder(t)
  const module = new ModuleDouble('a')
  module.tokens = [snapshotOf('T1', [])]
  const first = await live(t, folder, module)
  t.like(first.events[0], { type: 'token.inserted', data: { serial: 'T1', module: 'a', first: true } })
  await first.end()
  const { events } = await live(t, folder, module)
  t.like(events[0], { type: 'token.inserted', data: { serial: 'T1', first: false } })
})

test('What changed of a token is what is remembered', async (t) => {
  const folder = await temporaryFolder(t)
  const [one, two] = [await newIdentity(), await newIdentity()]
  const module = new ModuleDouble('a')
  module.tokens = [snapshotOf('T1', [one.der, two.der])]
  const first = await live(t, folder, module)
  module.tokens = [snapshotOf('T1', [two.der], { label: 'renamed' })]
  await first.tokens.rescan()
  module.tokens = [snapshotOf('T1', [], { label: 'renamed', fault: 'Reading failed.' })]
  await first.tokens.rescan()
  await first.end()
  module.tokens = []
  const { tokens } = await live(t, folder, module)
  t.like(tokens.get('T1'), { label: 'renamed', certificates: [{ sha256: two.sha256 }] })
  t.is(tokens.get('T1').certificates.length, 1)
  t.is(tokens.get('T1').fault, undefined)
})

test('A CTL is composed with a token that is remembered and not plugged in', async (t) => {
  const folder = await temporaryFolder(t)
  const [here, elsewhere] = [await newIdentity(), await newIdentity()]
  const module = new ModuleDouble('a')
  module.tokens = [snapshotOf('T1', [elsewhere.der])]
  await (await live(t, folder, module)).end()
  module.tokens = [snapshotOf('T2', [here.der])]
  const { tokens } = await live(t, folder, module)
  const request = {
    profile: 'ctl-client',
    digest: 'sha1',
    timestamp: 1_425_675_365,
    fileName: 'CTLFile.tlv',
    signer: { token: 'T2' },
    records: [
      { from: 'token', source: { token: 'T2' } },
      { from: 'token', source: { token: 'T1' } },
    ],
  } as const
  const { draft } = composeCtlFile(tokens, request, new Date(0))
  t.deepEqual(
    describeCtlFile(draft).records.map(({ certificate }) => certificate?.sha256),
    [here.sha256, elsewhere.sha256],
  )
})

test('A token whose module is not configured any more is absent, and served by another once it shows it', async (t) => {
  const folder = await temporaryFolder(t)
  const former = new ModuleDouble('former')
  former.tokens = [snapshotOf('T1', [])]
  await (await live(t, folder, former)).end()
  const other = new ModuleDouble('other')
  const { tokens } = await live(t, folder, other)
  t.like(tokens.get('T1'), { state: 'absent', module: 'former' })
  await refused(t, tokens.unlock(ANNA, 'T1', { pin: PIN }), 'TOKEN_REMOVED')
  other.tokens = [snapshotOf('T1', [])]
  await tokens.rescan()
  t.like(tokens.get('T1'), { state: 'present', module: 'other' })
})

test('A token that was forgotten is in no list, also after a restart; if it comes it is new, and its wrong tries count on', async (t) => {
  const folder = await temporaryFolder(t)
  const module = new ModuleDouble('a')
  const { der, key } = await newIdentity()
  module.tokens = [snapshotOf('T1', [der]), snapshotOf('T2', [])]
  const first = await live(t, folder, module)
  const refusal = { code: 'PIN_WRONG' }
  module.onOpen = async (serial) => {
    const token = await new ModuleDouble('', key).onOpen(serial)
    token.onLogin = () =>
      Promise.reject(new TokenError('PIN_WRONG', 'It is wrong.', { token: serial, reached: 'yes' }))
    return token
  }
  await t.throwsAsync(first.tokens.unlock(ANNA, 'T1', { pin: '0000' }), refusal)
  module.tokens = [snapshotOf('T2', [])]
  await first.tokens.rescan()
  first.events.splice(0)
  await first.tokens.forget(ANNA, 'T1')
  t.deepEqual(first.events, [{ type: 'token.forgotten', data: { serial: 'T1', module: 'a' } }])
  t.deepEqual(serialsOf(first.tokens), ['T2'])
  t.throws(() => first.tokens.get('T1'), { code: 'TOKEN_UNKNOWN' })
  await refused(t, first.tokens.forget(ANNA, 'T1'), 'TOKEN_UNKNOWN')
  await first.end()
  const { tokens, events } = await live(t, folder, module)
  t.deepEqual(serialsOf(tokens), ['T2'])
  events.splice(0)
  module.tokens = [snapshotOf('T1', []), snapshotOf('T2', [])]
  await tokens.rescan()
  t.like(events[0], { type: 'token.inserted', data: { serial: 'T1', first: true } })
  t.is(tokens.get('T1').wrongTries, 1)
})

test('A token that is plugged in is not forgotten, and both are in the audit log', async (t) => {
  const folder = await temporaryFolder(t)
  const module = new ModuleDouble('a')
  module.tokens = [snapshotOf('T1', [])]
  const { tokens, audit } = await live(t, folder, module)
  await refused(t, tokens.forget(ANNA, 'T1'), 'TOKEN_PRESENT')
  t.deepEqual(audit.entries, [], 'nothing was tried')
  module.tokens = []
  await tokens.rescan()
  await tokens.forget(ANNA, 'T1')
  t.like(audit.entries, [
    { action: 'token.forget', phase: 'intent', facts: { token: 'T1' } },
    { action: 'token.forget', phase: 'outcome', outcome: 'ok' },
  ])
})

test('A token that comes while it is forgotten stays', async (t) => {
  const folder = await temporaryFolder(t)
  const module = new ModuleDouble('a')
  module.tokens = [snapshotOf('T1', [])]
  const first = await live(t, folder, module)
  module.tokens = []
  await first.tokens.rescan()
  const forgotten = first.tokens.forget(ANNA, 'T1')
  module.tokens = [snapshotOf('T1', [])]
  await Promise.all([forgotten, first.tokens.rescan()])
  t.is(first.tokens.get('T1').state, 'present')
  await first.end()
  module.tokens = []
  const { tokens } = await live(t, folder, module)
  t.is(tokens.get('T1').state, 'absent')
})

const serialsOf = (tokens: Tokens): string[] => tokens.list().map(({ serial }) => serial)

test('A token that cannot be remembered is served all the same, and that is told', async (t) => {
  const folder = await temporaryFolder(t)
  const module = new ModuleDouble('a')
  const { tokens, forgotten, store } = await live(t, folder, module)
  await store.close()
  module.tokens = [snapshotOf('T1', [])]
  await tokens.rescan()
  await new Promise((resolve) => setImmediate(resolve))
  t.is(tokens.get('T1').state, 'present')
  t.like(forgotten, [{ code: 'STORE_UNUSABLE' }])
})
