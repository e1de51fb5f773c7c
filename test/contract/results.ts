/** What the contract tests saw, kept beside them; docs/tokens.md is made from it. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'

export interface Results {
  /** Heading in the table. */
  readonly module: string
  readonly abilities: Readonly<Record<string, boolean>>
}

const folder = new URL('../../../test/contract/results/', import.meta.url)

export function readResults(name: string): Results {
  return JSON.parse(readFileSync(new URL(`${name}.json`, folder), 'utf8'))
}

export function writeResults(name: string, results: Results): void {
  writeFileSync(new URL(`${name}.json`, folder), `${JSON.stringify(results, null, 2)}\n`)
}

export function allResults(): Results[] {
  return readdirSync(folder)
    .sort()
    .map((name) => readResults(name.replace('.json', '')))
}
