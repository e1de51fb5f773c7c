/**
 * A thread of a host: ends the process when its parent is gone, even while a call of the module keeps
 * the main thread from hearing that the channel closed.
 */
import { parentPort } from 'node:worker_threads'

const PARENT = process.ppid
/** Milliseconds. */
const EVERY = 500

setInterval(() => {
  if (process.ppid !== PARENT) process.kill(process.pid, 'SIGKILL')
}, EVERY)
parentPort?.postMessage('watching')
