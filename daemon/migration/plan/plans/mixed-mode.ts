/** Non-secure → mixed mode without tokens, by the command line (TAC 118893 §1). */

import { serveBuilt, setMode } from '../command-steps.js'
import type { PlanGround } from '../ground.js'
import type { NoPlan, Plan } from '../plan.js'
import { restartServices } from '../restarts.js'
import { hardStop, keepFiles, numbered, phonesTake } from '../steps.js'
import { noCommandLine, tokenlessSigner, usual } from '../usual.js'

export function mixedModeTokenless(ground: PlanGround): Plan | NoPlan {
  const id = 'mixed-mode-tokenless'
  const signer = tokenlessSigner(ground)
  if (signer === undefined) return noCommandLine(id, ground)
  const steps = numbered([
    keepFiles(ground),
    hardStop(),
    setMode(ground, 'mixed'),
    ...serveBuilt(ground, signer),
    ...phonesTake('new', restartServices(ground)),
  ])
  return usual(ground, id, 'From non-secure to mixed mode without tokens', steps, {
    assumptions: [
      ground.file === undefined
        ? 'Phones hold an ITL and no CTL. They take the first CTL because its signer stands in their ITL; from 12.0 on that is inferred.'
        : 'A CTL is served although the cluster is not in mixed mode. Phones that hold it ask it, not their ITL, who may sign the next one.',
    ],
    interruptions: [
      'From the change of mode to the last reset, phones that have not restarted since register as before; configuration files name secure profiles already.',
    ],
  })
}
