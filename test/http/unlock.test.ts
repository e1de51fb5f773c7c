import test from 'ava'
import { makeFailureLimit } from '../../daemon/http/failure-limit.js'
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
    const caller = { principal: { keyId: 'k', name: 'n', scopes: [] }, requestId: 'r' }
    const request = { caller, params: { serial: 'a' }, query: {}, headers: {}, body: {}, accepted: '' }
    return await route?.handle({ ...request, clientLeft: () => clientLeft })
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

test('a client that left before the answer leaves no token unlocked', async (t) => {
  const { ask, story } = unlockRoute(ready)
  await ask(true)
  t.deepEqual(story, ['unlock', 'lock'])
})
