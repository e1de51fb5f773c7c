import test from 'ava'
import { type ApiEvent, EventLog } from '../../daemon/http/event-log.js'

const now = () => new Date('2026-01-02T03:04:05Z')

function logWith(events: number): EventLog {
  const log = new EventLog('0badcafe', now)
  for (let number = 1; number <= events; number += 1) log.publish('token.changed', { number })
  return log
}

function replayed(log: EventLog, lastId?: string): string[] {
  const seen: ApiEvent[] = []
  log.subscribe(
    lastId,
    (event) => seen.push(event),
    () => undefined,
  )()
  return seen.map(({ id, type }) => (type === 'resync' ? `resync ${id}` : id))
}

test('a client that names no event gets only what is new', (t) => {
  t.deepEqual(replayed(logWith(3)), [])
})

test('a client that names its last event gets what came after it, and nothing when it saw all', (t) => {
  t.deepEqual(replayed(logWith(3), '0badcafe-1'), ['0badcafe-2', '0badcafe-3'])
  t.deepEqual(replayed(logWith(3), '0badcafe-0'), ['0badcafe-1', '0badcafe-2', '0badcafe-3'])
  t.deepEqual(replayed(logWith(3), '0badcafe-3'), [])
})

test('an id of another start, of the future or of no form at all is answered with resync', (t) => {
  const strange = ['11111111-1', '0badcafe-4', '0badcafe', '0badcafe-', '0badcafe-x', '0badcafe--1', '']
  for (const id of [...strange, '0badcafe-1-1', '0badcafe-0x1', '0badcafe-1e0', '-'.repeat(10_000)]) {
    t.deepEqual(replayed(logWith(3), id), ['resync 0badcafe-3'], id)
  }
})

test('events too old to be kept are answered with resync, and what is kept has no gap', (t) => {
  const log = logWith(2600)
  t.deepEqual(replayed(log, '0badcafe-1'), ['resync 0badcafe-2600'])
  const kept = replayed(log, '0badcafe-2200')
  t.is(kept.length, 400)
  t.is(kept[0], '0badcafe-2201')
  t.is(kept.at(-1), '0badcafe-2600')
})

test('whoever left hears nothing more', (t) => {
  const log = logWith(0)
  const seen: string[] = []
  const leave = log.subscribe(
    undefined,
    ({ id }) => seen.push(id),
    () => undefined,
  )
  log.publish('a', {})
  leave()
  log.publish('b', {})
  t.deepEqual(seen, ['0badcafe-1'])
})

test('after the end no stream hears an event, and a new one ends at once', (t) => {
  const log = logWith(0)
  const seen: string[] = []
  let ended = 0
  const onEnd = () => {
    ended += 1
  }
  log.subscribe(undefined, ({ id }) => seen.push(id), onEnd)
  log.end()
  t.is(ended, 1)
  log.publish('token.locked', {})
  t.deepEqual(seen, [])
  log.subscribe(undefined, ({ id }) => seen.push(id), onEnd)
  t.is(ended, 2)
})
