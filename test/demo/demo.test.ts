import { execFileSync, spawn } from 'node:child_process'
import { createHash, X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import test, { type ExecutionContext } from 'ava'
import { childrenOf } from '../flow/processes.js'
import { readCtl, withoutSignature } from './read-ctl.js'

const COMMAND = fileURLToPath(new URL('../../daemon/cli/main.js', import.meta.url))
const DEMO = fileURLToPath(new URL('../../demo/main.js', import.meta.url))

// One after the other: each starts a cluster.
test.serial(
  'the demo takes a cluster from tokenless to tokens, and finds the phones as preflight said',
  async (t) => {
    const folder = await folderFor(t)
    const json = join(folder, 'summary.json')
    const demo = join(folder, 'demo')
    const child = spawn(process.execPath, [
      DEMO,
      '--json',
      json,
      '--folder',
      demo,
      '--nodes',
      '2',
      '--phones',
      '18',
    ])
    let output = ''
    child.stdout.on('data', (part) => {
      output += part
    })
    child.stderr.on('data', (part) => {
      output += part
    })
    const [code] = await once(child, 'close')
    t.is(code, 0, output)
    t.deepEqual(childrenOf(child.pid ?? 0), [])
    t.deepEqual(
      output.split('\n').filter((line) => line.length > 80),
      [],
    )

    const summary = JSON.parse(await readFile(json, 'utf8'))
    t.true(summary.verified)
    t.deepEqual(summary.problems, [])
    t.is(summary.migration.state, 'done')
    t.is(summary.migration.done, summary.migration.steps)
    // Eighteen phones are two of each model, four of which are without Security By Default.
    const { predicted, found } = summary.phones.keepOldFile
    t.is(found.length, 8)
    t.deepEqual(found, predicted)
    for (const device of found) t.true(output.includes(device), device)

    const sides = [
      [summary.before, { roles: [0, 2, 4, 2, 0], signer: /^CN=lab-pub$/m }],
      [summary.after, { roles: [0, 0, 2, 4, 2], signer: /^CN=SAST-ADN[0-9a-f]{8}/m }],
    ] as const
    for (const [side, { roles, signer }] of sides) {
      const bytes = await readFile(side.path)
      t.is(side.sha256, createHash('sha256').update(bytes).digest('hex'))
      t.true(output.includes(createHash('md5').update(bytes).digest('hex')))
      t.true(output.includes(createHash('sha1').update(bytes).digest('hex')))
      const ctl = readCtl(bytes)
      t.deepEqual(
        ctl.records.map(({ role }) => role),
        roles,
      )
      const [first] = ctl.records
      t.regex(new X509Certificate(first?.certificate ?? '').subject, signer)
      t.is(await opensslSays(folder, bytes), 'Verified OK')
    }
    // The lab and all that it held are gone; what the demo made stays.
    t.false(existsSync(join(demo, 'lab')))
    t.true(existsSync(join(demo, 'after', 'show-ctl.txt')))
  },
)

/** Of the file alone, by nothing of the product: what was signed, the signature, the key of the first record. */
async function opensslSays(folder: string, bytes: Buffer): Promise<string> {
  const { signature, records } = readCtl(bytes)
  const key = new X509Certificate(records[0]?.certificate ?? '').publicKey
  const at = (name: string) => join(folder, name)
  await Promise.all([
    writeFile(at('key.pem'), key.export({ type: 'spki', format: 'pem' })),
    writeFile(at('signature'), signature),
    writeFile(at('signed'), withoutSignature(bytes)),
  ])
  const args = ['dgst', '-sha1', '-verify', at('key.pem'), '-signature', at('signature'), at('signed')]
  return execFileSync('openssl', args, { encoding: 'utf8' }).trim()
}

test('a folder that holds something is refused, and nothing in it is touched', async (t) => {
  const folder = await folderFor(t)
  await writeFile(join(folder, 'mine'), '')
  const { code, output } = await run(['--folder', folder])
  t.is(code, 1)
  t.regex(output, /is not empty/)
  t.deepEqual(await readdir(folder), ['mine'])
})

test('what cannot work is refused before anything is made', async (t) => {
  const folder = await folderFor(t)
  const demo = join(folder, 'demo')
  const mistakes = [
    [['--json', join(folder, 'none', 'summary.json')], 1],
    [['--folder', join(folder, 'long'.repeat(30))], 1],
    [['--port', 'http'], 2],
    [['--port', '65536'], 2],
    [['--phones', '8'], 2],
    [['--nodes', '0'], 2],
    [['--bogus'], 2],
  ] as const
  for (const [args, expected] of mistakes) {
    const { code } = await run(['--folder', demo, ...args])
    t.is(code, expected, args.join(' '))
    t.false(existsSync(demo))
  }
})

for (const [words, when] of [
  ['its keys take some seconds', 'while the cluster starts'],
  ['6. The migration runs', 'in the middle of the migration'],
] as const) {
  test.serial(`a demo that is ended ${when} takes cluster and daemon along`, async (t) => {
    const folder = await folderFor(t)
    const demo = join(folder, 'demo')
    const { code, output, children } = await endAfter(words, [
      '--folder',
      demo,
      '--nodes',
      '1',
      '--phones',
      '9',
    ])
    t.is(code, 1, output)
    t.regex(output, /demo: Stopped\./)
    t.true(children.length > 0)
    t.deepEqual(children.filter(isThere), [])
    t.false(existsSync(join(demo, 'lab')))
    t.false(existsSync(join(demo, 'after')))
  })
}

test.serial('--serve leaves cluster and daemon running, and the commands that it names work', async (t) => {
  const folder = await folderFor(t)
  const demo = join(folder, 'demo')
  const args = ['--serve', '--port', '0', '--folder', demo, '--nodes', '1', '--phones', '9']
  const command = (line: string): string =>
    execFileSync(process.execPath, [COMMAND, ...line.split(' ')], {
      encoding: 'utf8',
      env: { ...process.env, CTL_BRIDGE_CONFIG: join(demo, 'config.toml') },
    })
  const said: string[] = []
  const { code, output, children } = await endAfter(
    '/v1/migrations\n\n',
    ['--json', join(folder, 's'), ...args],
    () => {
      said.push(command('migrate'), command('clusters observe lab'), command('lab phones --once'))
    },
  )
  t.is(code, 0, output)
  const { migration, after } = JSON.parse(await readFile(join(folder, 's'), 'utf8'))
  const [migrations = '', cluster = '', phones = ''] = said
  t.true(migrations.includes(migration.id), migrations)
  t.true(cluster.includes(after.md5), cluster)
  t.regex(phones, /Stranded: 4\./)
  t.is(children.length, 2)
  t.deepEqual(children.filter(isThere), [])
})

async function folderFor(t: ExecutionContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'ctl-bridge-demo-test-'))
  t.teardown(() => rm(folder, { recursive: true, force: true }))
  return folder
}

async function run(args: readonly string[]): Promise<{ code: number; output: string }> {
  const child = spawn(process.execPath, [DEMO, ...args])
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (part) => {
      output += part
    })
  }
  const [code] = await once(child, 'close')
  return { code, output }
}

/** Starts the demo, and once it has said `words` does what comes `before` and ends it with SIGTERM. */
async function endAfter(words: string, args: readonly string[], before: () => void = () => undefined) {
  const child = spawn(process.execPath, [DEMO, ...args])
  const ended = once(child, 'close')
  let output = ''
  let children: number[] = []
  const listen = (part: Buffer): void => {
    output += part
    if (children.length > 0 || !output.includes(words)) return
    const end = (): void => {
      children = childrenOf(child.pid ?? 0)
      if (children.length === 0) return void setTimeout(end, 20)
      try {
        before()
      } finally {
        child.kill('SIGTERM')
      }
    }
    end()
  }
  child.stdout.on('data', listen)
  child.stderr.on('data', listen)
  const [code] = await ended
  return { code, output, children }
}

const isThere = (pid: number): boolean => existsSync(`/proc/${pid}`)
