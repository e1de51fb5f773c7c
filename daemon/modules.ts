/** Which PKCS#11 libraries are opened: those of the settings, else those found on this machine. */
import type { ModuleSettings } from '../drivers/token.js'
import { type ModuleConfig, moduleSchema } from './config.js'

/** `findKnown` gives name and path of each library that is found here. */
export function chooseModules(
  configured: readonly ModuleConfig[] | undefined,
  findKnown: () => readonly { readonly name: string; readonly path: string }[],
): ModuleSettings[] {
  if (configured !== undefined) return configured.map(toSettings)
  return findKnown().map(({ name, path }) => toSettings(moduleSchema.parse({ name, path })))
}

function toSettings(module: ModuleConfig): ModuleSettings {
  return {
    name: module.name,
    path: module.path,
    environment: module.environment,
    watchFolders: module.watch_folders,
    rescanEvery: module.rescan_seconds * 1000,
    deadline: module.deadline_seconds * 1000,
    parallel: module.parallel,
    slotEvents: module.slot_events,
    remote: module.remote,
  }
}
