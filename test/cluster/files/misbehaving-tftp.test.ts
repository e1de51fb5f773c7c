import { setTimeout as wait } from 'node:timers/promises'
import test, { type ExecutionContext } from 'ava'
import type { FetchLimits } from '../../../daemon/cluster/files/fetch-limits.js'
import { fetchNodeFile } from '../../../daemon/cluster/files/fetch-node-file.js'
import { makeTftpTransfer } from '../../../daemon/cluster/files/tftp-transfer.js'
import { runCommand } from '../../cli/run-command.js'
import { type Client, data, error, type Heard, misbehave, optionsAccepted } from './misbehaving-server.js'

/** Nothing is sent twice, however slow the machine is. */
const calm: Partial<FetchLimits> = { bytes: 100_000, patience: 10_000, tries: 4, deadline: 60_000 }
/** For servers that are silent at times. */
const quick: Partial<FetchLimits> = { patience: 60 }
const half = Buffer.alloc(512, 1)
const rest = Buffer.from('the end')
const whole = Buffer.concat([half, rest])

async function fetchFrom(
  t: ExecutionContext,
  answer: (heard: Heard, client: Client, count: number) => void,
  limits: Partial<FetchLimits> = {},
) {
  const server = await misbehave(answer)
  t.teardown(server.stop)
  const source = { protocol: 'tftp', host: '127.0.0.1', port: server.port, file: 'CTLFile.tlv' } as const
  const outcome = fetchNodeFile(source, { ...calm, ...limits })
  return { server, outcome, bytes: async () => Buffer.from(await outcome) }
}

/** Two blocks of a server that knows no options. */
function plainly({ opcode, number }: Heard, { send }: Client): void {
  if (opcode === 1) send(data(1, half))
  if (opcode === 4 && number === 1) send(data(2, rest))
}

test('the request asks for octets and offers options', async (t) => {
  const { server, bytes } = await fetchFrom(t, plainly)
  await bytes()
  t.deepEqual(server.heard[0]?.words, [
    'CTLFile.tlv',
    'octet',
    'blksize',
    '1428',
    'timeout',
    '1',
    'tsize',
    '0',
  ])
})

test('a server that ignores options is read in blocks of 512', async (t) => {
  const { server, bytes } = await fetchFrom(t, plainly)
  t.true(whole.equals(await bytes()))
  await until(() => server.heard.length === 3)
  t.deepEqual(
    server.heard.slice(1).map(({ opcode, number }) => [opcode, number]),
    [
      [4, 1],
      [4, 2],
    ],
  )
})

for (const code of [0, 4, 8]) {
  test(`a server that answers options with error ${code} is asked without them`, async (t) => {
    const { server, bytes } = await fetchFrom(t, (heard, client) => {
      if (heard.words.length > 2) client.send(error(code, 'no options'))
      else plainly(heard, client)
    })
    t.true(whole.equals(await bytes()))
    t.deepEqual(server.heard[1]?.words, ['CTLFile.tlv', 'octet'])
  })
}

test('a server that is silent to options is asked without them', async (t) => {
  const answer = (heard: Heard, client: Client) => {
    if (heard.words.length <= 2) plainly(heard, client)
  }
  const { bytes } = await fetchFrom(t, answer, quick)
  t.true(whole.equals(await bytes()))
})

test('the last packet is sent again when one is lost, in either direction', async (t) => {
  const lost = new Set([1, 3, 5])
  const answer = (heard: Heard, client: Client, count: number) => {
    if (!lost.has(count)) plainly(heard, client)
  }
  const { server, bytes } = await fetchFrom(t, answer, quick)
  t.true(whole.equals(await bytes()))
  t.true(server.heard.length > 3)
})

test('blocks that come twice count once, and breed no copies', async (t) => {
  const { server, bytes } = await fetchFrom(t, ({ opcode, number }, { send }) => {
    if (opcode === 1) for (let copy = 0; copy < 3; copy++) send(data(1, half))
    if (opcode === 4 && number === 1) for (const block of [data(1, half), data(2, rest)]) send(block)
  })
  t.true(whole.equals(await bytes()))
  t.true(server.heard.length < 12)
})

test('a block that has no turn yet or had it long ago is passed over', async (t) => {
  const full = Buffer.alloc(512, 2)
  const { bytes } = await fetchFrom(t, ({ opcode, number }, { send }) => {
    if (opcode === 1) for (const block of [data(7, rest), data(1, full)]) send(block)
    if (opcode !== 4) return
    if (number === 1) send(data(2, full))
    if (number === 2) for (const block of [data(1, half), data(9, rest), data(3, rest)]) send(block)
  })
  t.true(Buffer.concat([full, full, rest]).equals(await bytes()))
})

test('a packet from another port is answered with error 5 and changes nothing', async (t) => {
  const { server, bytes } = await fetchFrom(t, ({ opcode, number }, { send, sendFromElsewhere }) => {
    if (opcode === 1) send(data(1, half))
    if (opcode === 4 && number === 1) {
      sendFromElsewhere(data(2, Buffer.from('forged')))
      setTimeout(() => send(data(2, rest)), 30)
    }
  })
  t.true(whole.equals(await bytes()))
  await until(() => server.heardElsewhere.length > 0)
  t.like(server.heardElsewhere[0], { opcode: 5, number: 5 })
})

