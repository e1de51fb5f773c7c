import { generateKeyPairSync } from 'node:crypto'
import type { Socket } from 'node:net'
import test, { type ExecutionContext } from 'ava'
import type { AuthContext } from 'ssh2'
import { BridgeError } from '../../../daemon/bridge-error.js'
import { connectSsh, type SshTarget } from '../../../daemon/cluster/ssh/connect-ssh.js'
import {
  type Behaviour,
  newHostKey,
  password,
  startBareServer,
  startMisbehavingSsh,
  type Tried,
  targetAt,
} from './misbehaving-ssh.js'

const DEADLINE = 20_000

async function server(t: ExecutionContext, behaviour: Behaviour = {}) {
  const started = await startMisbehavingSsh(behaviour)
  t.teardown(started.stop)
  return started
}

async function bare(t: ExecutionContext, onSocket: (socket: Socket) => void) {
  const started = await startBareServer(onSocket)
  t.teardown(started.stop)
  return started.target
}

async function refusal(t: ExecutionContext, target: SshTarget, deadline = DEADLINE): Promise<BridgeError> {
  const error = await t.throwsAsync(connectSsh(target, deadline), { instanceOf: BridgeError })
  t.is(error.place.node, 'cucm-pub')
  t.false(JSON.stringify([error.message, error.stack, error.place]).includes(password))
  return error
}

test('a pinned host key and the right password give a connection', async (t) => {
  const { target, tried } = await server(t)
  const client = await connectSsh(target, DEADLINE)
  client.end()
  t.deepEqual(tried.methods, ['password'])
})

test('an unknown host key is refused with its fingerprint, and no password is read', async (t) => {
  const { target, tried, fingerprints } = await server(t)
  let reads = 0
  const counted = async () => {
    reads++
    return password
  }
  const error = await refusal(t, { ...target, hostKey: undefined, password: counted })
  t.is(error.code, 'NODE_HOST_KEY_UNKNOWN')
  t.true(
    error.message.startsWith(
      `The node shows ${fingerprints[0]} (ecdsa-sha2-nistp256), and the settings name no host_key.`,
    ),
    error.message,
  )
  t.is(reads, 0)
  t.deepEqual(tried.methods, [])
})

test('a changed host key is said to have changed', async (t) => {
  const { target, tried, fingerprints } = await server(t)
  const pinned = `SHA256:${'B'.repeat(43)}`
  const error = await refusal(t, { ...target, hostKey: pinned })
  t.is(error.code, 'NODE_HOST_KEY_UNKNOWN')
  t.true(
    error.message.startsWith(
      `The host key has changed: the settings have ${pinned}, the node shows ${fingerprints[0]}`,
    ),
    error.message,
  )
  t.deepEqual(tried.methods, [])
})

test('a node with several keys is known by the pinned one', async (t) => {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const rsa = privateKey.export({ type: 'pkcs1', format: 'pem' }).toString()
  const { target, fingerprints } = await server(t, { hostKeys: [newHostKey(), rsa] })
  const client = await connectSsh({ ...target, hostKey: fingerprints[1] }, DEADLINE)
  client.end()
  const error = await refusal(t, { ...target, hostKey: `SHA256:${'B'.repeat(43)}` })
  t.true(
    fingerprints.every((fingerprint) => error.message.includes(fingerprint)),
    error.message,
  )
})

test('a wrong password is tried once', async (t) => {
  const { target, tried } = await server(t, {
    authenticate: (context, tried) => {
      if (context.method !== 'none') tried.methods.push(context.method)
      context.reject(['password', 'keyboard-interactive'])
    },
  })
  const error = await refusal(t, target)
  t.is(error.code, 'NODE_LOGIN_REFUSED')
  t.is(error.message, 'User or password are wrong, or the account is locked.')
  t.deepEqual(tried.methods, ['password'])
})

test('a node that hangs up on the password refuses it', async (t) => {
  const { target, tried } = await server(t, {
    authenticate: (context, tried, end) => {
      if (context.method !== 'none') tried.methods.push(context.method)
      if (context.method === 'none') context.reject(['password'])
      else end()
    },
  })
  const error = await refusal(t, target)
  t.is(error.code, 'NODE_LOGIN_REFUSED')
  t.is(error.message, 'The node ended the connection when user and password were sent.')
  t.deepEqual(tried.methods, ['password'])
})

const asking =
  (...questions: { prompt: string; echo: boolean }[][]) =>
  (context: AuthContext, tried: Tried): void => {
    if (context.method !== 'keyboard-interactive') {
      context.reject(['keyboard-interactive'])
      return
    }
    tried.methods.push(context.method)
    const ask = (index: number): void => {
      const question = questions[index]
      if (question === undefined) {
        context.accept()
        return
      }
      context.prompt(question, (answers) => {
        tried.passwords.push(...answers)
        ask(index + 1)
      })
    }
    ask(0)
  }

test('keyboard-interactive is answered when it asks for the password', async (t) => {
  const { target, tried } = await server(t, { authenticate: asking([{ prompt: 'Password: ', echo: false }]) })
  const client = await connectSsh(target, DEADLINE)
  client.end()
  t.deepEqual(tried.passwords, [password])
})

