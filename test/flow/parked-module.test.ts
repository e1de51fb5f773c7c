import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'ava'
import { stringify } from 'smol-toml'
import { startDaemonWith } from '../../demo/daemon-process.js'
import { moduleTable } from '../../softhsm/module-settings.js'
import { makeSastToken, TEST_PIN } from '../../softhsm/sast-token.js'
import { softhsmModule } from '../../softhsm/tokens-folder.js'
import { runCommand } from '../cli/run-command.js'
import { tokenInReader } from '../drivers/module-tests.js'
import { eventually, temporarySofthsm } from '../drivers/temporary-softhsm.js'
import { ask } from './bench.js'

test('A library that keeps crashing is shown as parked, another goes on, and a rescan brings it back', async (t) => {
  const { folder, reader, made } = await tokenInReader(t)
  const calm = await temporarySofthsm(t)
  const other = await makeSastToken({ folder: calm, label: 'calm', bits: 1024 })
  await reader.begin('crash:C_GetSlotList')
  const settings = join(folder, 'config.toml')
  const table = {
    http: { socket: join(folder, 'api.sock'), port: 0 },
    state: { folder: join(folder, 'state') },
    log: { level: 'silent' },
    modules: [moduleTable({ ...reader.settings(), name: 'wild' }), moduleTable(softhsmModule(calm, 'calm'))],
  }
  await writeFile(settings, stringify(table))
  const daemon = await startDaemonWith(settings)
  t.teardown(() => daemon.stop())
  const { key, url } = daemon
  const moduleState = async () => (await ask(url, '/v1/status', { key })).json.modules[0]
  const tokens = (...more: string[]) => runCommand(['tokens', '--config', settings, ...more])

  const parked = await eventually(async () => {
    const module = await moduleState()
    return module.state === 'parked' ? module : undefined
  })
  t.like(parked, { name: 'wild', error: { code: 'MODULE_PARKED' } })
  t.regex((await tokens()).stdout, /Module wild is parked: .*\(MODULE_PARKED\)\n +do +.*tokens --rescan/)
  const path = `/v1/tokens/${other.serial}/unlock`
  t.is((await ask(url, path, { key, method: 'POST', json: { pin: TEST_PIN } })).status, 200)

  const inVain = await tokens('--rescan')
  t.regex(inVain.stdout, /MODULE_PARKED/)
  await reader.end('crash:C_GetSlotList')
  t.is((await moduleState()).state, 'parked', 'nobody looked again yet')
  const { code, stdout } = await tokens('--rescan')
  t.is(code, 0)
  t.true(stdout.includes(made.serial))
  t.notRegex(stdout, /does not work/)
  t.is((await moduleState()).state, 'ready')
})
