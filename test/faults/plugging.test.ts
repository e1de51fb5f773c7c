import test from 'ava'
import { TEST_PIN } from '../../softhsm/sast-token.js'
import { plug, unplug } from '../../softhsm/tokens-folder.js'
import { ask, setUpBench } from '../flow/bench.js'
import { CYCLES, survivesPlugCycles } from './plug-cycles.js'

test(`${CYCLES} plugs and unplugs of a SoftHSM token leave nothing behind, and the token beside it stays unlocked`, async (t) => {
  const bench = await setUpBench()
  t.teardown(() => bench.close())
  const { daemon, softhsm, tokens } = bench
  const [{ serial }, other] = tokens
  const path = `/v1/tokens/${other.serial}`
  const json = { pin: TEST_PIN, seconds: 3600 }
  const unlocked = await ask(daemon.url, `${path}/unlock`, { method: 'POST', key: daemon.key, json })
  t.is(unlocked.status, 200)
  await survivesPlugCycles(t, {
    daemon,
    serial,
    plug: () => plug(softhsm, serial),
    unplug: () => unplug(softhsm, serial),
  })
  t.is((await ask(daemon.url, path, { key: daemon.key })).json.state, 'ready')
})
