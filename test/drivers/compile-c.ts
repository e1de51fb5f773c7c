import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { rename, stat } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

/** C sources below `test/`, headers among them, and what they are compiled to below `dist/test/`. */
export interface Compiled {
  readonly sources: readonly string[]
  readonly output: string
}

/** All paths relative to `test/`. */
export function compiledFrom(sources: readonly string[], output: string): Compiled {
  return {
    sources: sources.map((source) => fileURLToPath(new URL(`../../../test/${source}`, import.meta.url))),
    output: fileURLToPath(new URL(`../${output}`, import.meta.url)),
  }
}

/**
 * Compiles once per version of the sources, with the `cc` that pkcs11js needs as well; several tests may
 * do so at the same time. `compile` gets no headers.
 */
export async function compileOnce(
  { sources, output }: Compiled,
  compile: (sources: readonly string[], output: string) => Promise<void>,
): Promise<string> {
  const [built, ...written] = await Promise.all([output, ...sources].map(changed))
  if ((built ?? 0) > Math.max(...written)) return output
  const own = `${output}.${randomUUID()}`
  const compilable = sources.filter((source) => source.endsWith('.c'))
  await compile(compilable, own)
  await rename(own, output)
  return output
}

async function changed(path: string): Promise<number> {
  return await stat(path).then(
    ({ mtimeMs }) => mtimeMs,
    () => 0,
  )
}

export async function compileProgram(sources: readonly string[], program: string): Promise<void> {
  await cc(['-o', program, ...sources])
}

export async function cc(options: readonly string[]): Promise<void> {
  await promisify(execFile)('cc', ['-O2', '-Wall', '-Wextra', '-Werror', ...options])
}
