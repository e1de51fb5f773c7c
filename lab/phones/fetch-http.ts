/** A phone's reading of TFTP files over HTTP, port 6970 (CUCM 8.5 and later). */
import { get } from 'node:http'
import type { Fetched } from './decide.js'
import type { FetchLimits, FileServer } from './fetch-file.js'

export function fetchOverHttp(server: FileServer, name: string, limits: FetchLimits): Promise<Fetched> {
  return new Promise((resolve) => {
    const unreachable = (error: Error) => resolve({ kind: 'unreachable', cause: error.message })
    const url = { host: server.host, port: server.port, path: `/${encodeURIComponent(name)}`, agent: false }
    const request = get(url, (response) => {
      const blocks: Buffer[] = []
      let size = 0
      response.on('error', unreachable)
      response.on('data', (block: Buffer) => {
        blocks.push(block)
        size += block.length
        if (size <= limits.ceiling) return
        resolve({ kind: 'too large' })
        request.destroy()
      })
      response.on('end', () => resolve(outcomeOf(response.statusCode, blocks)))
    })
    request.setTimeout(limits.wait * limits.tries, () => request.destroy(new Error('no answer')))
    request.on('error', unreachable)
  })
}

function outcomeOf(status: number | undefined, blocks: readonly Buffer[]): Fetched {
  if (status === 404) return { kind: 'none' }
  if (status !== 200) return { kind: 'unreachable', cause: `HTTP status ${status}` }
  return { kind: 'file', bytes: new Uint8Array(Buffer.concat(blocks)) }
}
