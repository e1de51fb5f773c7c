import type { ModuleSettings } from '../drivers/token.js'

/** A module as the daemon's settings file has it under `[[modules]]`. */
export function moduleTable({
  name,
  path,
  environment,
  watchFolders,
}: ModuleSettings): Record<string, unknown> {
  return { name, path, environment: { ...environment }, watch_folders: [...watchFolders] }
}
