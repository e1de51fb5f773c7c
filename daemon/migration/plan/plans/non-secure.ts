/** Mixed → non-secure (TAC 118892), with a token’s file of stubs or by the command line; and the stale file after it. */
import type { PlanGround } from '../ground.js'
import type { NoPlan, Plan } from '../plan.js'
import {
  composeAndSign,
  hardStop,
  keepFiles,
  numbered,
  onCommandLine,
  phonesTake,
  probed,
  publish,
  restartCallManagers,
  restartTftp,
  serveBuilt,
  setMode,
} from '../steps.js'
import { isListedSast, noCommandLine, tokenlessSigner, usual } from '../usual.js'
import type { PlanWishes } from '../wishes.js'

export function nonSecure(ground: PlanGround, wishes: PlanWishes): Plan | NoPlan {
  const id = 'non-secure'
  const holder = tokenlessSigner(ground)
  if (holder === undefined) return noCommandLine(id, ground)
  if (ground.file?.kind !== 'token') {
    const steps = numbered([
      keepFiles(ground),
      hardStop(),
      setMode(ground, 'non-secure'),
      ...serveBuilt(ground, holder),
      ...phonesTake('new', restartCallManagers(ground)),
    ])
    return {
      ...usual(ground, id, 'From mixed mode to non-secure', steps),
      interruptions: ['Each phone restarts once, and each CallManager. Calls are no longer encrypted.'],
    }
  }
  const serial = wishes.signer ?? wishes.tokens.at(-1)
  const token = ground.situation.tokens.find((known) =>
    serial === undefined ? isListedSast(ground, known) : known.serial === serial,
  )
  if (token === undefined || !isListedSast(ground, token)) {
    return {
      id,
      impossible:
        'Phones hold a file of tokens, and no token of it is known here that could sign the next one.',
      instead: 'Plug in a token of that file.',
    }
  }
  const recipe = { base: 'before', mode: 'non-secure', signer: token.sha256, sast: [], edits: [] } as const
  const steps = numbered([
    keepFiles(ground),
    hardStop([probed(ground)]),
    ...composeAndSign(recipe, token),
    setMode(ground, 'non-secure'),
    ...publish(ground, 'new'),
    ...phonesTake('new', restartCallManagers(ground)),
  ])
  return {
    ...usual(ground, id, 'From mixed mode with tokens to non-secure', steps),
    tokens: [token.serial],
    assumptions: [
      'The command line builds a tokenless file as it changes the mode; the token’s file goes over it before anything is restarted.',
    ],
    interruptions: ['Each phone restarts once, and each CallManager. Calls are no longer encrypted.'],
  }
}

/** Only when the cluster is not in mixed mode; the bytes are in the store first. */
export function staleFile(ground: PlanGround): Plan {
  const steps = numbered([
    keepFiles(ground),
    hardStop(),
    onCommandLine(
      ground,
      'delete-stale-ctl',
      { do: 'delete-stale-ctl' },
      'file delete activelog cm/tftpdata/CTLFile.tlv',
      [],
      {
        undo: { by: 'restoring-files' },
        instructions: [
          'On the command line of every TFTP node: file delete activelog cm/tftpdata/CTLFile.tlv, and answer y.',
        ],
        needs: [{ is: 'mode', mode: 'non-secure' }],
      },
    ),
    ...restartTftp(ground, ground.tftp, [{ is: 'serves-no-ctl', nodes: ground.tftp }]),
  ])
  return {
    ...usual(ground, 'stale-file', 'Clean-up of a stale CTL file', steps),
    assumptions: ['Phones that hold the file keep it: deleting it on the nodes does not take it from them.'],
  }
}
