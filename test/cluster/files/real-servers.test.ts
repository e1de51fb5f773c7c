import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { chmod, writeFile } from 'node:fs/promises'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import test from 'ava'
import { fetchNodeFile } from '../../../daemon/cluster/files/fetch-node-file.js'
import { runCommand } from '../../cli/run-command.js'
import { realFile, realFileShown } from '../../vectors/real-file.js'
import { serverNames, startTftpServer } from './tftp-servers.js'

const noFileText = /^Length of CTL file: 0\nCTL File not found\. Please run CTLClient plugin/

/** Around the sizes of blocks, with and without the option, and more blocks than 16 bits of bytes. */
const sizes = [0, 1, 511, 512, 513, 1427, 1428, 1429, 2856, 65_536, 1024 * 1024]

for (const name of serverNames) {
  test(`${name} gives files of every size whole, and says what it has not`, async (t) => {
    const server = await startTftpServer(name)
    t.teardown(server.stop)
    const source = (file: string) =>
      ({ protocol: 'tftp', host: '127.0.0.1', port: server.port, file: server.nameOf(file) }) as const
    for (const size of sizes) {
      const bytes = randomBytes(size)
      await writeFile(join(server.folder, `${size}.tlv`), bytes)
      t.true(bytes.equals(await fetchNodeFile(source(`${size}.tlv`))), `${size} bytes`)
    }
    await writeFile(join(server.folder, 'large.tlv'), new Uint8Array(1024 * 1024 + 1))
    await t.throwsAsync(fetchNodeFile(source('large.tlv')), { code: 'CTL_TOO_LARGE' })
    await t.throwsAsync(fetchNodeFile(source('CTLSEP001122334455.tlv')), { code: 'NODE_HAS_NO_FILE' })
  })

  test(`show and verify read from ${name} by URL`, async (t) => {
    const server = await startTftpServer(name)
    t.teardown(server.stop)
    await writeFile(join(server.folder, 'ITLFile.tlv'), realFile())
    const url = (file: string) => `tftp://127.0.0.1:${server.port}/${server.nameOf(file)}`
    const shown = await runCommand(['show', url('ITLFile.tlv')])
    t.is(shown.stdout, realFileShown())
    const verified = await runCommand(['verify', '--json', url('ITLFile.tlv')])
    t.like(JSON.parse(verified.stdout), { verdict: 'valid', bytes: 10370 })
    const none = await runCommand(['show', url('CTLFile.tlv')])
    t.is(none.code, 1)
    t.regex(none.stdout, noFileText)
    const script = await runCommand(['show', '--json', url('CTLFile.tlv')])
    t.is(script.code, 1)
    t.like(JSON.parse(script.stdout).problem, {
      code: 'NODE_HAS_NO_FILE',
      at: { node: `tftp://127.0.0.1:${server.port}` },
    })
  })
}

test('a file that the server may not give is refused by tftpd-hpa, not missing', async (t) => {
  const server = await startTftpServer('tftpd-hpa')
  t.teardown(server.stop)
  await writeFile(join(server.folder, 'CTLFile.tlv'), 'x')
  await chmod(join(server.folder, 'CTLFile.tlv'), 0o600)
  const { code, stderr } = await runCommand([
    'show',
    `tftp://127.0.0.1:${server.port}/${server.nameOf('CTLFile.tlv')}`,
  ])
  t.is(code, 6)
  t.regex(stderr, /NODE_REFUSES/)
})

async function httpServer(
  t: { teardown: (fn: () => void) => void },
  answer: RequestListener,
): Promise<number> {
  const server = createServer(answer).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  return (server.address() as AddressInfo).port
}

