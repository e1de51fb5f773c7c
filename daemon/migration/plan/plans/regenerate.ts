/** A certificate is regenerated while the CTL is tokenless: up to 11.5 CallManager's signs, from 12.0 ITLRecovery's. */
import type { PlanGround } from '../ground.js'
import type { NoPlan, Plan } from '../plan.js'
import {
  hardStop,
  keepFiles,
  numbered,
  onCommandLine,
  phonesTake,
  restartCallManagers,
  serveBuilt,
} from '../steps.js'
import { noCommandLine, tokenlessSigner, usual } from '../usual.js'
import type { PlanWishes } from '../wishes.js'

export function regenerate(ground: PlanGround, { regenerate: wish }: PlanWishes): Plan | NoPlan {
  const id = 'regenerate-tokenless'
  const signer = tokenlessSigner(ground)
  if (signer === undefined) return noCommandLine(id, ground)
  if (wish === undefined) {
    return {
      id,
      impossible: 'Which certificate is regenerated was not said.',
      instead: 'Say --certificate CallManager or ITLRecovery, and --node NAME.',
    }
  }
  const { what, node } = wish
  const changesSigner =
    (what === 'CallManager') === (signer === 'call-manager') &&
    (what === 'ITLRecovery' || node === ground.publisher)
  const steps = numbered([
    keepFiles(ground),
    hardStop(),
    {
      id: `regenerate-${what.toLowerCase()}-${node}`,
      actor: 'person',
      title: `Regenerate the ${what} certificate on ${node}`,
      instructions: [
        `On ${node}: OS Administration → Security → Certificate Management → ${what === 'ITLRecovery' ? 'ITLRecovery' : 'CallManager'} → Regenerate.`,
        'Never together with TVS: phones check the one by the other. TVS comes when every phone is confirmed.',
      ],
      does: { do: 'regenerate', what, node },
      until: [{ is: 'regenerated', what, node }],
      undo: {
        by: 'impossible',
        why: 'A new key is in place of the old one. The way back is a restore from the DRS backup.',
      },
      phones: 'until the file is updated it names the old certificate',
    },
    onCommandLine(ground, 'update-ctl-file', { do: 'update-ctl-file' }, 'utils ctl update CTLFile', [], {
      undo: { by: 'impossible', why: 'The file before names a key that is gone.' },
    }),
    ...serveBuilt(ground, signer),
    ...phonesTake('new', restartCallManagers(ground)),
  ])
  return {
    ...usual(ground, id, `Regeneration of ${what} under tokenless`, steps),
    assumptions: changesSigner
      ? [
          'The signer changes: phones take the new file through TVS, and devices without Security By Default are stranded.',
        ]
      : ['The signer stays: phones take the new file by the one they hold.'],
    interruptions: [
      `Between the regeneration and the restart of Cisco Tftp the file that is served names the old certificate.`,
      ...(what === 'CallManager'
        ? [`A phone that refuses the new file refuses TLS to ${node} as well: it is locked out.`]
        : []),
      ...(what === 'ITLRecovery'
        ? [
            'If phones are locked out: utils ctl reset localkey on the publisher signs with CallManager; afterwards utils ctl update CTLFile again.',
          ]
        : []),
    ],
  }
}
