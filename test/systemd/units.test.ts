import { execFileSync, spawnSync } from 'node:child_process'
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import test, { type ExecutionContext } from 'ava'
import { KNOWN_TOKENS } from '../../drivers/known-tokens.js'

const FOLDER = fileURLToPath(new URL('../../../systemd', import.meta.url))
const UNITS = ['ctl-bridge.service', 'ctl-bridge.socket']
const text = (name: string): string => readFileSync(join(FOLDER, name), 'utf8')

const hasAnalyze = spawnSync('systemd-analyze', ['--version']).status === 0
const whenThere = hasAnalyze ? test : test.skip
const condition = hasAnalyze ? '' : ' (skipped: no systemd-analyze here)'

/** A root with the units and what they start, so that nothing of this machine is judged along. */
function rootWithUnits(t: ExecutionContext): string {
  const root = mkdtempSync(join(tmpdir(), 'ctl-bridge-units-'))
  t.teardown(() => rmSync(root, { recursive: true }))
  mkdirSync(join(root, 'usr/bin'), { recursive: true })
  writeFileSync(join(root, 'usr/bin/ctl-bridge'), '#!/bin/sh\n')
  chmodSync(join(root, 'usr/bin/ctl-bridge'), 0o755)
  const unitFolder = join(root, 'usr/lib/systemd/system')
  mkdirSync(unitFolder, { recursive: true })
  for (const name of UNITS) copyFileSync(join(FOLDER, name), join(unitFolder, name))
  for (const target of ['sysinit', 'basic', 'shutdown', 'sockets', 'network', 'multi-user']) {
    writeFileSync(join(unitFolder, `${target}.target`), `[Unit]\nDescription=${target}\n`)
  }
  writeFileSync(join(unitFolder, 'pcscd.socket'), '[Socket]\nListenStream=/run/pcscd/pcscd.comm\n')
  writeFileSync(join(unitFolder, 'pcscd.service'), '[Service]\nExecStart=/usr/bin/ctl-bridge\n')
  for (const needed of ['-.slice', 'system.slice']) writeFileSync(join(unitFolder, needed), '[Slice]\n')
  return root
}

const verified = (root: string) =>
  spawnSync('systemd-analyze', ['verify', '--man=no', `--root=${root}`, ...UNITS], { encoding: 'utf8' })

whenThere(`systemd-analyze verify has nothing to say about the units${condition}`, (t) => {
  const root = rootWithUnits(t)
  const { status, stderr } = verified(root)
  // An unknown key is only a warning with code 0.
  t.is(stderr, '')
  t.is(status, 0)
})

whenThere(`An unknown key, section or value in a unit is noticed${condition}`, (t) => {
  const root = rootWithUnits(t)
  for (const [unit, line] of [
    ['ctl-bridge.service', '[Service]\nProtectEverything=yes'],
    ['ctl-bridge.service', '[Service]\nProtectSystem=perhaps'],
    ['ctl-bridge.socket', '[Socket]\nListenHere=/run/x'],
    ['ctl-bridge.socket', '[Sockets]\nSocketMode=0660'],
  ] as const) {
    const path = join(root, 'usr/lib/systemd/system', unit)
    writeFileSync(path, `${text(unit)}\n${line}\n`)
    t.not(verified(root).stderr, '', line)
    writeFileSync(path, text(unit))
  }
  t.is(verified(root).stderr, '')
})

/** What systemd-analyze may find open, and why it has to be. All that it finds beside these is a hole. */
const OPEN: Readonly<Record<string, string>> = {
  'SystemCallFilter=~@resources': 'libraries of vendors set the priority of their threads',
  'RootDirectory=/RootImage=': 'libraries of vendors lie anywhere',
  'PrivateDevices=': 'USB',
  'DeviceAllow=': 'USB',
  'MemoryDenyWriteExecute=': 'V8 compiles',
  'RestrictAddressFamilies=~AF_NETLINK': 'hot-plug',
  'RestrictAddressFamilies=~AF_UNIX': 'pcscd, and the socket of the API',
  'RestrictAddressFamilies=~AF_(INET|INET6)': 'clusters, network HSMs, browsers',
  'PrivateNetwork=': 'hot-plug',
  'IPAddressDeny=': 'clusters, network HSMs',
  'ProcSubset=': 'Node reads the memory of the machine in /proc',
  'PrivateUsers=': 'polkit has to see who asks pcscd',
}

