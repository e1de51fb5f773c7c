import { Writable } from 'node:stream'
import { setImmediate as turn } from 'node:timers/promises'
import test from 'ava'
import { printSteadily } from '../../daemon/cli/phones/print-steadily.js'

/** A reader that takes a chunk when told to. */
function slowOutput() {
  const waiting: (() => void)[] = []
  const output = new Writable({
    highWaterMark: 10,
    write: (_chunk, _encoding, done) => void waiting.push(done),
  })
  return { output, take: () => waiting.shift()?.() }
}

test('more is written only after the reader took what was there', async (t) => {
  const { output, take } = slowOutput()
  t.true(await printSteadily(output, 'short'))
  let more: boolean | undefined
  void printSteadily(output, 'longer than the mark').then((value) => {
    more = value
  })
  await turn()
  t.is(more, undefined)
  take()
  await turn()
  t.is(more, undefined)
  take()
  await turn()
  t.true(more)
  t.is(output.listenerCount('drain') + output.listenerCount('error'), 0)
})

test('a reader that left ends the writing, before and in the middle', async (t) => {
  const { output } = slowOutput()
  output.on('error', () => undefined)
  const waits = printSteadily(output, 'longer than the mark')
  output.destroy()
  t.false(await waits)
  t.false(await printSteadily(output, 'more'))
})
