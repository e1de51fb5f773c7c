import { once } from 'node:events'
import test, { type ExecutionContext } from 'ava'
import { openTls } from '../../../daemon/cluster/tls/open-tls.js'
import type { TlsTrust } from '../../../daemon/cluster/tls/tls-trust.js'
import { fingerprintOf, issue, pemOf, type Wish } from '../../trust/openssl-authority.js'
import type { Holder } from '../../trust/tac-cluster.js'
import { startNginx } from '../nginx.js'
import { startOpensslServer } from '../openssl-server.js'

const authority = issue({ subject: '/CN=Lab authority', authority: true })
const other = issue({ subject: '/CN=Other authority', authority: true })
const issued = (wish: Partial<Wish> = {}) => issue({ subject: '/O=Cisco/CN=cucm-pub', ...wish }, authority)
const atLoopback = issued({ names: ['DNS:cucm-pub', 'IP:127.0.0.1'] })

const strict: TlsTrust = { node: 'pub', oldest: 'TLSv1.2', weakKeys: false }
const byAuthority: TlsTrust = { ...strict, caPem: pemOf(authority) }
const pinned = (certificate: Holder, more: Partial<TlsTrust> = {}): TlsTrust => ({
  ...strict,
  fingerprint: fingerprintOf(certificate),
  ...more,
})

function open(port: number, trust: TlsTrust, deadline = 20_000) {
  const target = { host: '127.0.0.1', port, trust, fingerprintSetting: 'web_fingerprint' } as const
  return openTls(target, AbortSignal.timeout(deadline))
}

async function server(t: ExecutionContext, certificate: Holder, ...args: string[]) {
  const started = await startOpensslServer(certificate, args)
  t.teardown(started.stop)
  return started
}

/** What openssl prints of a client that spoke to it. */
async function speaks(t: ExecutionContext, port: number, printed: () => string, trust: TlsTrust) {
  const socket = await open(port, trust)
  socket.write('hello from the client\n')
  while (!printed().includes('hello from the client')) await new Promise((resolve) => setTimeout(resolve, 20))
  socket.destroy()
  t.pass()
}

async function refusal(t: ExecutionContext, port: number, trust: TlsTrust) {
  return t.throwsAsync(open(port, trust), { code: 'NODE_CERTIFICATE_UNKNOWN' })
}

test('a pinned certificate is enough, whatever its name, issuer and expiry', async (t) => {
  const expired = issue({ subject: '/CN=somebody', days: -1 })
  const { port, printed } = await server(t, expired)
  await speaks(t, port, printed, pinned(expired))
})

test('another certificate than the pinned one is refused with both fingerprints, even from a known authority', async (t) => {
  const { port, printed } = await server(t, atLoopback)
  const error = await refusal(t, port, { ...pinned(other), caPem: pemOf(authority) })
  t.regex(error.message, /^The certificate changed: .*"O=Cisco, CN=cucm-pub"/)
  t.true(error.message.includes(fingerprintOf(atLoopback)))
  t.true(error.message.includes(`web_fingerprint in the settings says ${fingerprintOf(other)}`))
  t.notRegex(printed(), /hello/)
})

test('without a setting nothing is trusted, and the message has what the setting needs', async (t) => {
  const { port } = await server(t, atLoopback)
  const error = await refusal(t, port, strict)
  t.true(error.message.includes(`web_fingerprint = "${fingerprintOf(atLoopback)}"`))
  t.regex(error.message, /"O=Cisco, CN=cucm-pub".*tls\.ca_file/)
})

test('an authority vouches for an address, and for the name that the settings give the node', async (t) => {
  const atAddress = await server(t, atLoopback)
  await speaks(t, atAddress.port, atAddress.printed, byAuthority)
  const named = await server(t, issued({ names: ['DNS:cucm-pub'] }))
  await speaks(t, named.port, named.printed, { ...byAuthority, node: 'cucm-pub' })
  const commonNameOnly = await server(t, issued())
  await speaks(t, commonNameOnly.port, commonNameOnly.printed, { ...byAuthority, node: 'cucm-pub' })
})

test('an authority does not vouch for another name, an expired certificate, or somebody else’s', async (t) => {
  const named = await server(t, issued({ names: ['DNS:cucm-sub'] }))
  const wrongName = await refusal(t, named.port, byAuthority)
  t.regex(wrongName.message, /is for another host than 127\.0\.0\.1 or pub/)
  const late = await server(t, issued({ names: ['IP:127.0.0.1'], days: -1 }))
  t.regex((await refusal(t, late.port, byAuthority)).message, /it has expired/)
  const foreign = await server(t, issue({ subject: '/CN=cucm-pub', names: ['IP:127.0.0.1'] }, other))
  t.regex((await refusal(t, foreign.port, byAuthority)).message, /issuer is not in that file/)
  const selfSigned = await server(t, issue({ subject: '/CN=cucm-pub', names: ['IP:127.0.0.1'] }))
  t.regex((await refusal(t, selfSigned.port, byAuthority)).message, /self-signed and not in that file/)
})

