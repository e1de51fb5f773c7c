import { generateKeyPairSync } from 'node:crypto'
import test, { type ExecutionContext } from 'ava'
import type { TokenEvent } from '../../daemon/tokens/token-event.js'
import { Tokens } from '../../daemon/tokens/tokens.js'
import { TokenError } from '../../drivers/token.js'
import { issueSastCertificate } from '../../softhsm/sast-certificate.js'
import { temporaryStore } from '../store/temporary-store.js'
import {
  AuditDouble,
  gate,
  ModuleDouble,
  newIdentity,
  readCertificate,
  sharedIssuer,
  snapshotOf,
} from './token-doubles.js'

interface Setting {
  readonly tokens: Tokens
  /** Takes the events since the last call, as `type subject`. */
  readonly happened: () => string[]
}

async function started(t: ExecutionContext, ...modules: ModuleDouble[]): Promise<Setting> {
  const events: TokenEvent[] = []
  const onEvent = (event: TokenEvent) => events.push(event)
  const { memory, guard } = await temporaryStore(t)
  const audit = new AuditDouble()
  const tokens = new Tokens({ modules, readCertificate, audit, memory, guard, onEvent })
  t.teardown(() => tokens.close())
  await tokens.start()
  return { tokens, happened: () => events.splice(0).map(textOf) }
}

function textOf({ type, data }: TokenEvent): string {
  return `${type} ${'serial' in data ? data.serial : data.module}`
}

function failure(detail: string): TokenError {
  return new TokenError('MODULE_NOT_LOADABLE', detail, { module: 'a' })
}

test('A token seen once stays known after it is gone, and comes back as itself', async (t) => {
  const module = new ModuleDouble('a')
  const { der } = await newIdentity()
  module.tokens = [snapshotOf('T1', [der])]
  const { tokens, happened } = await started(t, module)
  t.deepEqual(happened(), ['token.inserted T1', 'module.ready a'])
  module.tokens = []
  await tokens.rescan()
  t.deepEqual(happened(), ['token.removed T1'])
  t.like(tokens.get('T1'), { state: 'absent', label: 'label of T1', certificates: { length: 1 } })
  await tokens.rescan()
  t.deepEqual(happened(), [])
  module.tokens = [snapshotOf('T1', [der])]
  await tokens.rescan()
  t.deepEqual(happened(), ['token.inserted T1'])
  t.is(tokens.get('T1').state, 'present')
})

test('The first configured module owns a serial that two show; the other is shadowed', async (t) => {
  const first = new ModuleDouble('first')
  const second = new ModuleDouble('second')
  first.tokens = [snapshotOf('T1', [])]
  second.tokens = [snapshotOf('T1', []), snapshotOf('T2', [])]
  first.onScan = () => new Promise((resolve) => setImmediate(resolve))
  const { tokens, happened } = await started(t, first, second)
  t.deepEqual(happened().slice(0, 2), ['token.inserted T1', 'token.inserted T2'], 'the second was quicker')
  t.like(tokens.get('T1'), { module: 'first', shadowed: ['second'] })
  t.like(tokens.get('T2'), { module: 'second', shadowed: [] })
  t.deepEqual(
    tokens.modules().map(({ tokens: count }) => count),
    [1, 1],
  )
  happened()
  first.tokens = []
  await tokens.rescan()
  t.like(tokens.get('T1'), { module: 'second', shadowed: [], state: 'present' })
  t.deepEqual(happened(), ['token.changed T1'])
})

test('A changed token is told once', async (t) => {
  const module = new ModuleDouble('a')
  const before = snapshotOf('T1', [])
  module.tokens = [before]
  const { tokens, happened } = await started(t, module)
  happened()
  module.tokens = [{ ...before, pin: { ...before.pin, locked: true } }]
  await tokens.rescan()
  await tokens.rescan()
  t.deepEqual(happened(), ['token.changed T1'])
  t.is(tokens.get('T1').state, 'locked-out')
})

test('A module that fails keeps its tokens, as faulty, and says why once', async (t) => {
  const module = new ModuleDouble('a')
  const healthy = new ModuleDouble('b')
  module.tokens = [snapshotOf('T1', [])]
  healthy.tokens = [snapshotOf('T2', [])]
  const { tokens, happened } = await started(t, module, healthy)
  happened()
  module.failure = failure('No such file.')
  await tokens.rescan()
  await tokens.rescan()
  t.deepEqual(happened(), ['token.changed T1', 'module.failed a'])
  t.is(tokens.get('T1').state, 'faulty')
  t.regex(tokens.get('T1').fault ?? '', /No such file/)
  t.is(tokens.get('T2').state, 'present')
  t.like(tokens.modules()[0], {
    state: 'failed',
    error: { code: 'MODULE_NOT_LOADABLE', detail: 'No such file.' },
  })
  module.failure = undefined
  await tokens.rescan()
  t.deepEqual(happened(), ['token.changed T1', 'module.ready a'])
  t.is(tokens.get('T1').state, 'present')
})

