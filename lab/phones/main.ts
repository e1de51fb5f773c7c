/**
 * The process of the lab's phones. Started by start-phones.ts with a channel, and the phones' deadlines as its argument;
 * ends when the channel does.
 */
import { Fleet } from './fleet.js'
import type { FleetReply, FleetRequest, NumberedRequest } from './fleet-messages.js'
import { usualDeadlines } from './phone.js'
import type { PhoneRecord } from './phone-record.js'

/** Milliseconds between two messages about phones that changed. */
const TELL_EVERY = 100

const fleet = new Fleet(JSON.parse(process.argv[2] ?? JSON.stringify(usualDeadlines)))
let changed: PhoneRecord[] = []
let timer: NodeJS.Timeout | undefined

function send(reply: FleetReply): void {
  // The lab may have ended meanwhile; then nobody waits for it.
  process.send?.(reply, () => undefined)
}

function tellChanges(): void {
  clearTimeout(timer)
  timer = undefined
  if (changed.length > 0) send({ changed })
  changed = []
}

function remember(record: PhoneRecord): void {
  changed.push(record)
  timer ??= setTimeout(tellChanges, TELL_EVERY)
}

async function answer(request: FleetRequest): Promise<unknown> {
  switch (request.do) {
    case 'connect':
      return fleet.connect(request.nodes)
    case 'make':
      return fleet.make(request.batch)
    case 'rules':
      return fleet.setRules(request.rules)
    case 'advance clock':
      return fleet.advanceClock(request.seconds)
    case 'erase':
      return fleet.erase(request.which)
    case 'report':
      return fleet.report()
    case 'log':
      return fleet.log(request.device)
    case 'reset': {
      const figures = await fleet.reset(request.which, request.concurrency, remember)
      tellChanges()
      return figures
    }
  }
}

if (process.send === undefined) {
  process.stderr.write('The phones are part of the lab: ctl-bridge lab up.\n')
  process.exit(2)
}
// The lab ends its phones; a Ctrl-C on the terminal reaches both and must not cut the lab's last words short.
process.on('SIGINT', () => undefined)
process.on('disconnect', () => process.exit(0))
process.on('message', ({ id, request }: NumberedRequest) => {
  answer(request).then(
    (result) => send({ id, result }),
    (error: unknown) => send({ id, problem: error instanceof Error ? error.message : String(error) }),
  )
})
