import { execFile } from 'node:child_process'
import { rename, stat } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

/** A C source of this folder, and what it is compiled to in `dist`. */
export interface Compiled {
  readonly source: string
  readonly output: string
}

export function compiledFrom(source: string, output: string): Compiled {
  return {
    source: fileURLToPath(new URL(`../../../test/drivers/${source}`, import.meta.url)),
    output: fileURLToPath(new URL(`./${output}`, import.meta.url)),
  }
}

/**
 * Compiles once per version of the source, with the `cc` that pkcs11js needs as well; several test
 * processes may do so at the same time.
 */
export async function compileOnce(
  { source, output }: Compiled,
  compile: (source: string, output: string) => Promise<void>,
): Promise<string> {
  const [written, built] = await Promise.all([changed(source), changed(output)])
  if (built > written) return output
  const own = `${output}.${process.pid}`
  await compile(source, own)
  await rename(own, output)
  return output
}

async function changed(path: string): Promise<number> {
  return await stat(path).then(
    ({ mtimeMs }) => mtimeMs,
    () => 0,
  )
}

export async function compileModule(source: string, library: string): Promise<void> {
  const addon = dirname(createRequire(import.meta.url).resolve('pkcs11js/package.json'))
  const headers = join(addon, 'includes', 'pkcs11')
  await cc(['-shared', '-fPIC', '-I', headers, '-o', library, source, '-ldl'])
}

export async function compileProgram(source: string, program: string): Promise<void> {
  await cc(['-o', program, source])
}

async function cc(options: readonly string[]): Promise<void> {
  await promisify(execFile)('cc', ['-Wall', '-Werror', ...options])
}