test('show reads over HTTP, and a 404 is a node without a file', async (t) => {
  const asked: (string | undefined)[] = []
  const port = await httpServer(t, ({ url }, response) => {
    asked.push(url)
    if (url === '/CTLFile.tlv') response.end(realFile())
    else response.writeHead(404).end('<html>no such file</html>')
  })
  const shown = await runCommand(['show', `http://127.0.0.1:${port}/CTLFile.tlv`])
  t.is(shown.code, 0)
  t.is(shown.stdout, realFileShown())
  const none = await runCommand(['show', `http://127.0.0.1:${port}/CTLSEP001122334455.tlv`])
  t.is(none.code, 1)
  t.regex(none.stdout, noFileText)
  t.deepEqual(asked, ['/CTLFile.tlv', '/CTLSEP001122334455.tlv'])
})

const wrongAnswers: ReadonlyArray<readonly [string, RequestListener, string, RegExp]> = [
  [
    'points to another server',
    (_, response) => response.writeHead(302, { Location: 'http://192.0.2.1/' }).end(),
    'NODE_ANSWER_WRONG',
    /not followed/,
  ],
  ['wants a password', (_, response) => response.writeHead(401).end(), 'NODE_REFUSES', /401/],
  ['fails', (_, response) => response.writeHead(500).end(), 'NODE_ANSWER_WRONG', /500/],
  [
    'announces a large file',
    (_, response) => response.writeHead(200, { 'Content-Length': 1024 * 1024 + 1 }).write('x'),
    'CTL_TOO_LARGE',
    /1048576/,
  ],
  [
    'never ends',
    (_, response) => {
      const more = () => {
        while (response.write(Buffer.alloc(65_536)));
      }
      response.on('drain', more)
      more()
    },
    'CTL_TOO_LARGE',
    /1048576/,
  ],
  [
    'ends in the middle',
    (_, response) => {
      response.writeHead(200, { 'Content-Length': 100 }).write('x'.repeat(40))
      setTimeout(() => response.destroy(), 50)
    },
    'NODE_ANSWER_WRONG',
    /after 40 of 100 bytes/,
  ],
  [
    'packs the file',
    (_, response) => response.writeHead(200, { 'Content-Encoding': 'gzip' }).end('x'),
    'NODE_ANSWER_WRONG',
    /gzip/,
  ],
  ['speaks no HTTP', ({ socket }) => socket.end('SSH-2.0-x\r\n'), 'NODE_ANSWER_WRONG', /no HTTP/],
]

for (const [what, answer, code, detail] of wrongAnswers) {
  test(`an HTTP server that ${what} gives no file`, async (t) => {
    const port = await httpServer(t, answer)
    const source = { protocol: 'http', host: '127.0.0.1', port, file: 'CTLFile.tlv' } as const
    await t.throwsAsync(fetchNodeFile(source), { code, message: detail })
  })
}

test('an HTTP server that stalls is left at the deadline, before and in its answer', async (t) => {
  const port = await httpServer(t, ({ url }, response) => {
    if (url === '/body') response.writeHead(200, { 'Content-Length': 100 }).write('x')
  })
  for (const file of ['nothing', 'body']) {
    const source = { protocol: 'http', host: '127.0.0.1', port, file } as const
    await t.throwsAsync(fetchNodeFile(source, { deadline: 300 }), { code: 'NODE_TIMEOUT' })
  }
})

test('a closed port, an unknown name and a server without TLS are told apart', async (t) => {
  const port = await httpServer(t, (_, response) => response.end())
  const file = 'CTLFile.tlv'
  const unknown = { host: 'no-such-host.invalid', port: 1, file } as const
  await t.throwsAsync(fetchNodeFile({ protocol: 'http', host: '127.0.0.1', port: 1, file }), {
    code: 'NODE_UNREACHABLE',
    message: /Nothing listens/,
  })
  await t.throwsAsync(fetchNodeFile({ protocol: 'http', ...unknown }), { code: 'NODE_UNREACHABLE' })
  await t.throwsAsync(fetchNodeFile({ protocol: 'tftp', ...unknown }), { code: 'NODE_UNREACHABLE' })
  await t.throwsAsync(fetchNodeFile({ protocol: 'https', host: '127.0.0.1', port, file }), {
    code: 'NODE_ANSWER_WRONG',
    message: /TLS/,
  })
})
