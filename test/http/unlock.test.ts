import test from 'ava'
import { makeFailureLimit } from '../../daemon/http/failure-limit.js'
import { provisionRoutes } from '../../daemon/http/provision-routes.js'
import type { RouteParts } from '../../daemon/http/route-parts.js'
import { tokenRoutes } from '../../daemon/http/token-routes.js'
import { TokenError } from '../../drivers/token.js'

/** The route on a token that answers as told; `story` is what was asked of it. */
function unlockRoute(outcome: () => Promise<object>) {
  const story: string[] = []
  const view = { serial: 'a', certificates: [] }
  const tokens = {
    get: () => view,
    unlock: () => {
      story.push('unlock')
      return outcome()
    },
    lock: async () => {
      story.push('lock')
      return view
    },
  }
  const parts = { tokens, unlockLimit: makeFailureLimit(10, 60, () => 0) } as unknown as RouteParts
  const route = tokenRoutes(parts).find(({ id }) => id === 'unlockToken')
  const ask = async (clientLeft = false) => {
    const principal = { keyId: 'k', name: 'n', scopes: [] }
    const caller = { principal, requestId: 'r', hasLeft: () => clientLeft }
    const request = { caller, params: { serial: 'a' }, query: {}, headers: {}, body: {}, accepted: '' }
    return await route?.handle(request)
  }
  return { story, ask }
}

const ready = async () => ({ serial: 'a', certificates: [] })
const refusal =
  (...args: ConstructorParameters<typeof TokenError>) =>
  () =>
    Promise.reject(new TokenError(...args))

test('a right PIN is no failure, however often it comes', async (t) => {
  const { ask, story } = unlockRoute(ready)
  for (let time = 0; time < 30; time += 1) await ask()
  t.is(story.length, 30)
})

test('after ten tries that were spent, or may have been, no other reaches the token', async (t) => {
  for (const outcome of [
    refusal('PIN_WRONG', 'no'),
    refusal('DEADLINE_EXCEEDED', 'late', { reached: 'maybe' }),
    refusal('MODULE_HOST_DIED', 'dead', { reached: 'maybe' }),
  ]) {
    const { ask, story } = unlockRoute(outcome)
    for (let time = 0; time < 10; time += 1) await t.throwsAsync(ask(), { instanceOf: TokenError })
    await t.throwsAsync(ask(), { code: 'RATE_LIMITED' })
    t.is(story.length, 10)
  }
})

test('a refusal that spent no try is not counted', async (t) => {
  const { ask, story } = unlockRoute(refusal('PIN_LENGTH', 'short', { reached: 'no' }))
  for (let time = 0; time < 30; time += 1) await t.throwsAsync(ask(), { code: 'PIN_LENGTH' })
  t.is(story.length, 30)
})

test('the routes that write onto a token count their failures with those of unlocking', async (t) => {
  let calls = 0
  const fail = async () => {
    calls += 1
    throw new TokenError('PIN_WRONG', 'no', { reached: 'yes' })
  }
  const provisioning = { makeKey: fail, writeCertificate: fail }
  const tokens = { get: () => ({ serial: 'a' }), unlock: fail, changePin: fail }
  const parts = { tokens, provisioning, unlockLimit: makeFailureLimit(10, 60, () => 0) }
  const all = [tokenRoutes, provisionRoutes].flatMap((routes) => routes(parts as unknown as RouteParts))
  const ids = ['unlockToken', 'changePin', 'makeKey', 'writeCertificate']
  const tries = all.filter(({ id }) => ids.includes(id))
  t.is(tries.length, ids.length)
  const caller = { principal: { keyId: 'k', name: 'n', scopes: [] }, requestId: 'r' }
  const body = { certificate: '' }
  const request = { caller, params: { serial: 'a' }, query: {}, headers: {}, body, accepted: '' }
  for (let time = 0; time < 10; time += 1) {
    await t.throwsAsync(async () => tries[time % ids.length]?.handle(request), { code: 'PIN_WRONG' })
  }
  for (const route of tries) await t.throwsAsync(async () => route.handle(request), { code: 'RATE_LIMITED' })
  t.is(calls, 10)
})

test('a client that left before the answer leaves no token unlocked', async (t) => {
  const { ask, story } = unlockRoute(ready)
  await ask(true)
  t.deepEqual(story, ['unlock', 'lock'])
})
