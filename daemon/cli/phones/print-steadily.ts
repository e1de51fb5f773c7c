/** Writes long results no faster than they are read, so that they do not pile up in memory. */
import type { Writable } from 'node:stream'

/** Resolves when more may be written: false when nobody reads any more. */
export function printSteadily(output: Writable, text: string): Promise<boolean> {
  if (output.destroyed || output.errored) return Promise.resolve(false)
  if (output.write(text)) return Promise.resolve(true)
  return new Promise((resolve) => {
    const finish = (more: boolean) => () => {
      output.off('drain', onDrain)
      output.off('close', onClose)
      output.off('error', onClose)
      resolve(more)
    }
    const onDrain = finish(true)
    const onClose = finish(false)
    output.on('drain', onDrain)
    output.on('close', onClose)
    output.on('error', onClose)
  })
}
