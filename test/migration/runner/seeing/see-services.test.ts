import test from 'ava'
import type { SeeContext } from '../../../../daemon/migration/runner/eyes.js'
import { seeServiceStarted } from '../../../../daemon/migration/runner/seeing/see-services.js'
import type { HeldCluster } from '../../../../daemon/migration/situation/held-clusters.js'

const NOON = Date.parse('2026-03-02T12:00:00.000Z')

/** A clock of this machine that may be set, beside the time that passes. */
class Times {
  passed = 0
  set = 0
  started = -86_400
  now = () => new Date(NOON + (this.passed + this.set) * 1000)
  state = async () => ({ status: 'Started', reason: '', upTime: Math.floor(this.passed - this.started) })
}

function look(times: Times, asked: SeeContext['asked'], mark?: string) {
  const node = { name: 'pub', address: 'pub', runs: ['tftp'] }
  const opened = { settings: { name: 'lab', nodes: [node] }, controlCenter: () => ({ state: times.state }) }
  const ask = <T>(_door: string, question: () => Promise<T>) => question()
  const held = { opened, ask } as unknown as HeldCluster
  const context = { asked, ...(mark !== undefined && { mark }) } as unknown as SeeContext
  const condition = { is: 'service-started', service: 'Cisco Tftp', node: 'pub' } as const
  return seeServiceStarted(held, condition, context, times.now)
}

test('whether a service was started anew is told by how long it has run, also when the clock was set meanwhile', async (t) => {
  for (const set of [0, 3_600, -3_600, 86_400 - 60]) {
    for (const isRestarted of [true, false]) {
      const times = new Times()
      const { mark } = await look(times, 'before')
      times.passed = 300
      if (isRestarted) times.started = 20
      times.set = set
      t.is((await look(times, 'in-doubt', mark)).holds, isRestarted, `set by ${set}, ${isRestarted}`)
    }
  }
})

test('a service that had just started: a restart an hour ago has run for longer than the one before', async (t) => {
  const times = new Times()
  times.started = -3
  const { mark } = await look(times, 'before')
  times.passed = 3_600
  t.false((await look(times, 'in-doubt', mark)).holds)
  times.started = 10
  t.true((await look(times, 'in-doubt', mark)).holds)
  t.is((await look(times, 'in-doubt')).holds, 'unknown')
  t.true((await look(times, 'after')).holds)
})
