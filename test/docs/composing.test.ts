import { spawn } from 'node:child_process'
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'ava'
import { verifyCtlFile } from '../../daemon/trust/verify/verify-ctl-file.js'
import { makeServerCertificate } from '../../demo/server-certificate.js'
import { TEST_PIN } from '../../softhsm/sast-token.js'
import { COMMAND } from '../cli/run-command.js'
import { type Bench, setUpBench } from '../flow/bench.js'
import { read } from './generated-documents.js'

/** The examples of docs/composing.md are run in the order of the page, with two tokens. */

interface Example {
  readonly title: string
  readonly commands: string
  /** What the page says is printed; not there for every example. */
  readonly printed: string | undefined
}

const page = read('docs/composing.md')
const examples = page
  .split(/^## /m)
  .slice(1)
  .flatMap((section): Example[] => {
    const title = section.slice(0, section.indexOf('\n'))
    const blocks = [...section.matchAll(/^```sh\n([^`]+)^```\n(?:\n```text\n([^`]+)^```\n)?/gm)]
    return blocks.map(([, commands = '', printed], index) => ({
      title: index === 0 ? title : `${title}, ${index + 1}`,
      commands,
      printed,
    }))
  })

let bench: Bench
let folder = ''
test.before(async () => {
  bench = await setUpBench()
  folder = join(bench.folder, 'page')
  await mkdir(folder)
  await writeFile(join(folder, 'CTLFile.tlv'), bench.tokenless)
  await writeFile(join(folder, 'pin'), `${TEST_PIN}\n`, { mode: 0o600 })
  const names = {
    'itlrecovery.pem': 'ITLRECOVERY_cucm-1051-a-pub',
    'sub2.pem': 'cucm-1051-a-sub2',
    'capf.pem': 'CAPF-0a1b2c3d',
    'asterisk.pem': 'asterisk',
    'https.pem': 'https',
  }
  for (const [file, commonName] of Object.entries(names)) {
    const { der } = await makeServerCertificate(commonName)
    const base64 = Buffer.from(der).toString('base64').replace(/.{64}/g, '$&\n')
    await writeFile(join(folder, file), `-----BEGIN CERTIFICATE-----\n${base64}\n-----END CERTIFICATE-----\n`)
  }
  const command = join(folder, 'ctl-bridge')
  await writeFile(
    command,
    `#!/bin/sh\nexec '${process.execPath}' '${COMMAND}' "$@" --config '${bench.daemon.settings}'\n`,
  )
  await chmod(command, 0o755)
})
test.after.always(() => bench?.close())

function runShell(commands: string): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const [first, second] = bench.tokens
  const child = spawn('sh', ['-e', '-c', commands], {
    cwd: folder,
    env: {
      ...process.env,
      PATH: `${folder}:${process.env.PATH}`,
      FIRST: first.serial,
      SECOND: second.serial,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const out = { stdout: '', stderr: '' }
  child.stdout.on('data', (part) => {
    out.stdout += part
  })
  child.stderr.on('data', (part) => {
    out.stderr += part
  })
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => resolve({ code, ...out }))
  })
}

/** Of the table everything but sizes and names, which differ from cluster to cluster; of the findings severity and code. */
function essence(text: string): string[] {
  return text.split('\n').flatMap((line) => {
    const row = /^\s+(\d+|-)\s+(\+?\d+)\s{2}(.+?)\s{2,}(\S+)\s+\d+\s{2}/.exec(line)
    if (row !== null) return row.slice(1).join(' | ')
    return /^\s+(?:info|warning)\s+[A-Z_]+(?: \(record \d+\))?/.exec(line)?.[0] ?? []
  })
}

test('the page has its examples, and most of them print something', (t) => {
  t.deepEqual(
    [...new Set(examples.map(({ title }) => title.replace(/, \d$/, '')))],
    [
      'From a tokenless CTL to one of two tokens',
      'Add a server',
      "Replace CAPF's certificate",
      'Remove a lost token',
      'Asterisk, from nothing',
      'A non-secure cluster',
      'Look first, sign later',
    ],
  )
  t.true(examples.filter(({ printed }) => printed !== undefined).length >= 7)
  t.true(examples.every(({ printed }) => printed === undefined || essence(printed).length >= 5))
})

for (const { title, commands, printed } of examples) {
  test.serial(`docs/composing.md: ${title}`, async (t) => {
    const { code, stdout, stderr } = await runShell(commands)
    t.is(code, 0, stderr)
    if (printed !== undefined) t.deepEqual(essence(stdout), essence(printed), stdout)
    const isSigned = commands.includes('--pin-file')
    t.is(/: VALID, \d+ bytes/.test(stdout), isSigned, stdout)
    const out = / --out (\S+)\n$/.exec(commands)?.[1]
    if (out === undefined) return t.regex(stdout, /Nothing was written/)
    t.is(verifyCtlFile(await readFile(join(folder, out))).verdict, 'valid')
  })
}
