import { X509Certificate } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import test from 'ava'
import { composeCtl } from '../../daemon/trust/compose/compose-ctl.js'
import { issue } from '../trust/openssl-authority.js'
import * as tac from '../trust/tac-cluster.js'
import { runCommand } from './run-command.js'
import { runOnTerminal } from './run-on-terminal.js'

const realFile = fileURLToPath(new URL('../../../test/vectors/ITLFile-real.tlv', import.meta.url))

let folder = ''
test.before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ctl-bridge-verify-'))
})
test.after.always(() => rm(folder, { recursive: true, force: true }))

const place = async (name: string, bytes: Uint8Array | string): Promise<string> => {
  await writeFile(join(folder, name), bytes)
  return join(folder, name)
}
const pem = ({ der }: tac.Holder) => new X509Certificate(der).toString()

const root = issue({ subject: '/O=Test/CN=Root', authority: true })
const namesake = issue({ subject: '/O=Test/CN=Root', authority: true })
const first = issue({ subject: '/CN=first' }, root)
const second = issue({ subject: '/CN=second' }, root)
const file = tac.signDraft(
  composeCtl({
    profile: 'cucm-cli',
    digest: 'sha1',
    timestamp: 1,
    signer: first.der,
    records: [first, second].map(({ der }) => ({
      certificate: der,
      kind: 'server',
      function: 0,
      dnsName: 'pub',
    })),
  }),
  first.key,
  'sha1',
)

test('a warning fails with --strict only', async (t) => {
  t.is((await runCommand(['verify', realFile])).code, 0)
  const strict = await runCommand(['verify', '--strict', realFile])
  t.is(strict.code, 1)
  t.regex(strict.stdout, /: VALID, 10370 bytes, and refused for its warning\n/)
  t.regex(strict.stdout, /\n {2}warning {2}ONE_SAST_ONLY {2}Only one .*\n +do: Add a second SAST/)
  const { stdout } = await runCommand(['verify', '--strict', '--json', realFile])
  t.like(JSON.parse(stdout), { verdict: 'valid', passed: false })
  const clean = await place('clean.tlv', file)
  t.is((await runCommand(['verify', '--strict', clean])).code, 0)
})

test('--at looks at another time, and is a real date', async (t) => {
  const codes = async (at: string) => {
    const { stdout } = await runCommand(['verify', '--json', '--at', at, realFile])
    return JSON.parse(stdout).findings.map(({ code }: { code: string }) => code)
  }
  t.true((await codes('2050-01-01')).includes('CERTIFICATE_EXPIRED'))
  t.false((await codes('2026-01-01T00:00:00+02:00')).includes('CERTIFICATE_EXPIRED'))
  for (const wrong of ['tomorrow', '2026-02-31', '2026-13-01', '01/02/2026', '2026-01-01T00:00']) {
    const { code, stderr } = await runCommand(['verify', '--at', wrong, realFile])
    t.is(code, 2, wrong)
    t.regex(stderr, /--at is a date like/)
  }
})

test('--release says what the release expects, and takes only what is one', async (t) => {
  const name = await place('release.tlv', file)
  const { stdout, code } = await runCommand(['verify', '--release', '12.5(1)SU3', name])
  t.is(code, 0)
  t.regex(stdout, /RELEASE_SAST_MISSING +ITLRecovery is missing\./)
  for (const wrong of ['ten', '7.1']) {
    t.is((await runCommand(['verify', '--release', wrong, name])).code, 2, wrong)
  }
})

test('--roots takes PEM with several certificates and DER, from more than one file', async (t) => {
  const name = await place('rooted.tlv', file)
  const bundle = await place('bundle.pem', `# two\n${pem(namesake)}\nnote\n${pem(root)}`)
  const der = await place('root.der', root.der)
  const forger = await place('namesake.pem', pem(namesake))
  const chained = await runCommand(['verify', '--strict', '--roots', bundle, name])
  t.is(chained.code, 0, chained.stdout)
  t.regex(chained.stdout, /\n {2}chains {3}records 1, 2: chain to a given root\n/)
  t.is((await runCommand(['verify', '--roots', forger, '--roots', der, name])).code, 0)
  const forged = await runCommand(['verify', '--roots', forger, name])
  t.is(forged.code, 1)
  t.regex(forged.stdout, /NOT VALID[\s\S]*error +CTL_CHAIN_BROKEN +record 1: /)
})

test('a roots file that holds no certificate is named', async (t) => {
  const wrong = await place('wrong.pem', 'no certificate')
  const { code, stderr } = await runCommand(['verify', '--roots', wrong, realFile])
  t.is(code, 1)
  t.regex(stderr, /CERTIFICATE_FILE_UNCLEAR[\s\S]*wrong\.pem/)
  t.is((await runCommand(['verify', '--roots', join(folder, 'none.pem'), realFile])).code, 5)
})

test('on a terminal the worst is red; NO_COLOR and a pipe have none', async (t) => {
  const cut = await place('cut.tlv', file.subarray(0, 500))
  t.true((await runOnTerminal(['verify', cut], '', '')).includes('\x1b[31mNOT VALID\x1b[0m'))
  t.false((await runCommand(['verify', cut])).stdout.includes('\x1b'))
})
