/** Where things are on this machine: for root the system's folders, for a person the XDG folders. */
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'

export interface Place {
  readonly uid: number
  readonly env: NodeJS.ProcessEnv
}

export interface DefaultPaths {
  readonly config: string
  readonly socket: string
  readonly state: string
}

export const here = (): Place => ({ uid: process.getuid?.() ?? 0, env: process.env })

const systemPaths: DefaultPaths = {
  config: '/etc/ctl-bridge/config.toml',
  socket: '/run/ctl-bridge/api.sock',
  state: '/var/lib/ctl-bridge',
}

/** Where a running lab keeps what it tells of itself: beside the socket of the daemon that is to see it. */
export const labFolderBeside = (socket: string): string => join(dirname(socket), 'lab')

export function defaultPaths({ uid, env }: Place): DefaultPaths {
  // systemd.exec(5): a system service is told its folder so, whatever user it runs as.
  if (uid === 0 || env.STATE_DIRECTORY === systemPaths.state) return systemPaths
  const home = env.HOME || homedir()
  const state = join(env.XDG_STATE_HOME || join(home, '.local', 'state'), 'ctl-bridge')
  const runtime = env.XDG_RUNTIME_DIR
  return {
    config: join(env.XDG_CONFIG_HOME || join(home, '.config'), 'ctl-bridge', 'config.toml'),
    socket: runtime ? join(runtime, 'ctl-bridge', 'api.sock') : join(state, 'api.sock'),
    state,
  }
}
