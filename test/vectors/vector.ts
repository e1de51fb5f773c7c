import { readdirSync, readFileSync } from 'node:fs'

/** A file with what must come of it; the form is described in README.md. */
export interface Vector {
  readonly name: string
  /** `decodes`, or the code of the decoder's refusal. */
  readonly expect: string
  /** Place of the refusal, as the problem tells it: `offset 8, tag 2`. */
  readonly at: string | undefined
  /** Verdict of `verify` for a file that decodes: `valid` or a code. */
  readonly verify: string | undefined
  readonly what: string
  readonly bytes: Uint8Array
}

const folder = new URL('../../../test/vectors/', import.meta.url)
const headers = new Set(['expect', 'at', 'verify', 'what', 'repeat-last-byte-to'])

export function allVectors(): Vector[] {
  const names = readdirSync(folder).filter((name) => name.endsWith('.vector'))
  return names
    .sort()
    .map((name) => readVector(name.replace('.vector', ''), readFileSync(new URL(name, folder), 'utf8')))
}

function readVector(name: string, text: string): Vector {
  const [head = '', body = ''] = text.split('\n\n')
  const values = new Map(
    head.split('\n').map((line) => {
      const [, key = '', value = ''] = /^([a-z-]+): (.+)$/.exec(line) ?? []
      if (!headers.has(key)) throw new Error(`${name}: ${line} is no header of a vector`)
      return [key, value]
    }),
  )
  const { expect, what } = { expect: values.get('expect'), what: values.get('what') }
  if (expect === undefined || what === undefined) throw new Error(`${name} needs expect: and what:`)
  const bytes = new Uint8Array(Buffer.from(body, 'base64'))
  const size = Number(values.get('repeat-last-byte-to') ?? bytes.length)
  const grown = new Uint8Array(size).fill(bytes.at(-1) ?? 0)
  grown.set(bytes)
  return { name, expect, what, at: values.get('at'), verify: values.get('verify'), bytes: grown }
}