test('options are obeyed: size of blocks, size of the file', async (t) => {
  const { bytes } = await fetchFrom(t, ({ opcode, number }, { send }) => {
    if (opcode === 1) send(optionsAccepted('BLKSIZE', '8', 'tsize', '11'))
    if (opcode === 4) send(data(number + 1, Buffer.from('hello world').subarray(number * 8, number * 8 + 8)))
  })
  t.is((await bytes()).toString(), 'hello world')
})

test('blocks are counted beyond 65535, where 16 bits begin anew', (t) => {
  const machine = makeTftpTransfer({ file: 'CTLFile.tlv', limit: 1024 * 1024, tries: 4 })
  machine.start()
  machine.receive(optionsAccepted('blksize', '8'))
  const blocks = 65_540
  for (let block = 1; block <= blocks; block++) {
    const { send } = machine.receive(data(block, Buffer.alloc(8, block)))
    if (Buffer.compare(send ?? Buffer.of(), Buffer.of(0, 4, (block >> 8) & 255, block & 255)) !== 0) {
      return t.fail(`block ${block} is not acknowledged`)
    }
  }
  const { outcome } = machine.receive(data(blocks + 1, rest))
  t.true(outcome?.kind === 'done' && outcome.bytes.length === blocks * 8 + rest.length)
})

const wrong: ReadonlyArray<readonly [string, (heard: Heard, client: Client) => void, string, RegExp]> = [
  [
    'accepts a block size that was not offered',
    ({ opcode }, { send }) => opcode === 1 && send(optionsAccepted('blksize', '9000')),
    'NODE_ANSWER_WRONG',
    /not offered/,
  ],
  [
    'accepts an option that was not offered',
    ({ opcode }, { send }) => opcode === 1 && send(optionsAccepted('multicast', '1')),
    'NODE_ANSWER_WRONG',
    /not offered/,
  ],
  [
    'sends more than the block size',
    ({ opcode }, { send }) => opcode === 1 && send(data(1, Buffer.alloc(513))),
    'NODE_ANSWER_WRONG',
    /larger than agreed/,
  ],
  [
    'sends less than it said',
    ({ opcode }, { send }) => send(opcode === 1 ? optionsAccepted('tsize', '100') : data(1, rest)),
    'NODE_ANSWER_WRONG',
    /said 100 bytes and sent 7/,
  ],
  [
    'sends no TFTP in the middle',
    ({ opcode }, { send }) => send(opcode === 1 ? data(1, half) : Buffer.from('HTTP/1.1')),
    'NODE_ANSWER_WRONG',
    /none of TFTP/,
  ],
  [
    'announces too large a file',
    ({ opcode }, { send }) => opcode === 1 && send(optionsAccepted('tsize', '100001')),
    'CTL_TOO_LARGE',
    /100000/,
  ],
  [
    'sends without end',
    ({ opcode, number }, { send }) => send(data(opcode === 1 ? 1 : number + 1, half)),
    'CTL_TOO_LARGE',
    /100000/,
  ],
  ['answers nothing', () => undefined, 'NODE_TIMEOUT', /4 times in a row/],
  [
    'stops in the middle',
    ({ opcode }, { send }) => opcode === 1 && send(data(1, half)),
    'NODE_TIMEOUT',
    /4 times in a row/,
  ],
  [
    'has no such file',
    ({ opcode }, { send }) => opcode === 1 && send(error(1, '')),
    'NODE_HAS_NO_FILE',
    /TFTP error 1\./,
  ],
  [
    'has a full disk',
    ({ opcode }, { send }) => opcode === 1 && send(error(3, 'full')),
    'NODE_ANSWER_WRONG',
    /TFTP error 3, "full"/,
  ],
]

for (const [what, answer, code, detail] of wrong) {
  test(`a TFTP server that ${what} gives no file`, async (t) => {
    const { outcome } = await fetchFrom(t, (heard, client) => void answer(heard, client), quick)
    await t.throwsAsync(outcome, { code, message: detail })
  })
}

test('a server that trickles is left at the deadline', async (t) => {
  const slowly = ({ opcode, number }: Heard, { send }: Client) =>
    void setTimeout(() => send(data(opcode === 1 ? 1 : number + 1, half)), 40)
  const { outcome } = await fetchFrom(t, slowly, { deadline: 400 })
  await t.throwsAsync(outcome, { code: 'NODE_TIMEOUT', message: /0\.4 s/ })
})

test('the text of an error cannot control the terminal', async (t) => {
  const hostile = '\u001b[2J\u001b]0;owned\u0007\nctl-bridge: all is well\u202e'
  const server = await misbehave(({ opcode }, { send }) => opcode === 1 && send(error(2, hostile.repeat(40))))
  t.teardown(server.stop)
  const { code, stderr } = await runCommand(['show', `tftp://127.0.0.1:${server.port}/CTLFile.tlv`])
  t.is(code, 6)
  t.regex(stderr, /NODE_REFUSES/)
  t.notRegex(stderr, /[^\P{Cc}\n]|\p{Cf}/u)
  t.notRegex(stderr, /^ctl-bridge: all is well/m)
  t.true(stderr.length < 2000)
})

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await wait(5)
}