for (const [prompt, echo] of [
  ['Password: ', true],
  ['New password: ', false],
  ['One-time code: ', false],
  ["Type 'yes': ", true],
] as const) {
  test(`keyboard-interactive is not answered when it asks ${prompt}${echo ? '(shown)' : ''}`, async (t) => {
    const { target, tried } = await server(t, { authenticate: asking([{ prompt, echo }]) })
    const error = await refusal(t, target)
    t.is(error.code, 'NODE_LOGIN_REFUSED')
    t.is(error.message, `The node asks ${JSON.stringify(prompt)}, which is no plain question for a password.`)
    t.deepEqual(tried.passwords, [])
  })
}

test('keyboard-interactive that asks a second time is not answered again', async (t) => {
  const once = [{ prompt: 'Password: ', echo: false }]
  const { target, tried } = await server(t, { authenticate: asking(once, once) })
  const error = await refusal(t, target)
  t.is(
    error.message,
    'User or password are wrong, or the account is locked: the node asks again, "Password: ".',
  )
  t.deepEqual(tried.passwords, [password])
})

test('nothing that listens', async (t) => {
  const { target, stop } = await startBareServer(() => undefined)
  await stop()
  const error = await refusal(t, target)
  t.is(error.code, 'NODE_UNREACHABLE')
  t.regex(error.message, /^Nothing listens at 127\.0\.0\.1 port \d+\.$/)
})

test('a name that is not known', async (t) => {
  const error = await refusal(t, { ...targetAt(22, undefined), host: 'no-such-host.invalid' })
  t.is(error.code, 'NODE_UNREACHABLE')
})

for (const [what, greeting] of [
  ['HTTP', 'HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n'],
  ['SSH 1', 'SSH-1.5-old\r\n'],
  ['bytes at random', Buffer.from(Array.from({ length: 4000 }, (_, index) => (index * 151) % 256))],
] as const) {
  test(`${what} at the port is no SSH`, async (t) => {
    const target = await bare(t, (socket) => socket.end(greeting))
    const error = await refusal(t, target)
    t.is(error.code, 'NODE_ANSWER_WRONG')
    t.is(error.message, 'What listens at this port does not speak SSH 2.')
  })
}

test('greetings without end are cut off', async (t) => {
  const target = await bare(t, (socket) => {
    const more = () => socket.write(`${'x'.repeat(1000)}\r\n`)
    socket.on('drain', more)
    while (more());
  })
  const error = await refusal(t, target, 1500)
  t.is(error.code, 'NODE_TIMEOUT')
  t.is(error.message, 'No login over SSH within 1.5 s.')
})

test('a node that says nothing', async (t) => {
  const target = await bare(t, () => undefined)
  const error = await refusal(t, target, 300)
  t.is(error.code, 'NODE_TIMEOUT')
  t.is(error.message, 'No login over SSH within 0.3 s.')
})

test('a node that hangs up after its greeting', async (t) => {
  const target = await bare(t, (socket) => socket.end('SSH-2.0-gone\r\n'))
  const error = await refusal(t, target)
  t.is(error.code, 'NODE_UNREACHABLE')
  t.is(error.message, 'The node ended the connection before the login.')
})

test('old algorithms are spoken when the settings say so', async (t) => {
  const { target } = await server(t, {
    algorithms: { kex: ['diffie-hellman-group1-sha1'], cipher: ['3des-cbc'], hmac: ['hmac-sha1'] },
  })
  const error = await refusal(t, target)
  t.is(error.code, 'NODE_ANSWER_WRONG')
  t.is(
    error.message,
    'The node speaks no key exchange algorithm that is offered. Old releases need old_algorithms = true in the settings.',
  )
  const client = await connectSsh({ ...target, oldAlgorithms: true }, DEADLINE)
  client.end()
})

test('a password that cannot be read is told as such', async (t) => {
  const { target, tried } = await server(t)
  const unreadable = new BridgeError('SECRET_UNREADABLE', 'No such file.', { node: 'cucm-pub' })
  const error = await refusal(t, { ...target, password: () => Promise.reject(unreadable) })
  t.is(error, unreadable)
  t.deepEqual(tried.methods, [])
})

test('a private key comes before the password', async (t) => {
  const key = newHostKey()
  const { target, tried } = await server(t, {
    authenticate: (context, tried) => {
      if (context.method !== 'none') tried.methods.push(context.method)
      if (context.method === 'publickey') context.accept()
      else context.reject(['publickey', 'password'])
    },
  })
  const client = await connectSsh({ ...target, privateKey: async () => key }, DEADLINE)
  client.end()
  t.deepEqual([...new Set(tried.methods)], ['publickey'])
  const error = await refusal(t, { ...target, privateKey: async () => 'no key' })
  t.is(error.code, 'NODE_LOGIN_REFUSED')
  t.true(error.message.startsWith('The private key in the settings cannot be read'), error.message)
})
