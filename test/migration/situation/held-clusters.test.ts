import test from 'ava'
import { BridgeError } from '../../../daemon/bridge-error.js'
import { ClusterDesk } from '../../../daemon/cluster/cluster-desk.js'
import type { Cluster } from '../../../daemon/cluster/configuration/cluster-schema.js'
import { HeldClusters } from '../../../daemon/migration/situation/held-clusters.js'
import { openDoubles, settingsOf, threeNodes } from '../../cluster/observe/observed-cluster.js'

function setting() {
  const life: string[] = []
  let settings: Cluster = threeNodes
  const clusters = new ClusterDesk({
    settings: {
      list: () => settingsOf(settings).list(),
      get: (name) => settingsOf(settings).get(name),
    },
    open: async () => {
      life.push('open')
      return { ...openDoubles({}), close: async () => void life.push('close') }
    },
  })
  return {
    life,
    held: new HeldClusters(clusters),
    changeSettings: () => {
      settings = { ...settings }
    },
  }
}

const refuse = () => Promise.reject(new BridgeError('NODE_LOGIN_REFUSED', 'No.', { node: 'pub' }))

test('a cluster is opened once for many looks, and closed in the end', async (t) => {
  const { held, life } = setting()
  await held.use('krakow', async () => undefined)
  await Promise.all([held.use('krakow', async () => 1), held.use('krakow', async () => 2)])
  t.deepEqual(life, ['open'])
  await held.close()
  t.deepEqual(life, ['open', 'close'])
})

test('other settings open it anew, and who still looks looks to the end', async (t) => {
  const { held, life, changeSettings } = setting()
  let release = (): void => undefined
  const gate = new Promise<void>((resolve) => {
    release = resolve
  })
  const first = held.use('krakow', () => gate)
  await Promise.resolve()
  changeSettings()
  await held.use('krakow', async () => undefined)
  t.deepEqual(life, ['open', 'open'])
  release()
  await first
  t.deepEqual(life, ['open', 'open', 'close'])
  await held.close()
})

test('a password that was refused is sent once, until somebody resumes or the settings change', async (t) => {
  const { held, changeSettings } = setting()
  let asked = 0
  const ask = () =>
    held.use('krakow', (cluster) =>
      cluster.ask('axl', () => {
        asked += 1
        return refuse()
      }),
    )
  await t.throwsAsync(ask(), { code: 'NODE_LOGIN_REFUSED' })
  await t.throwsAsync(ask(), { code: 'NODE_LOGIN_REFUSED' })
  t.is(asked, 1)
  await t.notThrowsAsync(held.use('krakow', (cluster) => cluster.ask('cli', async () => 'another door')))
  await held.forget('krakow')
  await t.throwsAsync(ask())
  t.is(asked, 2)
  changeSettings()
  await t.throwsAsync(ask())
  t.is(asked, 3)
  await held.close()
})

test('what failed otherwise is asked again', async (t) => {
  const { held } = setting()
  let asked = 0
  const ask = () =>
    held.use('krakow', (cluster) =>
      cluster.ask('axl', async () => {
        asked += 1
        throw new BridgeError('NODE_TIMEOUT', 'Late.', { node: 'pub' })
      }),
    )
  await t.throwsAsync(ask())
  await t.throwsAsync(ask())
  t.is(asked, 2)
  await held.close()
})