test('a self-signed certificate in ca_file is trusted for its own names only', async (t) => {
  const own = issue({ subject: '/CN=cucm-pub', names: ['DNS:cucm-pub'] })
  const { port, printed } = await server(t, own)
  await speaks(t, port, printed, { ...strict, node: 'cucm-pub', caPem: pemOf(own) })
  await refusal(t, port, { ...strict, caPem: pemOf(own) })
})

for (const [flag, oldest] of [
  ['-tls1', 'TLSv1'],
  ['-tls1_1', 'TLSv1.1'],
] as const) {
  test(`a server of ${oldest} alone needs tls.oldest, and the message says so`, async (t) => {
    const { port, printed } = await server(t, atLoopback, flag, '-cipher', 'DEFAULT@SECLEVEL=0')
    const error = await t.throwsAsync(open(port, pinned(atLoopback)), { code: 'NODE_ANSWER_WRONG' })
    t.regex(error.message, /tls\.oldest is "TLSv1\.2".*tls\.oldest = "TLSv1"/)
    await speaks(t, port, printed, pinned(atLoopback, { oldest }))
  })
}

test('a key of 1024 bits needs tls.weak_keys, with a pin and with an authority', async (t) => {
  const weak = issued({ bits: 1024, names: ['IP:127.0.0.1'] })
  const { port, printed } = await server(t, weak, '-cipher', 'DEFAULT@SECLEVEL=0')
  for (const trust of [pinned(weak), byAuthority, pinned(weak, { oldest: 'TLSv1' })]) {
    const error = await t.throwsAsync(open(port, trust))
    t.regex(error.message, /tls\.weak_keys = true/, JSON.stringify(trust))
  }
  await speaks(t, port, printed, pinned(weak, { weakKeys: true }))
  await speaks(t, port, printed, { ...byAuthority, weakKeys: true })
  await refusal(t, port, { ...strict, weakKeys: true })
  await refusal(t, port, pinned(other, { weakKeys: true }))
})

test('a chain signed with SHA-1 needs tls.weak_keys', async (t) => {
  const { port, printed } = await server(
    t,
    issued({ hash: 'sha1', names: ['IP:127.0.0.1'] }),
    '-cipher',
    'DEFAULT@SECLEVEL=0',
  )
  const error = await t.throwsAsync(open(port, byAuthority))
  t.regex(error.message, /tls\.weak_keys = true/)
  await speaks(t, port, printed, { ...byAuthority, weakKeys: true })
})

test('a server that accepts and says nothing is left at the deadline', async (t) => {
  const { port, freeze } = await server(t, atLoopback)
  freeze()
  await t.throwsAsync(open(port, pinned(atLoopback), 300), { code: 'NODE_TIMEOUT' })
})

test('a closed port, a port without TLS and an unknown host are told apart', async (t) => {
  await t.throwsAsync(open(1, pinned(other)), { code: 'NODE_UNREACHABLE', message: /Nothing listens/ })
  const nginx = await startNginx({ certificate: atLoopback, files: {} })
  t.teardown(nginx.stop)
  await t.throwsAsync(open(nginx.httpPort, pinned(other)), {
    code: 'NODE_ANSWER_WRONG',
    message: /speaks no TLS\.$/,
  })
  const nowhere = {
    host: 'no-such-host.invalid',
    port: 1,
    trust: strict,
    fingerprintSetting: 'tvs_fingerprint',
  } as const
  await t.throwsAsync(openTls(nowhere, AbortSignal.timeout(20_000)), { code: 'NODE_UNREACHABLE' })
})

test('a ca_file without certificates is told as a wrong setting', async (t) => {
  const { port } = await server(t, atLoopback)
  await t.throwsAsync(open(port, { ...strict, caPem: '-----BEGIN CERTIFICATE-----\nAAAA\n' }), {
    code: 'CONFIG_INVALID',
    message: /ca_file/,
  })
})

test('an abort after the handshake ends the connection', async (t) => {
  const { port } = await server(t, atLoopback)
  const controller = new AbortController()
  const target = {
    host: '127.0.0.1',
    port,
    trust: pinned(atLoopback),
    fingerprintSetting: 'web_fingerprint',
  } as const
  const socket = await openTls(target, controller.signal)
  const closed = once(socket, 'close')
  controller.abort()
  await closed
  t.true(socket.destroyed)
})
