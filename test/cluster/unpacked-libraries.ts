import { readdir } from 'node:fs/promises'
import { join } from 'node:path'

/** LD_LIBRARY_PATH for programs below the folder that stands for /. */
export async function unpackedLibraries(packages: string): Promise<string> {
  const found: string[] = []
  for (const lib of ['usr/lib', 'lib']) {
    const entries = await readdir(join(packages, lib)).catch(() => [])
    found.push(
      ...entries.filter((entry) => entry.includes('-linux-')).map((entry) => join(packages, lib, entry)),
    )
  }
  return found.join(':')
}
