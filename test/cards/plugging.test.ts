import { CYCLES, survivesPlugCycles } from '../faults/plug-cycles.js'
import { setUpCardBench } from './card-bench.js'
import { cardTest } from './card-test.js'

cardTest(`${CYCLES} times a card is inserted and pulled, and nothing is left behind`, async (t) => {
  const bench = await setUpCardBench(t)
  const { daemon, room, card } = bench
  let pull = room.insert(card)
  const { serial } = await bench.token('present')
  await survivesPlugCycles(t, {
    daemon,
    serial,
    plug: async () => {
      pull = room.insert(card)
    },
    unplug: () => pull(),
    servers: [room.pcscd() ?? 0],
  })
  t.is((await bench.unlock(serial, card.pin)).status, 200)
})
