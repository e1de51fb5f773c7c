import { execFileSync, spawnSync } from 'node:child_process'
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
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

whenThere(`systemd-analyze verify has nothing to say about the units${condition}`, (t) => {
  const root = rootWithUnits(t)
  const { status, stderr } = spawnSync(
    'systemd-analyze',
    ['verify', '--man=no', `--root=${root}`, ...UNITS],
    {
      encoding: 'utf8',
    },
  )
  // An unknown key is only a warning with code 0.
  t.is(stderr, '')
  t.is(status, 0)
})

whenThere(`systemd-analyze security finds the service well confined${condition}`, (t) => {
  const { status, stdout, stderr } = spawnSync(
    'systemd-analyze',
    ['security', '--offline=true', '--no-pager', '--threshold=25', join(FOLDER, 'ctl-bridge.service')],
    { encoding: 'utf8' },
  )
  t.is(status, 0, stdout.split('\n').slice(-3).join('\n') + stderr)
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
