/** `openssl s_server` on loopback: a TLS server whose protocols and keys are as weak as it is told. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { keyPemOf, pemOf } from '../trust/openssl-authority.js'
import type { Holder } from '../trust/tac-cluster.js'
import { endWithProcess } from './end-with-process.js'

export interface OpensslServer {
  readonly port: number
  /** What it printed: its state, and every byte that a client sent through TLS. */
  readonly printed: () => string
  /** It goes on listening, and answers no more. */
  readonly freeze: () => void
  readonly stop: () => Promise<void>
}

export async function startOpensslServer(
  certificate: Holder,
  args: readonly string[] = [],
): Promise<OpensslServer> {
  const folder = await mkdtemp(join(tmpdir(), 'ctl-bridge-s-server-'))
  await writeFile(join(folder, 'certificate.pem'), pemOf(certificate))
  await writeFile(join(folder, 'key.pem'), keyPemOf(certificate))
  const files = ['-cert', join(folder, 'certificate.pem'), '-key', join(folder, 'key.pem')]
  const child = spawn('openssl', ['s_server', '-accept', '127.0.0.1:0', ...files, ...args], {
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  const forget = endWithProcess(child)
  let printed = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (part) => {
      printed += part
    })
  }
  const stop = async () => {
    forget()
    const ended = child.exitCode === null ? once(child, 'exit') : undefined
    child.kill('SIGKILL')
    await ended
    await rm(folder, { recursive: true, force: true })
  }
  while (portIn(printed) === undefined) {
    await Promise.race([once(child.stdout, 'data'), once(child, 'exit')])
    if (child.exitCode === null) continue
    await stop()
    throw new Error(`openssl s_server ended: ${printed}`)
  }
  return {
    port: portIn(printed) ?? 0,
    printed: () => printed,
    freeze: () => child.kill('SIGSTOP'),
    stop,
  }
}

function portIn(printed: string): number | undefined {
  const port = /ACCEPT 127\.0\.0\.1:(\d+)/.exec(printed)?.[1]
  return port === undefined ? undefined : Number(port)
}