/** Names of systemd 252; a later systemd may look at more, on which nobody has decided here. */
const LATER = /^(?:PrivateIPC|PrivatePIDs|MemoryKSM|RestrictFileSystems|ProtectHostname=private)/

/** What systemd-analyze security finds open in a service. */
function openings(t: ExecutionContext, service: string): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'ctl-bridge-service-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  const file = join(folder, 'ctl-bridge.service')
  writeFileSync(file, service)
  const { stdout, stderr } = spawnSync(
    'systemd-analyze',
    ['security', '--offline=true', '--no-pager', '--json=short', file],
    { encoding: 'utf8' },
  )
  if (stdout === '') throw new Error(stderr)
  const checks = JSON.parse(stdout) as { set: boolean | null; name: string; exposure?: string }[]
  return checks
    .filter(({ set, exposure }) => set === false && Number(exposure ?? 0) > 0)
    .map(({ name }) => name)
}

whenThere(`Nothing is open in the service but what it needs${condition}`, (t) => {
  const holes = openings(t, text('ctl-bridge.service')).filter((name) => !(name in OPEN) && !LATER.test(name))
  t.deepEqual(holes, [])
})

/** Lines that systemd-analyze security does not look at, or whose default it takes for as good. */
const UNSEEN = [
  'KillMode=mixed',
  'LimitCORE=0',
  'AmbientCapabilities=',
  'KeyringMode=private',
  'StateDirectoryMode=0700',
  'SystemCallFilter=@system-service @pkey',
  'SystemCallErrorNumber=EPERM',
  'DevicePolicy=closed',
  'DeviceAllow=char-usb_device rw',
]

test('What systemd-analyze does not look at stands in the service, too', (t) => {
  const lines = text('ctl-bridge.service').split('\n')
  for (const line of UNSEEN) t.true(lines.includes(line), line)
  for (const line of lines) t.notRegex(line, /^(?:MemoryDenyWriteExecute|PrivateUsers|PrivateNetwork)=/)
})

const HARDENING =
  /^(?:User|UMask|NoNewPrivileges|Capability|Ambient|Keyring|Lock|Restrict|Protect|Private|Remove|SystemCall|Device)\w*=/

whenThere(`Every line that confines the service is missed when it is dropped${condition}`, (t) => {
  const lines = text('ctl-bridge.service').split('\n')
  const whole = openings(t, lines.join('\n'))
  const confining = lines.filter((line) => HARDENING.test(line) && !UNSEEN.includes(line))
  // Not to be satisfied with an empty list.
  t.true(confining.length > 20, `${confining.length} lines`)
  for (const line of confining) {
    const without = openings(t, lines.filter((each) => each !== line).join('\n'))
    t.true(without.length > whole.length, `${line} is missed by nobody`)
  }
})

test('The udev rule names every known token, and no other device', (t) => {
  const rules = [
    ...text('udev.rules').matchAll(/^ATTR\{idVendor\}=="(\w+)"(?:, ATTR\{idProduct\}=="([\w|]+)")?/gm),
  ]
  const named = rules.flatMap(([, vendor, products]) =>
    products === undefined ? [`${vendor}:`] : products.split('|').map((product) => `${vendor}:${product}`),
  )
  const known = KNOWN_TOKENS.map(({ vendorId, productId }) => `${vendorId}:${productId ?? ''}`)
  t.deepEqual(named.sort(), known.sort())
})

type Rule = (action: { id: string }, subject: { user: string }) => unknown

