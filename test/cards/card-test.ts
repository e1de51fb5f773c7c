import test, { type ExecutionContext } from 'ava'
import { whyNoRoom } from './card-room.js'

const without = whyNoRoom()

/** A test with a virtual card; skipped, with the reason in its title, where namespaces are not allowed. */
export function cardTest(title: string, run: (t: ExecutionContext) => Promise<void>): void {
  if (without === undefined) test.serial(title, run)
  else test.serial.skip(`${title} (not tried: ${without})`, run)
}
