import test from 'ava'
import { unplug } from '../../softhsm/tokens-folder.js'
import { ask, setUpBench } from '../flow/bench.js'
import { until } from '../flow/events-while.js'
import { runCommand } from './run-command.js'

test('a token of a rehearsal is taken off the list once it is pulled, and not before', async (t) => {
  const bench = await setUpBench()
  t.teardown(bench.close)
  const { daemon, softhsm, tokens } = bench
  const [gone, stays] = tokens
  const run = (...args: string[]) => runCommand(['tokens', ...args, '--config', daemon.settings])
  const present = await run('--forget', gone.serial)
  t.is(present.code, 3)
  t.regex(present.stderr, /plugged in \(TOKEN_PRESENT\)[\s\S]*Do: {4}Pull it out first/)
  await unplug(softhsm, gone.serial)
  await until(async () => (await run()).stdout.includes(`${gone.serial}  first  absent`))
  const { code, stdout, stderr } = await run('--forget', gone.serial)
  t.is(code, 0, stderr)
  t.is(stderr, `Token ${gone.serial} is forgotten.\n`)
  t.false(stdout.includes(gone.serial))
  t.true(stdout.includes(stays.serial))
  const again = await run('--forget', gone.serial)
  t.is(again.code, 3)
  t.regex(again.stderr, /TOKEN_UNKNOWN/)
  const audit = await runCommand(['audit', '--config', daemon.settings])
  t.regex(audit.stdout, new RegExp(`token\\.forget {2}ok {2}token=${gone.serial}`))
  const { status } = await ask(daemon.url, `/v1/tokens/${gone.serial}`, { key: daemon.key })
  t.is(status, 404)
})