test('The polkit rule lets the daemon’s user at readers and cards, and decides nothing else', (t) => {
  let rule: Rule = () => undefined
  const polkit = {
    Result: { YES: 'yes', NOT_HANDLED: undefined },
    addRule: (added: Rule) => {
      rule = added
    },
  }
  new Function('polkit', text('polkit.rules'))(polkit)
  const asks = (id: string, user: string) => rule({ id: `org.debian.pcsc-lite.${id}` }, { user })
  t.is(asks('access_pcsc', 'ctl-bridge'), 'yes')
  t.is(asks('access_card', 'ctl-bridge'), 'yes')
  t.is(asks('access_card', 'somebody'), undefined)
  t.is(rule({ id: 'org.freedesktop.systemd1.manage-units' }, { user: 'ctl-bridge' }), undefined)
})

// polkit 122 skips a file that its Duktape cannot compile, and says so in the journal only.
test('The polkit rule keeps to ECMAScript 5', (t) => {
  t.notRegex(text('polkit.rules'), /=>|`|\b(?:const|let|class)\b/)
})

const hasSysusers = spawnSync('systemd-sysusers', ['--version']).status === 0
const whenSysusers = hasSysusers ? test : test.skip

whenSysusers(
  `systemd-sysusers makes the user that the units name${hasSysusers ? '' : ' (skipped: not here)'}`,
  (t) => {
    const root = mkdtempSync(join(tmpdir(), 'ctl-bridge-sysusers-'))
    t.teardown(() => rmSync(root, { recursive: true }))
    mkdirSync(join(root, 'etc'))
    execFileSync('systemd-sysusers', [`--root=${root}`, join(FOLDER, 'sysusers.conf')], { stdio: 'pipe' })
    t.regex(
      readFileSync(join(root, 'etc/passwd'), 'utf8'),
      /^ctl-bridge:.*:\/var\/lib\/ctl-bridge:\/usr\/sbin\/nologin$/m,
    )
    t.regex(text('ctl-bridge.service'), /^User=ctl-bridge$/m)
  },
)

/** Path, mode, user and group of each folder. */
const folders = (): string[][] =>
  text('tmpfiles.conf')
    .split('\n')
    .filter((line) => line.startsWith('d '))
    .map((line) => line.split(/\s+/).slice(1, 5))

test('The folders of tmpfiles.d are those of the units, with the same modes', (t) => {
  const service = text('ctl-bridge.service')
  const value = (name: string, unit = service) => new RegExp(`^${name}=(.*)$`, 'm').exec(unit)?.[1]
  t.deepEqual(folders(), [
    ['/run/ctl-bridge', value('DirectoryMode', text('ctl-bridge.socket')), 'root', 'root'],
    ['/etc/ctl-bridge', '0755', 'root', 'root'],
    [`/var/lib/${value('StateDirectory')}`, value('StateDirectoryMode'), value('User'), value('Group')],
  ])
})

const hasTmpfiles = spawnSync('systemd-tmpfiles', ['--version']).status === 0 && process.getuid?.() === 0

;(hasTmpfiles ? test : test.skip)(
  `systemd-tmpfiles makes them${hasTmpfiles ? '' : ' (skipped: not root, or no systemd-tmpfiles)'}`,
  (t) => {
    const root = mkdtempSync(join(tmpdir(), 'ctl-bridge-tmpfiles-'))
    t.teardown(() => rmSync(root, { recursive: true }))
    mkdirSync(join(root, 'etc'))
    writeFileSync(join(root, 'etc/passwd'), 'root:x:0:0::/:/bin/sh\nctl-bridge:x:990:990::/:/bin/sh\n')
    writeFileSync(join(root, 'etc/group'), 'root:x:0:\nctl-bridge:x:990:\n')
    const options = [`--root=${root}`, '--create', join(FOLDER, 'tmpfiles.conf')]
    const { status, stderr } = spawnSync('systemd-tmpfiles', options, { encoding: 'utf8' })
    t.is(stderr, '')
    t.is(status, 0)
    const modes = folders().map(([path = '']) => (statSync(join(root, path)).mode & 0o7777).toString(8))
    t.deepEqual(modes, ['755', '755', '700'])
    t.is(statSync(join(root, 'var/lib/ctl-bridge')).uid, 990)
  },
)
