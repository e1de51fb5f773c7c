/**
 * A process that is killed at a point of an attempt with a PIN: node interrupted-attempt.js FOLDER POINT.
 * `before` the attempt is written, `during` the login, or `after` it was accepted and before that is
 * written.
 */
import { openStore } from './temporary-store.js'

const [, , folder = '', point] = process.argv
const caller = { principal: { keyId: 'k', name: 'n', scopes: [] }, requestId: 'r' }

function die(): never {
  process.kill(process.pid, 'SIGKILL')
  // The signal is on its way; nothing more may happen here.
  for (;;);
}

const { guard, attempts } = await openStore(folder)
const admitted = await guard.admit(caller, 'T1', 'a PIN', false)
if (point === 'before') die()
if (point === 'after') attempts.settle = async () => die()
await admitted.attempt(async () => {
  if (point === 'during') die()
}, 'this-pin')
