/** Clusters that are described wrongly keep no daemon from its tokens; that they are is said where daemons say things. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'ava'
import { COMMAND, runCommand } from '../cli/run-command.js'

test('a mistake in the settings of clusters is in the log at the start, and the daemon runs', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'ctl-bridge-start-'))
  t.teardown(() => rm(folder, { recursive: true, force: true }))
  const settings = join(folder, 'config.toml')
  const socket = join(folder, 'api.sock')
  await writeFile(
    settings,
    `modules = []\n[http]\nsocket = "${socket}"\nport = 0\n[state]\nfolder = "${join(folder, 'state')}"\n[log]\nlevel = "warn"\n`,
    { mode: 0o600 },
  )
  await writeFile(join(folder, 'clusters.toml'), '[[clusters]]\nname = 3\n', { mode: 0o600 })
  const daemon = spawn(process.execPath, [COMMAND, 'serve', '--json', '--config', settings], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  t.teardown(() => void daemon.kill('SIGKILL'))
  let log = ''
  daemon.stderr.on('data', (part) => {
    log += part
  })
  await once(daemon.stdout, 'data')
  const { code, stdout } = await runCommand(['clusters', '--config', settings])
  t.is(code, 0)
  t.regex(stdout, /are wrong, and their clusters are left out: Setting clusters\.0\.name/)
  daemon.kill('SIGTERM')
  await once(daemon, 'close')
  const [line = ''] = log.split('\n')
  t.like(JSON.parse(line), {
    level: 40,
    code: 'CONFIG_INVALID',
    file: join(folder, 'clusters.toml'),
    line: 2,
  })
  t.regex(JSON.parse(line).msg, /^settings of clusters: Setting clusters\.0\.name: /)
})
