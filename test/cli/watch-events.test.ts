import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'ava'
import { makeProgress } from '../../daemon/cli/progress.js'
import { eventReader, type WatchedEvent, watchEvents } from '../../daemon/cli/watch-events.js'

const block = (type: string, data: unknown): string =>
  `id: ab-1\nevent: ${type}\ndata: ${JSON.stringify({ id: 'ab-1', type, at: '', data })}\n\n`

test('events are the same wherever the stream is cut', (t) => {
  const stream = `retry: 2000\n\n${block('cluster.observing', { node: 'pub' })}: \n\n${block('resync', {})}`
  for (let cut = 1; cut < stream.length; cut += 1) {
    const seen: WatchedEvent[] = []
    const read = eventReader((event) => seen.push(event))
    t.true(read(stream.slice(0, cut)) && read(stream.slice(cut)))
    t.deepEqual(
      seen.map(({ type }) => type),
      ['cluster.observing', 'resync'],
      `cut at ${cut}`,
    )
    t.deepEqual(seen[0]?.data, { node: 'pub' })
  }
})

test('what is no event is passed over, and one without an end is given up', (t) => {
  const seen: WatchedEvent[] = []
  const read = eventReader((event) => seen.push(event))
  read('data: {"half":\n\ndata: null\n\ndata: {"type":1,"data":{}}\n\ndata: {"type":"x","data":null}\n\n')
  t.deepEqual(seen, [])
  t.false(read(`data: ${'x'.repeat(1024 * 1024)}`))
})

test('a daemon that refuses the stream, or is not there, does not stand in the way', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'ctl-bridge-events-'))
  const socketPath = join(folder, 'api.sock')
  const none = (): void => t.fail('there was no event')
  const leaveNothing = await watchEvents(socketPath, 'key', none)
  t.notThrows(leaveNothing)
  const server = createServer((_request, response) => {
    response.statusCode = 403
    response.end(block('token.removed', {}))
  })
  await new Promise<void>((resolve) => server.listen(socketPath, resolve))
  const leave = await watchEvents(socketPath, 'key', none)
  t.notThrows(leave)
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
  await rm(folder, { recursive: true })
})

test('progress is one line that changes on a terminal, and plain lines elsewhere', (t) => {
  const collect = (isTTY: boolean, columns = 20) => {
    let text = ''
    const write = (part: string) => {
      text += part
      return true
    }
    const progress = makeProgress({ isTTY, columns, write } as never)
    progress.tell('1 of 2  pub: a long question that does not fit')
    progress.tell('2 of 2  \u001b[31m')
    progress.end()
    return text
  }
  t.is(collect(false), '1 of 2  pub: a long question that does not fit\n2 of 2  \\x1b[31m\n')
  t.true(collect(true, 0).startsWith('\r\u001b[K1 of 2  pub: a long question that does not fit'), 'no width')
  t.is(collect(true), '\r\u001b[K1 of 2  pub: a long\r\u001b[K2 of 2  \\x1b[31m\r\u001b[K')
})
