import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import test from 'ava'
import { describeCtlFile } from '../../daemon/trust/describe-ctl-file.js'
import { verifyCtlFile } from '../../daemon/trust/verify-ctl-file.js'
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
