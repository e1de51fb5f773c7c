/** nginx on loopback, from the package that `npm test` unpacked; it needs no rights. */
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setup } from '../setup/setup-modules.js'
import { keyPemOf, pemOf } from '../trust/openssl-authority.js'
import type { Holder } from '../trust/tac-cluster.js'
import { endWithProcess } from './end-with-process.js'
import { unpackedLibraries } from './unpacked-libraries.js'

export interface NginxWish {
  /** Of its HTTPS port. */
  readonly certificate: Holder
  /** What it serves, by path. */
  readonly files: Readonly<Record<string, string | Uint8Array>>
  /** Directives inside http, such as a map. */
  readonly http?: string
  /** Directives inside both servers. */
  readonly server?: string
  /** `user:password` of basic auth. */
  readonly user?: string
}

export interface Nginx {
  readonly httpPort: number
  readonly httpsPort: number
  /**
   * Lines of the access log: status, request line, SOAPAction. nginx writes a line after its answer left, so as many
   * as are expected are waited for.
   */
  readonly requests: (expected: number) => Promise<readonly string[]>
  readonly stop: () => Promise<void>
}

export async function startNginx(wish: NginxWish): Promise<Nginx> {
  const packages = setup.unpack.unpackedNginx()
  if (packages === undefined) throw new Error('nginx is not unpacked; npm test does that')
  const folder = await mkdtemp(join(tmpdir(), 'ctl-bridge-nginx-'))
  const [httpPort, httpsPort] = await Promise.all([freeTcpPort(), freeTcpPort()])
  await writeFiles(folder, wish)
  await writeFile(join(folder, 'nginx.conf'), configuration(folder, wish, httpPort, httpsPort))
  const child = spawn(
    join(packages, 'usr/sbin/nginx'),
    ['-p', folder, '-c', join(folder, 'nginx.conf'), '-e', join(folder, 'error.log')],
    {
      env: { ...process.env, LD_LIBRARY_PATH: await unpackedLibraries(packages) },
      stdio: 'ignore',
    },
  )
  const forget = endWithProcess(child)
  const stop = async () => {
    forget()
    const ended = child.exitCode === null ? once(child, 'exit') : undefined
    child.kill()
    await ended
    await rm(folder, { recursive: true, force: true })
  }
  while (!(await answers(httpsPort))) {
    if (child.exitCode === null) continue
    const log = await readFile(join(folder, 'error.log'), 'utf8').catch(() => '')
    await stop()
    throw new Error(`nginx ended: ${log}`)
  }
  const requests = async (expected: number) => {
    for (;;) {
      const lines = (await readFile(join(folder, 'access.log'), 'utf8')).split('\n').slice(0, -1)
      if (lines.length >= expected) return lines
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }
  return { httpPort, httpsPort, requests, stop }
}

async function writeFiles(folder: string, { certificate, files, user }: NginxWish): Promise<void> {
  await writeFile(join(folder, 'certificate.pem'), pemOf(certificate))
  await writeFile(join(folder, 'key.pem'), keyPemOf(certificate))
  if (user !== undefined) await writeFile(join(folder, 'users'), passwordLine(user))
  await mkdir(join(folder, 'files'))
  for (const [path, content] of Object.entries(files)) {
    const file = join(folder, 'files', path)
    await mkdir(dirname(file), { recursive: true })
    await writeFile(file, content)
  }
}

/** A colon in a password would end it there, in plain. */
function passwordLine(user: string): string {
  const [, name = '', password = ''] = /^([^:]*):(.*)$/s.exec(user) ?? []
  return `${name}:{SHA}${createHash('sha1').update(password).digest('base64')}\n`
}

function configuration(folder: string, wish: NginxWish, httpPort: number, httpsPort: number): string {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (what) => `${what}_temp_path ${join(folder, what)};`,
  )
  const login =
    wish.user === undefined ? '' : `auth_basic "nginx"; auth_basic_user_file ${join(folder, 'users')};`
  const server = (listen: string) =>
    `server { listen 127.0.0.1:${listen}; root ${join(folder, 'files')}; ${login} ${wish.server ?? ''} }`
  // Without a master there is no other user to become.
  return `daemon off; master_process off; pid ${join(folder, 'pid')};
events { worker_connections 64; }
http {
  log_format plain '$status $request $http_soapaction';
  access_log ${join(folder, 'access.log')} plain;
  ${temporary.join(' ')}
  ssl_certificate ${join(folder, 'certificate.pem')};
  ssl_certificate_key ${join(folder, 'key.pem')};
  ${wish.http ?? ''}
  ${server(`${httpPort}`)}
  ${server(`${httpsPort} ssl`)}
}
`
}

async function freeTcpPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

function answers(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1')
  return new Promise<boolean>((resolve) => {
    socket.once('connect', () => resolve(true))
    socket.once('error', () => setTimeout(resolve, 20, false))
  }).finally(() => socket.destroy())
}
