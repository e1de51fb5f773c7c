import test from 'ava'
import { ClusterDesk } from '../../daemon/cluster/cluster-desk.js'
import { openDoubles, settingsOf, threeNodes } from './observe/observed-cluster.js'

function desk() {
  const life: string[] = []
  const made = new ClusterDesk({
    settings: settingsOf(threeNodes, { ...threeNodes, name: 'other' }),
    open: async (settings) => {
      life.push(`open ${settings.name}`)
      return {
        ...openDoubles({ settings }),
        close: async () => {
          life.push(`close ${settings.name}`)
          throw new Error('the connection does not end well')
        },
      }
    },
  })
  return { desk: made, life }
}

/** A promise and the way to fulfil it. */
function gate() {
  let open = (): void => undefined
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  return { open, opened }
}

test('a cluster that the settings do not name is neither looked at nor changed', async (t) => {
  const { desk: made, life } = desk()
  const unknown = { code: 'CLUSTER_UNKNOWN' }
  await t.throwsAsync(
    made.look('nowhere', 'observe', async () => t.fail()),
    unknown,
  )
  await t.throwsAsync(
    made.change('nowhere', 'publish', async () => t.fail()),
    unknown,
  )
  t.deepEqual(life, [])
})

test('two looks at once are one, the next one is another', async (t) => {
  const { desk: made, life } = desk()
  const { open, opened } = gate()
  let looks = 0
  const look = () =>
    made.look('krakow', 'observe', async () => {
      looks += 1
      await opened
      return looks
    })
  const both = Promise.all([look(), look()])
  open()
  t.deepEqual(await both, [1, 1])
  t.is(await look(), 2)
  t.deepEqual(life, ['open krakow', 'close krakow', 'open krakow', 'close krakow'])
})

test('one change of a cluster at a time; another cluster and a look are free', async (t) => {
  const { desk: made } = desk()
  const { open, opened } = gate()
  const first = made.change('krakow', 'publish', () => opened)
  await made.look('krakow', 'observe', async () => undefined)
  t.is(made.doing('krakow'), 'publish')
  await t.throwsAsync(
    made.change('krakow', 'probe', async () => undefined),
    {
      code: 'CLUSTER_BUSY',
      message: 'A publish is under way on krakow.',
    },
  )
  await made.change('other', 'publish', async () => undefined)
  open()
  await first
  t.is(made.doing('krakow'), undefined)
  await made.change('krakow', 'probe', async () => undefined)
})

test('two changes asked in one moment: one of them is refused', async (t) => {
  const { desk: made } = desk()
  const { open, opened } = gate()
  const both = [0, 1].map(() => made.change('krakow', 'publish', () => opened))
  open()
  const ended = await Promise.allSettled(both)
  t.deepEqual(ended.map(({ status }) => status).sort(), ['fulfilled', 'rejected'])
})

test('a change that fails leaves the cluster free, and the failure is the answer', async (t) => {
  const { desk: made, life } = desk()
  const failing = made.change('krakow', 'publish', () => Promise.reject(new Error('disk full')))
  await t.throwsAsync(failing, { message: 'disk full' })
  t.is(made.doing('krakow'), undefined)
  t.is(life.at(-1), 'close krakow')
})

test('a change that runs is waited for, a look is not', async (t) => {
  const { desk: made } = desk()
  const { open, opened } = gate()
  let ended = false
  void made.change('krakow', 'publish', async () => {
    await opened
    ended = true
  })
  void made.look('krakow', 'await', () => new Promise(() => undefined))
  setTimeout(open, 20)
  await made.settled()
  t.true(ended)
})

test('a change in turn waits for the one before it, however that ends', async (t) => {
  const { desk: made } = desk()
  const { open, opened } = gate()
  const order: string[] = []
  const first = made.change('krakow', 'probe', async () => {
    await opened
    order.push('probe')
    throw new Error('it failed')
  })
  const turns = ['one', 'two'].map((name) =>
    made.changeInTurn('krakow', `step ${name}`, async () => {
      order.push(`${name} begins`)
      await Promise.resolve()
      order.push(`${name} ends`)
    }),
  )
  await Promise.resolve()
  t.is(made.doing('krakow'), 'probe')
  open()
  await t.throwsAsync(first, { message: 'it failed' })
  await Promise.all(turns)
  t.deepEqual(order, ['probe', 'one begins', 'one ends', 'two begins', 'two ends'])
  t.is(made.doing('krakow'), undefined)
})

test('what is said against a change is its answer, and a change in turn is the one who says it', async (t) => {
  const { desk: made, life } = desk()
  const { BridgeError } = await import('../../daemon/bridge-error.js')
  made.objectTo(async (cluster, doing) =>
    doing === 'probe' ? undefined : new BridgeError('MIGRATION_OPEN', 'Not now.', { cluster }),
  )
  await t.throwsAsync(
    made.change('krakow', 'publication', async () => t.fail()),
    { code: 'MIGRATION_OPEN' },
  )
  t.deepEqual(life, [])
  t.is(await made.change('krakow', 'probe', async () => 'probed'), 'probed')
  t.is(await made.changeInTurn('krakow', 'step 05', async () => 'done'), 'done')
})
