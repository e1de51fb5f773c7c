/** Which PKCS#11 libraries are opened: those of the settings, else those found in the known places. */
import type { ModuleSettings } from '../drivers/token.js'
import type { ModuleConfig } from './config.js'

/** `findKnown` gives the path of each known library that is installed here, by name. */
export function chooseModules(
  configured: readonly ModuleConfig[] | undefined,
  findKnown: () => readonly { readonly name: string; readonly path: string }[],
): ModuleSettings[] {
  if (configured !== undefined) return configured.map(toSettings)
  return findKnown().map(({ name, path }) =>
    toSettings({ name, path, environment: {}, watch_folders: [], rescan_seconds: 15, deadline_seconds: 20 }),
  )
}

function toSettings(module: ModuleConfig): ModuleSettings {
  return {
    name: module.name,
    path: module.path,
    environment: module.environment,
    watchFolders: module.watch_folders,
    rescanEvery: module.rescan_seconds * 1000,
    deadline: module.deadline_seconds * 1000,
  }
}
