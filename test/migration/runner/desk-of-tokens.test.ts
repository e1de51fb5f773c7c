import test from 'ava'
import { deskOfTokens } from '../../../daemon/migration/runner/desk-of-tokens.js'
import { stepKeyId, stepPrincipal } from '../../../daemon/migration/runner/step-principal.js'
import { ANNA, BERT, oneToken, refused, sign, triesOf, unlock } from '../../tokens/one-token.js'
import { snapshotOf } from '../../tokens/token-doubles.js'

const key = stepKeyId('m1', '05-sign')
const forStep = { ...ANNA, principal: stepPrincipal('m1', '05-sign', ANNA.principal) }

test('a token that its custodian unlocked for the step is the step’s, and nobody else’s', async (t) => {
  const setting = await oneToken(t)
  const desk = deskOfTokens(setting.tokens)
  t.deepEqual((await desk.standing('T1', key)).planned, { is: 'locked' })
  await unlock(setting, forStep)
  const holder = 'Anna, for step 05-sign of migration m1'
  t.deepEqual((await desk.standing('T1', key)).planned, { is: 'unlocked', holder })
  t.deepEqual((await desk.standing('T1', stepKeyId('m1', '06'))).planned, { is: 'held', holder })
  await refused(t, sign(setting, ANNA), 'TOKEN_IN_USE')
  await refused(t, unlock(setting, BERT), 'TOKEN_IN_USE')
  await t.notThrowsAsync(sign(setting, forStep))
  t.is(triesOf(setting), 1)
  t.true(setting.audit.entries.some(({ principal }) => principal.name === holder))
})

test('a token that is unlocked for something else is held; one that is elsewhere is absent', async (t) => {
  const setting = await oneToken(t)
  const desk = deskOfTokens(setting.tokens)
  await unlock(setting, BERT)
  t.deepEqual((await desk.standing('T1', key)).planned, { is: 'held', holder: 'Bert' })
  t.deepEqual(await desk.standing('T9', key), {
    planned: { is: 'absent' },
    others: [{ serial: 'T1', label: setting.tokens.get('T1').label }],
  })
  setting.module.tokens = []
  await setting.tokens.rescan()
  t.deepEqual(await desk.standing('T1', key), { planned: { is: 'absent' }, others: [] })
})

test('a token whose PIN is locked is told so', async (t) => {
  const setting = await oneToken(t)
  const { identity, module, tokens } = setting
  const snapshot = snapshotOf('T1', [identity.der])
  module.tokens = [{ ...snapshot, pin: { ...snapshot.pin, locked: true } }]
  await tokens.rescan()
  const { planned } = await deskOfTokens(tokens).standing('T1', key)
  t.like(planned, { is: 'unusable' })
})