test('A daemon starts although a module cannot be loaded', async (t) => {
  const module = new ModuleDouble('a')
  module.failure = failure('wrong ELF class')
  const { tokens, happened } = await started(t, module)
  t.deepEqual(happened(), ['module.failed a'])
  t.deepEqual(tokens.list(), [])
  t.deepEqual(tokens.modules(), [
    {
      name: 'a',
      state: 'failed',
      error: { code: 'MODULE_NOT_LOADABLE', detail: 'wrong ELF class' },
      tokens: 0,
    },
  ])
})

test('A token that cannot be read is faulty and keeps the certificates it showed before', async (t) => {
  const module = new ModuleDouble('a')
  const { der } = await newIdentity()
  module.tokens = [snapshotOf('T1', [der])]
  const { tokens } = await started(t, module)
  module.tokens = [snapshotOf('T1', [], { mechanisms: [], fault: 'Reading failed with CKR_DEVICE_ERROR.' })]
  await tokens.rescan()
  t.like(tokens.get('T1'), { state: 'faulty', fault: 'Reading failed with CKR_DEVICE_ERROR.' })
  t.true(tokens.get('T1').certificates[0]?.maySign)
})

test('A certificate that cannot be read is shown with the reason and harms no other', async (t) => {
  const module = new ModuleDouble('a')
  const { der, sha256 } = await newIdentity()
  module.tokens = [snapshotOf('T1', [new Uint8Array([1, 2, 3]), der])]
  const { tokens } = await started(t, module)
  const [broken, good] = tokens.get('T1').certificates
  t.like(broken, { maySign: false, whyNot: 'the certificate cannot be read', subject: null, key: null })
  t.is(broken?.sha256, '039058c6f2c0cb492c533b0a4d14ef77cc0f78abccced5287d84a1a2011cfb81')
  t.like(good, { maySign: true, sha256, key: { type: 'rsa', bits: 1024 } })
})

test('A certificate says why it may not sign a CTL', async (t) => {
  const issuer = await sharedIssuer()
  const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey
  const odd = generateKeyPairSync('rsa', { modulusLength: 1536 }).publicKey
  const good = await newIdentity()
  const module = new ModuleDouble('a')
  const ders = [issueSastCertificate(ec, 'EC', issuer), issueSastCertificate(odd, 'odd', issuer), good.der]
  const certificate = { keyId: '', label: 'unpaired', der: good.der }
  module.tokens = [
    snapshotOf('T1', ders),
    snapshotOf('T2', [good.der], { mechanisms: ['CKM_ECDSA'] }),
    snapshotOf('T3', [], { certificates: [certificate] }),
  ]
  const { tokens } = await started(t, module)
  const reasons = tokens.list().map(({ certificates }) => certificates.map(({ whyNot }) => whyNot))
  t.regex(reasons[0]?.[0] ?? '', /EC key/)
  t.regex(reasons[0]?.[1] ?? '', /1536 bits/)
  t.is(reasons[0]?.[2], undefined)
  t.regex(reasons[1]?.[0] ?? '', /no mechanism/)
  t.regex(reasons[2]?.[0] ?? '', /no key id/)
})

test('Hints during a scan share one scan afterwards', async (t) => {
  const module = new ModuleDouble('a')
  const { tokens } = await started(t, module)
  const { passed, open } = gate()
  module.onScan = () => passed
  const before = module.scans
  const first = tokens.rescan()
  const meanwhile = [tokens.rescan(), tokens.rescan()]
  for (let hint = 0; hint < 5; hint++) module.hint()
  t.is(module.scans - before, 1, 'one at a time')
  open()
  await Promise.all([first, ...meanwhile])
  t.is(module.scans - before, 2)
})

test('A hint leads to a scan', async (t) => {
  const module = new ModuleDouble('a')
  const { tokens } = await started(t, module)
  module.tokens = [snapshotOf('T1', [])]
  t.deepEqual(tokens.list(), [])
  module.hint()
  await new Promise((resolve) => setImmediate(resolve))
  t.is(tokens.get('T1').state, 'present')
})
