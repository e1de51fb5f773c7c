/** Socket activation: systemd listens first, and hands the socket over (sd_listen_fds(3)). */
import { BridgeError } from '../bridge-error.js'

/** SD_LISTEN_FDS_START */
const FIRST = 3

/**
 * The descriptor of the one socket that systemd passed to this process, undefined without one. The variables are
 * removed from `env`, so that no child takes them for its own. Throws SOCKET_IN_USE for more sockets than one.
 */
export function takeInheritedSocket(env: NodeJS.ProcessEnv, pid: number): number | undefined {
  const { LISTEN_PID: forPid, LISTEN_FDS: count } = env
  delete env.LISTEN_PID
  delete env.LISTEN_FDS
  delete env.LISTEN_FDNAMES
  if (forPid !== String(pid) || count === undefined || count === '0') return undefined
  if (count === '1') return FIRST
  throw new BridgeError('SOCKET_IN_USE', `The socket unit passes ${count} sockets; ctl-bridge takes one.`)
}
