/** Labs of two accounts on one machine: each daemon knows its own, and nothing is left of either. */
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import { isRunning } from '../../lab/up/lab-process.js'
import { childrenOf } from '../processes.js'
import { type LabRoom, openLabRoom } from './lab-room.js'

let rooms: readonly LabRoom[] = []
test.before(async () => {
  rooms = await Promise.all(
    ['krakow', 'berlin'].map((name) => openLabRoom('--name', name, '--nodes', '1', '--phones', '3')),
  )
})
test.after.always(() => Promise.all(rooms.map((room) => room.close())))

test.serial('each account sees its own cluster and its own tokens', async (t) => {
  for (const room of rooms) {
    const { stdout } = await room.run(['clusters', '--json'])
    const { clusters } = JSON.parse(stdout)
    t.deepEqual(
      clusters.map(({ name, isLab }: { name: string; isLab: boolean }) => [name, isLab]),
      [[room.status.name, true]],
    )
    const tokens = JSON.parse((await room.run(['tokens', '--json'])).stdout).tokens
    t.deepEqual(
      tokens.map(({ serial }: { serial: string }) => serial).sort(),
      room.status.tokens.map(({ serial }) => serial).sort(),
    )
    t.true(room.status.folder.startsWith(room.home))
    const { code, stdout: seen, stderr } = await room.look()
    t.is(code, 0, seen + stderr)
    t.true(seen.startsWith(`Cluster ${room.status.name} (CUCM)`))
    const other = await room.run(['clusters', 'observe', room.status.name === 'krakow' ? 'berlin' : 'krakow'])
    t.regex(other.stderr, /CLUSTER_UNKNOWN/)
  }
})

test.serial(
  'one ends, the other goes on; of the one nothing is left but what the daemon remembers',
  async (t) => {
    const [first, second] = rooms
    if (first === undefined || second === undefined) return t.fail()
    const processes = childrenOf(process.pid).flatMap((pid) => [
      pid,
      ...childrenOf(pid).flatMap((child) => [child, ...childrenOf(child)]),
    ])
    t.true(processes.filter(isRunning).length >= 6, 'command, lab and daemon of both')
    t.is(await first.end(), 0)
    t.false(existsSync(first.status.folder))
    t.false(existsSync(join(first.home, 'run/ctl-bridge/api.sock')))
    t.deepEqual(readdirSync(first.home).sort(), ['my settings', 'my state', 'run'])
    t.deepEqual(readdirSync(join(first.home, 'my settings/ctl-bridge')), ['config.toml'])
    t.is((await second.run(['lab', 'status'])).code, 0)
    const gone = await first.run(['clusters', 'observe', first.status.name])
    t.regex(gone.stderr, /DAEMON_UNREACHABLE/)
    t.is(await second.end(), 0)
    t.deepEqual(processes.filter(isRunning), [])
  },
)
