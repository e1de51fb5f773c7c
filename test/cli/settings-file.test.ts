import { chmod, chown, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'ava'
import { readSettingsFile } from '../../daemon/settings-file.js'
import { runCommand } from './run-command.js'

let folder = ''
let files = 0
test.before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ctl-bridge-settings-'))
})
test.after.always(() => rm(folder, { recursive: true, force: true }))

async function settings(mode: number): Promise<string> {
  files += 1
  const path = join(folder, `${files}.toml`)
  await writeFile(path, '# mine')
  await chmod(path, mode)
  return path
}

const own = process.getuid?.() ?? 0
const STRANGER = 4242

test('Settings that only their owner may write are read, whoever may read them', async (t) => {
  for (const mode of [0o600, 0o640, 0o644, 0o400]) t.is(readSettingsFile(await settings(mode)), '# mine')
})

test('Settings that a group or everybody may write are refused, also behind a link', async (t) => {
  for (const mode of [0o660, 0o664, 0o602, 0o666]) {
    const path = await settings(mode)
    const place = { file: path, owner: own, mode: `0${mode.toString(8)}` }
    t.like(
      t.throws(() => readSettingsFile(path)),
      { code: 'CONFIG_UNTRUSTED', place },
    )
    await symlink(path, `${path}.link`)
    t.throws(() => readSettingsFile(`${path}.link`), { code: 'CONFIG_UNTRUSTED' })
  }
})

test('Settings of another user are refused; those of root are everybody’s', async (t) => {
  const path = await settings(0o644)
  if (own === 0) {
    t.is(readSettingsFile(path, STRANGER), '# mine')
    await chown(path, STRANGER, STRANGER)
    t.throws(() => readSettingsFile(path), { code: 'CONFIG_UNTRUSTED', message: /belong to root\./ })
    t.is(readSettingsFile(path, STRANGER), '# mine')
    t.throws(() => readSettingsFile(path, STRANGER + 1), { code: 'CONFIG_UNTRUSTED' })
  } else t.throws(() => readSettingsFile(path, STRANGER), { code: 'CONFIG_UNTRUSTED' })
})

test('No settings at all may come from /dev/null', (t) => {
  t.is(readSettingsFile('/dev/null'), '')
})

for (const command of ['serve', 'tokens', 'doctor', 'key']) {
  test(`ctl-bridge ${command} does nothing with settings that others may write, and says what to do`, async (t) => {
    const path = await settings(0o666)
    const { code, stdout, stderr } = await runCommand([command, '--config', path])
    t.is(code, 5)
    t.is(stdout, '')
    t.regex(stderr, /CONFIG_UNTRUSTED/)
    t.true(stderr.includes(path))
    t.regex(stderr, /mode 0666/)
    t.regex(stderr, /chmod go-w/)
  })
}
