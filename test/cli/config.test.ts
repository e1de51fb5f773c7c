import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'ava'
import { parse, stringify } from 'smol-toml'
import { readConfig } from '../../daemon/config.js'
import { sampleConfig } from '../../daemon/sample-config.js'

let folder = ''
test.before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ctl-bridge-config-'))
})
test.after.always(() => rm(folder, { recursive: true, force: true }))

let files = 0
async function fileWith(text: string): Promise<string> {
  files += 1
  const path = join(folder, `${files}.toml`)
  await writeFile(path, text, { mode: 0o600 })
  return path
}
const person = { uid: 1000, env: { HOME: '/home/p' } }
const readText = async (text: string) => readConfig(await fileWith(text), person)

test('every setting arrives, seconds as milliseconds', async (t) => {
  const path = await fileWith(
    stringify({
      http: { socket: '/s/api.sock', port: 1234, allowed_hosts: ['a'] },
      state: { folder: '/s' },
      tokens: { sign_deadline_seconds: 1.5 },
      log: { level: 'error' },
      clusters: { file: '/s/clusters.toml' },
      modules: [
        {
          name: 'm',
          path: '/m.so',
          environment: { A: 'b' },
          watch_folders: ['/w'],
          rescan_seconds: 2,
          deadline_seconds: 3,
          parallel: 4,
          slot_events: false,
          remote: true,
        },
      ],
    }),
  )
  t.deepEqual(readConfig(path, person), {
    socket: '/s/api.sock',
    port: 1234,
    allowedHosts: ['a'],
    stateFolder: '/s',
    signDeadline: 1500,
    logLevel: 'error',
    modules: [
      {
        name: 'm',
        path: '/m.so',
        environment: { A: 'b' },
        watch_folders: ['/w'],
        rescan_seconds: 2,
        deadline_seconds: 3,
        parallel: 4,
        slot_events: false,
        remote: true,
      },
    ],
    clusters: {
      file: '/s/clusters.toml',
      isNamed: true,
      lab: '/s/lab/clusters.toml',
    },
    file: path,
  })
})

test('clusters are described beside the settings, and the lab beside the socket', async (t) => {
  const path = await fileWith('')
  t.deepEqual(readConfig(path, person).clusters, {
    file: join(folder, 'clusters.toml'),
    isNamed: false,
    lab: '/home/p/.local/state/ctl-bridge/lab/clusters.toml',
  })
  const none = join(folder, 'nothing-here')
  const seated = { uid: 1000, env: { HOME: none, XDG_RUNTIME_DIR: '/run/user/1000' } }
  t.deepEqual(readConfig(undefined, seated).clusters, {
    file: join(none, '.config/ctl-bridge/clusters.toml'),
    isNamed: false,
    lab: '/run/user/1000/ctl-bridge/lab/clusters.toml',
  })
})

test('a wrong setting is told with its line', async (t) => {
  const text =
    '[http]\nport = 1\n\n[[modules]]\nname = "a"\npath = "/a"\n[[modules]]\nname = "b"\npath = "b"\n'
  await t.throwsAsync(readText(text), { code: 'CONFIG_INVALID', message: /modules\.1\.path/ })
  const place = (error: unknown) => (error as { place: { line?: number } }).place
  t.is(place(await t.throwsAsync(readText(text))).line, 9)
  t.is(place(await t.throwsAsync(readText('[http]\nport = \n'))).line, 2)
})

test('without a file the defaults hold; a file that was named must be there', (t) => {
  const config = readConfig(undefined, { uid: 1000, env: { HOME: folder } })
  t.like(config, {
    port: 8470,
    allowedHosts: [],
    logLevel: 'info',
    signDeadline: 30_000,
  })
  t.is(config.modules, undefined)
  t.is(config.file, undefined)
  t.is(config.stateFolder, join(folder, '.local/state/ctl-bridge'))
  t.is(config.socket, join(folder, '.local/state/ctl-bridge/api.sock'))
  t.throws(() => readConfig(join(folder, 'none'), person), { code: 'CONFIG_INVALID' })
  const env = { HOME: folder, CTL_BRIDGE_CONFIG: join(folder, 'none') }
  t.throws(() => readConfig(undefined, { uid: 1000, env }), { code: 'CONFIG_INVALID' })
})

test('a wrong setting is refused with its name', async (t) => {
  const module = '[[modules]]\nname = "m"\npath = "/m.so"\n'
  const wrong = [
    ['[http]\nport = "1"', 'http.port'],
    ['[http]\nport = 65536', 'http.port'],
    ['[http]\nport = 1.5', 'http.port'],
    ['[http]\nsocket = "relative"', 'http.socket'],
    ['[http]\nallowed_hosts = "a"', 'http.allowed_hosts'],
    ['[http]\nallowed_hosts = [""]', 'http.allowed_hosts.0'],
    ['[state]\nfolder = 1', 'state.folder'],
    ['[tokens]\nsign_deadline_seconds = 0', 'tokens.sign_deadline_seconds'],
    ['[log]\nlevel = "loud"', 'log.level'],
    ['[[modules]]\nname = "M"\npath = "/m"', 'modules.0.name'],
    ['[[modules]]\nname = "m"\npath = "m"', 'modules.0.path'],
    [`${module}environment = { A = 1 }`, 'modules.0.environment.A'],
    [`${module}watch_folders = ["w"]`, 'modules.0.watch_folders.0'],
    [`${module}rescan_seconds = 0`, 'modules.0.rescan_seconds'],
    [`${module}deadline_seconds = 601`, 'modules.0.deadline_seconds'],
    [`${module}${module}`, 'modules'],
    ['[http]\nprot = 1', 'http'],
    [`${module}paht = "/x"`, 'modules.0'],
  ] as const
  for (const [text, setting] of wrong) {
    const error = await t.throwsAsync(readText(text), { code: 'CONFIG_INVALID' }, text)
    t.is((error as unknown as { place: { setting?: string } }).place.setting, setting, text)
  }
  await t.throwsAsync(readText('other = 1'), { code: 'CONFIG_INVALID', message: /other/ })
  await t.throwsAsync(readText('[http'), { code: 'CONFIG_INVALID', message: /TOML/ })
})

test('the sample holds every setting with its default: without the # it says what no file says', async (t) => {
  const text = sampleConfig()
    .split('\n')
    .map((line) => line.replace(/^# (?=\w+ = |\[)/, ''))
    .join('\n')
  const table = parse(text) as Record<string, unknown>
  t.deepEqual(Object.keys(table).sort(), ['clusters', 'http', 'log', 'modules', 'state', 'tokens'])
  const sample = await readText(text)
  const root = readConfig(await fileWith(''), { uid: 0, env: {} })
  const named = { ...sample.clusters, file: '/etc/ctl-bridge/clusters.toml', isNamed: true }
  t.deepEqual({ ...sample, modules: undefined, file: '' }, { ...root, clusters: named, file: '' })
  t.deepEqual(sample.modules, [
    {
      name: 'safenet',
      path: '/usr/lib/libeTPkcs11.so',
      environment: {},
      watch_folders: [],
      rescan_seconds: 15,
      deadline_seconds: 20,
      parallel: 1,
      slot_events: true,
      remote: false,
    },
  ])
})
