import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { fetchNodeFile } from '../../../daemon/cluster/files/fetch-node-file.js'
import type { NodeFile } from '../../../daemon/cluster/files/node-file.js'
import { runCommand } from '../../cli/run-command.js'
import { issue, pemOf } from '../../trust/openssl-authority.js'
import { realFile, realFileShown } from '../../vectors/real-file.js'
import { type NginxWish, startNginx } from '../nginx.js'

/** Phones fetch from port 6970 of CUCM; nginx stands for it, over HTTP and over HTTPS. */
const certificate = issue({ subject: '/CN=cucm-pub', names: ['DNS:cucm-pub', 'IP:127.0.0.1'] })

const files = {
  'CTLFile.tlv': realFile(),
  'CTLSEP001122334455.tlv': realFile(),
  'empty.tlv': '',
  'whole.tlv': new Uint8Array(1024 * 1024),
  'large.tlv': new Uint8Array(1024 * 1024 + 1),
}

async function nginx(t: ExecutionContext, wish: Partial<NginxWish> = {}) {
  const started = await startNginx({ certificate, files, ...wish })
  t.teardown(started.stop)
  const from = (file: string, protocol: 'http' | 'https' = 'http'): NodeFile => ({
    protocol,
    host: '127.0.0.1',
    port: protocol === 'http' ? started.httpPort : started.httpsPort,
    file,
  })
  return { ...started, from }
}

test('nginx gives files of every size whole over HTTP, and says what it has not', async (t) => {
  const { from, requests } = await nginx(t)
  for (const [name, content] of Object.entries(files)) {
    if (name === 'large.tlv') continue
    t.true(Buffer.from(content).equals(await fetchNodeFile(from(name))), name)
  }
  await t.throwsAsync(fetchNodeFile(from('large.tlv')), { code: 'CTL_TOO_LARGE' })
  await t.throwsAsync(fetchNodeFile(from('ITLFile.tlv')), { code: 'NODE_HAS_NO_FILE' })
  t.regex((await requests(1))[0] ?? '', /^200 GET \/CTLFile\.tlv HTTP\/1\.1/)
})

test('a file whose size nginx does not announce is read whole, and one that it packs is refused', async (t) => {
  const server =
    'location = /chunked { sub_filter_types *; sub_filter "@@never@@" ""; rewrite ^ /CTLFile.tlv break; } location = /packed { add_header Content-Encoding gzip; rewrite ^ /CTLFile.tlv break; }'
  const { from } = await nginx(t, { server })
  t.true(Buffer.from(realFile()).equals(await fetchNodeFile(from('chunked'))))
  await t.throwsAsync(fetchNodeFile(from('packed')), { code: 'NODE_ANSWER_WRONG', message: /gzip/ })
})

test('a node that wants a password gives no file', async (t) => {
  const { from } = await nginx(t, { user: 'phone:secret' })
  await t.throwsAsync(fetchNodeFile(from('CTLFile.tlv')), { code: 'NODE_REFUSES', message: /401/ })
})

test('a file that comes slowly is left at the deadline', async (t) => {
  const { from } = await nginx(t, { server: 'limit_rate 1k;' })
  await t.throwsAsync(fetchNodeFile(from('whole.tlv'), { deadline: 1500 }), {
    code: 'NODE_TIMEOUT',
    message: /within 1\.5 s/,
  })
})

test('show reads a CTL from nginx by URL', async (t) => {
  const { httpPort } = await nginx(t)
  const { code, stdout } = await runCommand(['show', `http://127.0.0.1:${httpPort}/CTLFile.tlv`])
  t.is(code, 0)
  t.is(stdout, realFileShown())
})

test('over HTTPS a certificate that the system does not know is refused, and the message names the way out', async (t) => {
  const { from, requests } = await nginx(t)
  await t.throwsAsync(fetchNodeFile(from('CTLFile.tlv', 'https')), {
    code: 'NODE_ANSWER_WRONG',
    message: /TLS does not come about \(DEPTH_ZERO_SELF_SIGNED_CERT\)\. HTTP and TFTP give the same file/,
  })
  t.deepEqual(await requests(0), [])
})

test('over HTTPS a file comes whole from a server that the system knows', async (t) => {
  const { httpsPort } = await nginx(t)
  const { code, stdout, stderr } = await runCommand(['show', `https://127.0.0.1:${httpsPort}/CTLFile.tlv`], {
    env: { NODE_EXTRA_CA_CERTS: await certificateFile(t) },
  })
  t.is(code, 0, stderr)
  t.is(stdout, realFileShown())
})

async function certificateFile(t: ExecutionContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'ctl-bridge-known-'))
  t.teardown(() => rm(folder, { recursive: true, force: true }))
  await writeFile(join(folder, 'known.pem'), pemOf(certificate))
  return join(folder, 'known.pem')
}
