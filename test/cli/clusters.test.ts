/** The commands of clusters, as a person and a script use them, against servers that somebody else wrote. */
import { spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'ava'
import { type Pbx, startPbx, writeClusters } from '../cluster/a-pbx.js'
import { type Bench, setUpBench } from '../flow/bench.js'
import { tacFile } from '../vectors/tac-files.js'
import { COMMAND, runCommand } from './run-command.js'
import { quote, runOnTerminal, typeOnTerminal } from './run-on-terminal.js'

let bench: Bench
let pbx: Pbx
test.before(async () => {
  bench = await setUpBench()
  pbx = await startPbx()
  await writeFile(at('tokens.tlv'), tokens)
})
test.after.always(async () => {
  await pbx?.stop()
  await bench?.close()
})
test.beforeEach(async () => {
  for (const folder of [pbx.first, pbx.second]) {
    for (const file of await readdir(folder)) await rm(join(folder, file))
  }
  await writeClusters(bench.folder, pbx.settings)
})

const tokens = tacFile('token-signed')
const tokenless = tacFile('tokenless')
const at = (name: string): string => join(bench.folder, name)
const words = (...args: string[]): string[] => ['clusters', ...args, '--config', bench.daemon.settings]
const clusters = (...args: string[]) => runCommand(words(...args))
const publish = (...args: string[]) => clusters('publish', 'pbx', at('tokens.tlv'), ...args)
const onDisk = (folder: string) => readFile(join(folder, 'CTLFile.tlv'))
const serve = async (bytes: Uint8Array, ...folders: string[]) => {
  for (const folder of folders) await writeFile(join(folder, 'CTLFile.tlv'), bytes)
}

/** A person uploads to it. */
const describeKrakow = async () => {
  // As of a CUCM whose publisher serves the folder of `first`.
  const [node] = pbx.settings.nodes as { tftp_port: number }[]
  await writeClusters(bench.folder, {
    name: 'krakow',
    kind: 'cucm',
    nodes: [
      {
        name: 'pub',
        address: '127.0.0.1',
        runs: ['publisher', 'tftp'],
        tftp_port: node?.tftp_port,
        http_port: 0,
      },
    ],
  })
}

test.serial('the list names each cluster, and says how to add one where there is none', async (t) => {
  const { code, stdout } = await clusters()
  t.is(code, 0)
  t.regex(stdout, /^pbx +Asterisk +2 nodes$/m)
  await writeClusters(bench.folder)
  t.regex((await clusters()).stdout, /docs\/clusters\.md/)
})

test.serial('a file of settings that is wrong is named with its place', async (t) => {
  await writeFile(at('clusters.toml'), '[[clusters]]\nname = "pbx"\nkind = "nortel"\n', { mode: 0o600 })
  const { stdout } = await clusters()
  t.true(stdout.includes(at('clusters.toml')))
  t.regex(stdout, /CONFIG_INVALID/)
})

test.serial('show tells where files are read and put', async (t) => {
  const { stdout } = await clusters('show', 'pbx')
  t.regex(stdout, /read +tftp:\/\/127\.0\.0\.1:\d+, http:\/\/127\.0\.0\.1:\d+/)
  t.true(stdout.includes(`publish    folder ${pbx.second}`))
  const unknown = await clusters('show', 'nowhere')
  t.is(unknown.code, 4)
  t.regex(unknown.stderr, /CLUSTER_UNKNOWN/)
})

test.serial('observe: a table, exit code 0 when all agree, and progress apart from the result', async (t) => {
  await serve(tokens, pbx.first, pbx.second)
  const { code, stdout, stderr } = await clusters('observe', 'pbx')
  t.is(code, 0, stdout)
  t.regex(stdout, /^node +CTL TFTP +CTL HTTP +ITL TFTP +ITL HTTP$/m)
  t.regex(stdout, /^first +A +A +none +none$/m)
  t.regex(stdout, /^second +A +- +none +-$/m)
  t.regex(stdout, /^A: CTL, 5728 bytes$/m)
  t.regex(stdout, /No disagreements\./)
  t.regex(stderr, /^\d of 6 {2}\w+: CTL over TFTP, done$/m)
  t.false(stderr.includes('\x1b'))
})

test.serial('observe: exit code 6 when nodes disagree, and what to do', async (t) => {
  await serve(tokens, pbx.first)
  await serve(tokenless, pbx.second)
  const { code, stdout } = await clusters('observe', 'pbx')
  t.is(code, 6)
  t.regex(stdout, /CTL_DIFFERS/)
  const json = await clusters('observe', 'pbx', '--json')
  t.is(json.code, 6)
  t.is(JSON.parse(json.stdout).disagreements.length, 1)
})

test.serial('observe --watch looks again until it is interrupted, as JSON one a line', async (t) => {
  const child = spawn(process.execPath, [COMMAND, ...words('observe', 'pbx', '--watch', '1', '--json')], {
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  let text = ''
  for await (const part of child.stdout) {
    text += part
    if (text.split('\n').length > 2) break
  }
  child.kill('SIGINT')
  const [first, second] = text.split('\n').map((line) => JSON.parse(line || 'null'))
  t.is(first.cluster, 'pbx')
  t.true(second.at > first.at)
  t.is((await clusters('observe', 'pbx', '--watch', 'soon')).code, 2)
})

test.serial('publish without a terminal asks for --yes and writes nothing', async (t) => {
  const { code, stderr } = await publish()
  t.is(code, 2)
  t.regex(stderr, /use --yes/)
  t.true(stderr.includes(`  first   folder ${pbx.first}\n`), 'what would be done is shown first')
  t.deepEqual(await readdir(pbx.first), [])
})

test.serial('publish --yes writes every node, tells what was there, and files brings it back', async (t) => {
  await serve(tokenless, pbx.first)
  const { code, stdout, stderr } = await publish('--yes')
  t.is(code, 0, stdout + stderr)
  t.regex(stdout, /first {2}published and served/)
  t.regex(stdout, /before {2}no file/)
  t.regex(stdout, /Every node with TFTP serves it\./)
  t.deepEqual(await onDisk(pbx.second), Buffer.from(tokens))
  const { stdout: list } = await clusters('files', 'pbx')
  const [, id = ''] = /^(\d+) .* first /m.exec(list) ?? []
  const out = at('before.tlv')
  const brought = await clusters('files', 'pbx', id, '--out', out)
  t.is(brought.code, 0, brought.stderr)
  t.deepEqual(await readFile(out), Buffer.from(tokenless))
  t.is((await clusters('files', 'pbx', id)).code, 2)
})

test.serial('publish to one node leaves the other as it is', async (t) => {
  await serve(tokenless, pbx.first)
  const { code, stdout } = await publish('--yes', '--node', 'second', '--json')
  t.is(code, 0)
  t.is(JSON.parse(stdout).servedEverywhere, false)
  t.deepEqual(await onDisk(pbx.first), Buffer.from(tokenless))
  const wrong = await publish('--yes', '--node', 'third')
  t.is(wrong.code, 2)
  t.regex(wrong.stderr, /no node third/)
})

test.serial('at a terminal the name of the cluster must be typed', async (t) => {
  const args = words('publish', 'pbx', at('tokens.tlv'))
  const question = 'Type the name of the cluster (pbx) to go on: '
  t.regex(await runOnTerminal(args, question, 'yes\n'), /nothing was done/)
  t.deepEqual(await readdir(pbx.first), [])
  t.regex(await runOnTerminal(args, question, 'pbx\n'), /Every node with TFTP serves it/)
  t.deepEqual(await onDisk(pbx.first), Buffer.from(tokens))
})

test.serial('a file whose signature does not hold is refused with exit code 1', async (t) => {
  const broken = Uint8Array.from(tokens)
  broken[3000] = (broken[3000] ?? 0) ^ 1
  await writeFile(at('broken.tlv'), broken)
  const { code, stderr } = await clusters('publish', 'pbx', at('broken.tlv'), '--yes')
  t.is(code, 1, stderr)
  t.regex(stderr, /no CTL .*CTL_/)
  t.deepEqual(await readdir(pbx.first), [])
})

test.serial('a node that fails is told, and the others are published to', async (t) => {
  await rm(pbx.second, { recursive: true })
  try {
    const { code, stdout } = await publish('--yes')
    t.is(code, 6)
    t.regex(stdout, /first {2}published and served/)
    t.regex(stdout, /second {2}FAILED/)
  } finally {
    await mkdir(pbx.second, { mode: 0o755 })
  }
})

test.serial('probe: works where it works, and says why where it does not', async (t) => {
  await serve(tokens, pbx.first, pbx.second)
  const works = await clusters('probe', 'pbx', '--node', 'second', '--yes')
  t.is(works.code, 0, works.stdout + works.stderr)
  t.regex(works.stdout, /Publishing works: second of pbx/)
  t.regex((await clusters('show', 'pbx')).stdout, /probe +publishing works/)
  await rm(join(pbx.second, 'CTLFile.tlv'))
  const none = await clusters('probe', 'pbx', '--node', 'second', '--yes')
  t.is(none.code, 6)
  t.regex(none.stdout, /NODE_HAS_NO_FILE/)
})

test.serial('a guided node: the clicks are printed, and waiting sees what a person did', async (t) => {
  await describeKrakow()
  await serve(tokenless, pbx.first)
  const guided = await clusters('publish', 'krakow', at('tokens.tlv'), '--yes')
  t.is(guided.code, 6)
  t.regex(guided.stdout, /\d\. Press Upload File\./)
  const waiting = clusters('publish', 'krakow', at('tokens.tlv'), '--yes', '--wait', '60')
  await serve(tokens, pbx.first)
  const { code, stdout } = await waiting
  t.is(code, 0, stdout)
  t.regex(stdout, /pub {2}(serves it|had this file already)/)
})

test.serial('a guided probe from a script: the number of the file that was uploaded goes back', async (t) => {
  await describeKrakow()
  await serve(tokens, pbx.first)
  const steps = await clusters('probe', 'krakow', '--yes', '--out', at('upload.tlv'))
  t.is(steps.code, 6)
  t.regex(steps.stdout, /Not tried yet/)
  t.regex(steps.stderr, /The file to upload, this one and no other: .*upload\.tlv, to be called CTLFile\.tlv/)
  t.deepEqual(await readFile(at('upload.tlv')), Buffer.from(tokens))
  const [, file = '', kept = ''] =
    /^ {2}file {2}ctl-bridge (clusters files krakow (\d+) .*)$/m.exec(steps.stdout) ?? []
  t.true(
    steps.stdout.includes(`ctl-bridge clusters probe krakow --node pub --uploaded ${kept}\n`),
    steps.stdout,
  )
  const misuse = await clusters('probe', 'krakow', '--yes', '--uploaded', 'yes')
  t.is(misuse.code, 2)
  t.regex(misuse.stderr, /--uploaded takes the number/)

  await serve(tokenless, pbx.first)
  const wrong = await clusters('probe', 'krakow', '--yes', '--uploaded', kept)
  t.is(wrong.code, 6)
  t.regex(wrong.stdout, /^Publishing does NOT work: pub of krakow/)
  t.regex(wrong.stdout, /put that one back at once.*\(PUBLISH_WRONG_FILE\)/)
  t.true(wrong.stdout.includes(file), 'the same command brings it back')
  t.regex(
    (await clusters('show', 'krakow')).stdout,
    /publishing FAILS: [\s\S]* {13}It serves another CTLFile\.tlv/,
  )
  const json = await clusters('probe', 'krakow', '--yes', '--uploaded', kept, '--json')
  t.is(json.code, 6)
  t.is(JSON.parse(json.stdout).problem.code, 'PUBLISH_WRONG_FILE')

  const back = file.replace('CTLFile.tlv', at('back.tlv')).split(' ')
  t.is((await runCommand([...back, '--config', bench.daemon.settings])).code, 0)
  t.deepEqual(await readFile(at('back.tlv')), Buffer.from(tokens))
  await serve(await readFile(at('back.tlv')), pbx.first)
  t.is((await clusters('probe', 'krakow', '--yes', '--uploaded', kept)).code, 0)
})

test.serial(
  'a guided probe on a terminal writes the file into a folder of its own, and compares with it',
  async (t) => {
    await describeKrakow()
    await serve(tokens, pbx.first)
    const folder = at('on-terminal')
    await mkdir(folder)
    const line = `cd ${quote(folder)} && ${[process.execPath, COMMAND, ...words('probe', 'krakow')].map(quote).join(' ')}`
    const type = (keys: string | (() => string)) =>
      typeOnTerminal(`${line}; echo "code $?"`, [
        { question: 'to go on: ', keys: 'krakow\n' },
        { question: 'Type done', keys },
      ])
    const written = async () => {
      const made = (await readdir(folder)).filter((name) => name.startsWith('probe-krakow-pub-'))
      return await Promise.all(made.map((name) => readFile(join(folder, name, 'CTLFile.tlv'))))
    }
    const screen = await type('done\n')
    t.regex(screen, /The file to upload, this one and no other: \S+\/probe-krakow-pub-\w+\/CTLFile\.tlv\r?\n/)
    t.regex(screen, /as far as it was said/)
    t.regex(screen, /code 0/)
    t.deepEqual(await written(), [Buffer.from(tokens)])
    const mistaken = await type(() => {
      writeFileSync(join(pbx.first, 'CTLFile.tlv'), tokenless)
      return 'done\n'
    })
    t.regex(
      mistaken,
      /Publishing does NOT work[\s\S]*PUBLISH_WRONG_FILE[\s\S]*--published --out CTLFile\.tlv[\s\S]*code 6/,
    )
    t.deepEqual(await written(), [Buffer.from(tokens), Buffer.from(tokens)])
  },
)
