/** Follows `/v1/events` while something else waits for its answer. What is told is for the eye: a stream that ends is no error. */
import { request } from 'node:http'

export interface WatchedEvent {
  readonly type: string
  readonly data: Readonly<Record<string, unknown>>
}

/** A daemon that sends a longer event is none of ours. */
const EVENT_LIMIT = 1024 * 1024

/** Resolves when the stream is open, or cannot be; then the way out. */
export function watchEvents(
  socketPath: string,
  key: string,
  onEvent: (event: WatchedEvent) => void,
): Promise<() => void> {
  const headers = { Host: 'localhost', Authorization: `Bearer ${key}`, Accept: 'text/event-stream' }
  return new Promise((resolve) => {
    const call = request({ socketPath, path: '/v1/events', headers, agent: false }, (response) => {
      const read = eventReader(onEvent)
      response.setEncoding('utf8')
      response.on('data', (text: string) => {
        if (response.statusCode === 200 && !read(text)) call.destroy()
      })
      response.on('error', () => undefined)
      resolve(() => call.destroy())
    })
    call.on('error', () => resolve(() => undefined))
    call.end()
  })
}

/**
 * Takes the stream in pieces cut anywhere (HTML Living Standard, server-sent events: fields by line, an empty line
 * ends an event). Returns false when an event is longer than the limit.
 */
export function eventReader(onEvent: (event: WatchedEvent) => void): (text: string) => boolean {
  let rest = ''
  return (text) => {
    const blocks = `${rest}${text}`.split('\n\n')
    rest = blocks.pop() ?? ''
    for (const block of blocks) {
      const event = readEvent(block)
      if (event !== undefined) onEvent(event)
    }
    return rest.length <= EVENT_LIMIT
  }
}

function readEvent(block: string): WatchedEvent | undefined {
  const data = block
    .split('\n')
    .filter((line) => line.startsWith('data: '))
    .map((line) => line.slice('data: '.length))
  if (data.length === 0) return undefined
  try {
    const event = JSON.parse(data.join('\n')) as Partial<WatchedEvent> | null
    const isEvent = typeof event?.type === 'string' && typeof event.data === 'object' && event.data !== null
    return isEvent ? (event as WatchedEvent) : undefined
  } catch {
    return undefined
  }
}
