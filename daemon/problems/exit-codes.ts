/** Exit codes of the command. */
export const exitCodes = {
  done: 0,
  /** The file is refused, or does not verify. */
  file: 1,
  usage: 2,
  /** A token, module or PIN stands in the way. */
  token: 3,
  /** The daemon cannot be reached or refuses. */
  daemon: 4,
  /** Disk, permissions, settings. */
  machine: 5,
  /** A node of the cluster cannot be reached, or answers wrongly. */
  node: 6,
  internal: 70,
} as const
