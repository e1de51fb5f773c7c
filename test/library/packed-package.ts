/** The package as `npm pack` makes it, in the node_modules of a project of somebody else. */
import { spawnSync } from 'node:child_process'
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const project = fileURLToPath(new URL('../../..', import.meta.url))

export interface Consumer {
  readonly folder: string
  /** Paths of the packed files, from the package's root. */
  readonly files: readonly string[]
  readonly remove: () => Promise<void>
}

function mustRun(command: string, args: readonly string[], cwd: string): string {
  const { status, stdout, stderr } = spawnSync(command, args, {
    cwd,
    encoding: 'utf8',
    env: { ...process.env, npm_config_offline: 'true', npm_config_loglevel: 'error' },
  })
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${stdout}${stderr}`)
  return stdout
}

/** Its dependencies are the project's own, as an installation would bring them. */
export async function makeConsumer(): Promise<Consumer> {
  const folder = await mkdtemp(join(tmpdir(), 'ctl-bridge-consumer-'))
  const modules = join(folder, 'node_modules')
  await mkdir(join(modules, 'ctl-bridge'), { recursive: true })
  const [packed] = JSON.parse(
    mustRun('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', folder], project),
  )
  mustRun(
    'tar',
    ['-xzf', join(folder, packed.filename), '--strip-components=1', '-C', join(modules, 'ctl-bridge')],
    folder,
  )
  await symlink(join(project, 'node_modules'), join(modules, 'ctl-bridge', 'node_modules'))
  await writeFile(join(folder, 'package.json'), '{ "name": "consumer", "private": true, "type": "module" }')
  return {
    folder,
    files: packed.files.map(({ path }: { path: string }) => path),
    remove: () => rm(folder, { recursive: true, force: true }),
  }
}

/** The project's own compiler, in a folder. */
export function compile(folder: string): { readonly status: number | null; readonly output: string } {
  const tsc = join(project, 'node_modules/.bin/tsc')
  const { status, stdout, stderr } = spawnSync(process.execPath, [tsc, '-p', '.'], {
    cwd: folder,
    encoding: 'utf8',
  })
  return { status, output: `${stdout}${stderr}` }
}
