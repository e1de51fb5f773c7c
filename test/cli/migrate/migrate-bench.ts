/** A daemon whose migrations a test puts in place, and the command that asks it. Each test has one of its own. */
import { createHash } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { plainRoute, type Route } from '../../../daemon/http/route.js'
import { type MigrationServer, serveMigrations } from '../../http/migration-server.js'
import { type CommandRun, runCommand } from '../run-command.js'

export let server: MigrationServer
/** What `/v1/tokens` and `/v1/clusters/krakow` tell. */
export const known: { tokens: object[]; reads: string[] } = { tokens: [], reads: [] }

export async function openServer(): Promise<void> {
  known.tokens = [token('aa11', 'first')]
  known.reads = []
  server = await serveMigrations([
    told('/v1/tokens', () => ({ tokens: known.tokens, modules: [] })),
    told('/v1/status', () => ({ key: { keyId: 'ann', name: 'ann', scopes: ['read', 'sign', 'operate'] } })),
    told('/v1/clusters/{name}', () => ({ name: 'krakow', nodes: [{ name: 'pub', reads: known.reads }] })),
  ])
  await writeFile(at('key'), 'ann\n')
}

export const closeServer = (): Promise<void> => server.close()

const told = (path: string, json: () => object): Route =>
  plainRoute({
    method: 'get',
    path,
    id: path,
    summary: '',
    scope: 'read',
    answers: [{ type: 'application/json' }],
    problems: [],
    handle: () => ({ json: json() }),
  })
export const token = (serial: string, label: string, state = 'present') => ({
  serial,
  label,
  state,
  lease: null,
  pin: { onReader: false },
  readerRefuses: false,
  certificates: [],
})

export const at = (name: string): string => join(server.folder, name)
export const words = (...args: string[]): string[] => [
  'migrate',
  ...args,
  '--config',
  server.settings,
  '--key-file',
  at('key'),
]
export const migrate = (...args: string[]) => runCommand(words(...args))
export const migrateWith = (run: CommandRun, ...args: string[]) => runCommand(words(...args), run)
export const start = ['start', 'krakow', 'tokenless-to-tokens', '--token', 'aa11', '--token', 'bb22']
export const asked = () => server.asked() as { wishes: { edits: object[] } }
export const digest = (name: string, bytes: Uint8Array) => createHash(name).update(bytes).digest('hex')
