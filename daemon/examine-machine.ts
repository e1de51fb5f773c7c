/** The doctor's composition root: the one place beside `main.ts` that opens modules, without a daemon. */
import { installedModules } from '../drivers/known-modules.js'
import { tokenName } from '../drivers/known-tokens.js'
import { openModule } from '../drivers/pkcs11/pkcs11-client.js'
import type { Config } from './config.js'
import type { Check } from './doctor/check.js'
import { examine } from './doctor/examine.js'
import { lookAtClusters } from './doctor/look-at-clusters.js'
import { lookAtMachine } from './doctor/look-at-machine.js'
import { chooseModules } from './modules.js'

export async function examineMachine(
  config: Config,
  onProgress: (what: string) => void,
): Promise<readonly Check[]> {
  const facts = await lookAtMachine({
    settings: config.file,
    configured: config.modules !== undefined,
    clusters: await lookAtClusters(config.clusters, process.env),
    modules: chooseModules(config.modules, installedModules),
    open: openModule,
    nameOf: tokenName,
    onProgress,
  })
  return examine(facts)
}
