import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import test, { type ExecutionContext } from 'ava'
import { describeCtlFile } from '../../daemon/trust/show/describe-ctl-file.js'
import { verifyCtlFile } from '../../daemon/trust/verify/verify-ctl-file.js'
import { childrenOf } from '../flow/processes.js'

const DEMO = fileURLToPath(new URL('../../demo/main.js', import.meta.url))

test('the demo turns a tokenless CTL into one signed by a token, and its summary says the truth', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'ctl-bridge-demo-test-'))
  t.teardown(() => rm(folder, { recursive: true, force: true }))
  const json = join(folder, 'summary.json')
  const child = spawn(process.execPath, [DEMO, '--json', json, '--folder', join(folder, 'demo')])
  let output = ''
  child.stdout.on('data', (part) => {
    output += part
  })
  const code = await new Promise((resolve) => child.once('close', resolve))
  t.is(code, 0, output)
  t.deepEqual(childrenOf(child.pid ?? 0), [])

  const summary = JSON.parse(await readFile(json, 'utf8'))
  t.true(summary.verified)
  const [before, after] = await Promise.all([readFile(summary.before.path), readFile(summary.after.path)])
  for (const [bytes, side] of [
    [before, summary.before],
    [after, summary.after],
  ] as const) {
    t.is(side.sha256, createHash('sha256').update(bytes).digest('hex'))
    t.is(verifyCtlFile(bytes).verdict, 'valid')
  }
  const roles = (bytes: Uint8Array) => describeCtlFile(bytes).records.map((record) => record.function)
  t.deepEqual(roles(before), [0, 2, 4, 2])
  t.deepEqual(roles(after), [0, 0, 2, 4, 2])
  t.regex(summary.signer.subject, /^cn="SAST-ADN[0-9a-f]{8} {8}";ou=IPCBU;o="Cisco Systems$/)
  for (const words of ['CTL Record #:5', 'tokenless', 'The CTL file was verified successfully.']) {
    t.true(output.includes(words), words)
  }
})

test('a folder that holds something is refused, and nothing in it is touched', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'ctl-bridge-demo-test-'))
  t.teardown(() => rm(folder, { recursive: true, force: true }))
  const child = spawn(process.execPath, [DEMO, '--folder', join(folder, '..')])
  let complaint = ''
  child.stderr.on('data', (part) => {
    complaint += part
  })
  t.is(await new Promise((resolve) => child.once('close', resolve)), 1)
  t.regex(complaint, /is not empty/)
})

async function folderFor(t: ExecutionContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'ctl-bridge-demo-test-'))
  t.teardown(() => rm(folder, { recursive: true, force: true }))
  return folder
}

/** Starts the demo, and once it has said `words` ends it with SIGTERM. */
async function endAfter(words: string, args: readonly string[]) {
  const child = spawn(process.execPath, [DEMO, ...args])
  const ended = once(child, 'close')
  let output = ''
  let children: number[] = []
  const listen = (part: Buffer): void => {
    output += part
    if (children.length > 0 || !output.includes(words)) return
    children = childrenOf(child.pid ?? 0)
    child.kill('SIGTERM')
  }
  child.stdout.on('data', listen)
  child.stderr.on('data', listen)
  const [code] = await ended
  return { code, output, children }
}

const isThere = (pid: number): boolean => existsSync(`/proc/${pid}`)

test('a demo that is ended in the middle takes its daemon along and leaves no result', async (t) => {
  const folder = await folderFor(t)
  const demo = join(folder, 'demo')
  const { code, output, children } = await endAfter('4. What the phones trust now', ['--folder', demo])
  t.is(code, 1, output)
  t.regex(output, /demo: Stopped\./)
  t.is(children.length, 1)
  t.false(children.some(isThere))
  t.false(existsSync(join(demo, 'CTLFile.tlv')))
})

test('--serve leaves the daemon running until the demo is ended', async (t) => {
  const folder = await folderFor(t)
  const args = ['--serve', '--port', '0', '--folder', join(folder, 'demo')]
  const { code, output, children } = await endAfter('ctl-bridge key', args)
  t.is(code, 0, output)
  t.is(children.length, 1)
  t.false(children.some(isThere))
})

test('what cannot work is refused before anything is made', async (t) => {
  const folder = await folderFor(t)
  const demo = join(folder, 'demo')
  const mistakes = [
    [['--json', join(folder, 'none', 'summary.json')], 1],
    [['--port', 'http'], 2],
    [['--bogus'], 2],
  ] as const
  for (const [args, expected] of mistakes) {
    const child = spawn(process.execPath, [DEMO, '--folder', demo, ...args], { stdio: 'ignore' })
    const [code] = await once(child, 'close')
    t.is(code, expected, args.join(' '))
    t.false(existsSync(demo))
  }
})
