/** `migrate plan`, as a person and a script use it. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'ava'
import { pemText } from '../../../daemon/cli/pem-text.js'
import { decodeCtlFile } from '../../../daemon/ctl/ctl-file.js'
import { certificateOf } from '../../../daemon/ctl/record-fields.js'
import { startPbx } from '../../cluster/a-pbx.js'
import { scriptedAnswer } from '../../http/scripted-migrations.js'
import { tacFile } from '../../vectors/tac-files.js'
import { asked, at, closeServer, digest, known, migrate, openServer, server } from './migrate-bench.js'

test.beforeEach(openServer)
test.afterEach.always(closeServer)

test.serial('plan: steps, who acts, findings and who takes the file; nothing is begun', async (t) => {
  const { code, stdout } = await migrate(
    'plan',
    'krakow',
    'tokenless-to-tokens',
    '--token',
    'aa11',
    '--token',
    'bb22',
  )
  t.is(code, 0, stdout)
  t.regex(stdout, /^ {2}tokens {3}aa11, then bb22$/m)
  t.regex(stdout, /^ {2}3 {2}token {3}Sign it with token aa11$/m)
  t.regex(stdout, /^ {2}5 {2}you {5}Reset one phone of each model/m)
  t.regex(stdout, /DEVICES_WITHOUT_SBD {2}warning, Cisco 7960, 12 devices/)
  t.regex(stdout, /^ {2}12 +Cisco 7960 +before +refuses \(NO_SECURITY_BY_DEFAULT\)$/m)
  t.deepEqual(server.story, [])
  t.deepEqual(server.asked(), {
    cluster: 'krakow',
    plan: 'tokenless-to-tokens',
    wishes: { tokens: ['aa11', 'bb22'], edits: [] },
  })
})

test.serial('plan: impossible ends with 4 and says why; findings are told with 0', async (t) => {
  const none = {
    id: 'first-token-ctl',
    code: 'RELEASE_TOO_OLD',
    impossible: '9.1 has no utils ctl.',
    instead: 'Use the CTL Client.',
  } as const
  server.answer({ plan: none, findings: [], prediction: [] })
  const impossible = await migrate('plan', 'krakow', 'first-token-ctl')
  t.is(impossible.code, 4)
  t.regex(impossible.stdout, /^Not possible: first-token-ctl \(RELEASE_TOO_OLD\)$/m)
  t.regex(impossible.stdout, /why {3}9\.1 has no utils ctl\./)
  t.is((await migrate('start', 'krakow', 'first-token-ctl', '--yes')).code, 4)
  t.deepEqual(server.story, [])
  const error = { code: 'NODES_DIFFER', severity: 'error', detail: 'They differ.', remedy: 'Look.' } as const
  server.answer({ ...scriptedAnswer, findings: [error] })
  const { code, stdout } = await migrate('plan', 'krakow', 'tokenless-to-tokens', '--json')
  t.is(code, 0)
  t.is(JSON.parse(stdout).findings[0].code, 'NODES_DIFFER')
})

test.serial('plan: what is no plan, and options that do not belong together, are refused', async (t) => {
  const unknown = await migrate('plan', 'krakow', 'revert')
  t.is(unknown.code, 2)
  t.regex(unknown.stderr, /Plans: mixed-mode-tokenless, .*tokenless-to-tokens/)
  t.is((await migrate('plan', 'krakow', 'regenerate-tokenless', '--node', 'pub')).code, 2)
  t.is((await migrate('plan', 'krakow', 'non-secure', '--regenerated')).code, 2)
  t.is((await migrate('start', 'krakow', 'non-secure', '--said', 'ALL_FINE', '--yes')).code, 2)
  t.is(server.asked(), undefined)
})

test.serial('plan: records of the served file become edits by their certificates', async (t) => {
  const pbx = await startPbx()
  t.teardown(pbx.stop)
  const [node] = pbx.settings.nodes as { tftp_port: number }[]
  known.reads = [`tftp://127.0.0.1:${node?.tftp_port}`]
  const served = tacFile('token-signed')
  await writeFile(join(pbx.first, 'CTLFile.tlv'), served)
  const [first, second, third, fourth] = decodeCtlFile(served).records.map((record) => certificateOf(record))
  await writeFile(at('new.pem'), pemText('CERTIFICATE', Buffer.from(first ?? '').toString('base64')))
  const file = at('new.pem')
  const { code, stderr } = await migrate(
    ...['plan', 'krakow', 'update-token-ctl', '--remove', '2', '--replace', `3=${file}`],
    ...['--address', '4=10.0.0.9', '--add', `capf=${file}@c/10.0.0.8`],
  )
  t.is(code, 0, stderr)
  const hash = (der: Uint8Array | undefined) => digest('sha256', der ?? new Uint8Array())
  t.deepEqual(asked().wishes.edits, [
    { edit: 'add', function: 4, certificate: hash(first), der: first, address: '10.0.0.8', dnsName: 'c' },
    { edit: 'remove', certificate: hash(second) },
    { edit: 'replace', certificate: hash(third), by: hash(first), der: first },
    { edit: 'address', certificate: hash(fourth), address: '10.0.0.9' },
  ])
  const beyond = await migrate('plan', 'krakow', 'update-token-ctl', '--remove', '99')
  t.is(beyond.code, 2)
  t.regex(beyond.stderr, /--remove names a record by its number/)
})
