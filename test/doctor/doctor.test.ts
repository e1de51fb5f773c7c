import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'ava'
import { stringify } from 'smol-toml'
import { lookAtMachine } from '../../daemon/doctor/look-at-machine.js'
import { tokenName } from '../../drivers/known-tokens.js'
import { openModule } from '../../drivers/pkcs11/pkcs11-client.js'
import { moduleTable } from '../../softhsm/module-settings.js'
import { makeSastToken } from '../../softhsm/sast-token.js'
import { makeSofthsm, softhsmModule } from '../../softhsm/tokens-folder.js'
import { runCommand } from '../cli/run-command.js'

let folder = ''
test.before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ctl-bridge-doctor-'))
})
test.after.always(() => rm(folder, { recursive: true, force: true }))

test('the doctor loads each library, finds a token, and names the one that is missing', async (t) => {
  const softhsm = join(folder, 'softhsm')
  await makeSofthsm(softhsm)
  const { serial } = await makeSastToken({ folder: softhsm, label: 'one', bits: 1024 })
  const modules = [
    moduleTable(softhsmModule(softhsm)),
    { name: 'gone', path: '/nonexistent/gone.so' },
    { name: 'no-library', path: join(folder, 'config.toml') },
  ]
  const settings = join(folder, 'config.toml')
  await writeFile(settings, stringify({ modules }), { mode: 0o600 })
  const { code, stdout } = await runCommand(['doctor', '--json', '--config', settings])
  t.is(code, 3)
  const { good, checks } = JSON.parse(stdout)
  t.false(good)
  const found = (name: string) => checks.filter((check: { code: string }) => check.code === name)
  t.true(found('TOKEN_FOUND')[0].found.includes(serial))
  t.regex(found('MODULE_MISSING')[0].found, /gone/)
  t.regex(found('MODULE_FAILS')[0].found, /no-library/)
  const people = await runCommand(['doctor', '--config', settings])
  t.regex(people.stdout, /^ok {5}Settings/)
  t.regex(people.stdout, /WRONG {2}Module gone[^\n]*\n {7}do: /)
})

test('USB devices, drivers and pcscd are read from the places where they are', async (t) => {
  const at = (name: string) => join(folder, name)
  await mkdir(at('usb/1-1'), { recursive: true })
  await mkdir(at('usb/1-1:1.0'))
  await mkdir(at('files/001'), { recursive: true })
  await mkdir(at('drivers/aks0600.bundle'), { recursive: true })
  for (const [name, text] of [
    ['idVendor', '0529'],
    ['idProduct', '0620'],
    ['busnum', '1'],
    ['devnum', '7'],
  ] as const) {
    await writeFile(at(`usb/1-1/${name}`), `${text}\n`)
  }
  await writeFile(at('files/001/007'), '')
  const look = () =>
    lookAtMachine({
      settings: undefined,
      configured: false,
      clusters: { file: '/s/clusters.toml', exists: false, faults: [], clusters: [] },
      modules: [],
      open: openModule,
      nameOf: tokenName,
      onProgress: () => undefined,
      places: {
        usbDevices: at('usb'),
        usbFiles: at('files'),
        pcscSocket: at('pcsc'),
        pcscPrograms: [at('usb/1-1/idVendor')],
        pcscDrivers: at('drivers'),
      },
    })
  const before = await look()
  t.deepEqual(before.usb, [
    { vendorId: '0529', productId: '0620', name: tokenName('0529', '0620'), accessible: true },
  ])
  t.true(before.hasAladdinDriver)
  t.deepEqual(before.pcsc, { state: 'not running', installed: true })
  const server = createServer().listen(at('pcsc'))
  await new Promise((resolve) => server.once('listening', resolve))
  t.is((await look()).pcsc.state, 'answers')
  server.on('connection', (client) => client.end())
  t.is((await look()).pcsc.state, 'refuses')
  await new Promise((resolve) => server.close(resolve))
})
