import test from 'ava'
import { refuseEarly, requireReadings } from '../../../daemon/migration/desk/refusals.js'
import type { Condition, Step } from '../../../daemon/migration/plan/plan.js'

const stepUntil = (id: string, ...until: Condition[]): Step => ({
  id,
  actor: 'person',
  title: id,
  instructions: [],
  does: { do: 'reset-phones', which: 'pilots' },
  needs: [],
  until,
  undo: { by: 'nothing' },
})

test('a word on all other phones is taken where all phones are reset, and not of the pilots', (t) => {
  const pilots = stepUntil('12-pilots', { is: 'pilots-accepted', what: 'new' })
  const fleet = stepUntil('13-all', { is: 'fleet-answered', what: 'new' })
  const one = { device: 'SEP01', took: 'accepted' } as const
  const readings = [one, { device: '*', took: 'accepted' }] as const
  t.notThrows(() => requireReadings('m1', pilots, [one]))
  t.notThrows(() => requireReadings('m1', fleet, readings))
  const refused = { code: 'MIGRATION_NOTHING_TO_ANSWER', message: /pilots are read one by one/ }
  t.throws(() => requireReadings('m1', pilots, readings), refused)
  t.throws(() => requireReadings('m1', stepUntil('11', { is: 'mode', mode: 'mixed' }), readings), {
    message: /waits for no reading/,
  })
})

test('unread is said of a model, at the pilots too, and of no phone', (t) => {
  const pilots = stepUntil('12-pilots', { is: 'pilots-accepted', what: 'new' })
  t.notThrows(() => requireReadings('m1', pilots, [{ device: '*', took: 'unread', model: 'CTI Port' }]))
  for (const wrong of [{ device: '*' }, { device: 'SEP01', model: 'CTI Port' }]) {
    t.throws(() => requireReadings('m1', pilots, [{ ...wrong, took: 'unread' }]), {
      code: 'MIGRATION_NOTHING_TO_ANSWER',
      message: /unread is said of a model/,
    })
  }
})

test('what a step asks for, and GO, cannot be said at the start', (t) => {
  t.notThrows(() => refuseEarly(['BACKUP_TAKEN', 'NOT_FIPS', 'CONSUMERS_INFORMED']))
  for (const statement of [
    'SERVICES_RESTARTED',
    'UPLOADS_SETTLED',
    'SWITCH_BACK_FILE_CHECKED',
    'CLOCK_IS_RIGHT',
    'GO',
  ] as const) {
    const error = t.throws(() => refuseEarly(['BACKUP_TAKEN', statement]), { code: 'BODY_INVALID' })
    t.regex(String(error), new RegExp(`${statement}.*cannot be said at the start`))
    t.like(error, { place: { pointer: '/said/1' } })
  }
})
