/** Update of a token CTL: servers, tokens, addresses and certificates come, go and change; a token of the file signs. */
import { type PlanGround, tokensOf } from '../ground.js'
import type { CtlEdit, NoPlan, Plan } from '../plan.js'
import { restartServices } from '../restarts.js'
import { composeAndSign, hardStop, keepFiles, numbered, phonesTake, probed, publish } from '../steps.js'
import { isListedSast, isNoPlan, sastAfter, signerOfFile, unknownToken, usual } from '../usual.js'
import type { PlanWishes } from '../wishes.js'
import { wrongEdit } from '../wrong-edit.js'

const id = 'update-token-ctl'

export function updateTokens(ground: PlanGround, wishes: PlanWishes): Plan | NoPlan {
  const { edits } = wishes
  const signer = signerFor(ground, wishes)
  if (isNoPlan(signer)) return signer
  const wrong = wrongEdit(ground, edits, signer)
  if (wrong !== undefined) return { id, ...wrong }
  const added = tokensOf(ground, [...new Set(wishes.tokens)])
    .filter((token) => token !== undefined)
    .filter((token) => !isListedSast(ground, token))
  const sast = sastAfter(ground, edits, added)
  const steps = numbered([
    keepFiles(ground),
    hardStop(probed(ground)),
    ...composeAndSign({ base: 'before', mode: 'keep', signer: signer.sha256, sast, edits }, signer),
    ...publish(ground, 'new'),
    ...phonesTake('new', restartServices(ground)),
  ])
  return usual(ground, id, 'Update of the token CTL', steps, {
    tokens: [signer],
    assumptions: assumptionsOf(edits),
    interruptions: interruptionsOf(edits),
  })
}

function signerFor(ground: PlanGround, wishes: PlanWishes) {
  const named = [...wishes.tokens, ...(wishes.signer === undefined ? [] : [wishes.signer])]
  const missing = unknownToken(id, ground, named)
  if (missing !== undefined) return missing
  const signer = signerOfFile(ground, wishes)
  if (signer === undefined) {
    return {
      id,
      // The CTL Client's words for this are searched for by people.
      impossible: `No token of the CTL file that is served is known here${named.length > 0 ? `; ${named.join(' and ')} does not exist in it` : ''}, so phones would not take what it signs (in the CTL Client: “The Security Token you have inserted does not exist in the CTL File”).`,
      instead:
        'Plug in a token of the file; it can add others. If all of those are lost: tokens-to-tokenless with --tokens-lost, then tokenless-to-tokens with new ones.',
    } as const
  }
  if (isListedSast(ground, signer)) return signer
  return {
    id,
    impossible: `Token ${signer.serial} does not exist in the CTL file that is served, so phones would not take what it signs (in the CTL Client: “The Security Token you have inserted does not exist in the CTL File”).`,
    instead:
      'Sign with a token of the file; it can add this one: name this one with --token, the other with --signer.',
  } as const
}

/** Roles of the domain facts §2. */
const TFTP = 3
const FIREWALL = 6

function assumptionsOf(edits: readonly CtlEdit[]): string[] {
  const roles = edits.flatMap((edit) => (edit.edit === 'add' ? [edit.function] : []))
  return [
    'The signer is a SAST of the file that phones hold: they take the new one by it, and none needs TVS.',
    ...(roles.includes(FIREWALL)
      ? [
          'Which role number an ASA carries is not known; CUCM is documented to show it as CCM. Compare with an older file, if you have one.',
        ]
      : []),
    ...(roles.includes(TFTP)
      ? [
          'A TFTP server that is no node of this cluster serves phones only if it has this file as well: put it there, too.',
        ]
      : []),
  ]
}

function interruptionsOf(edits: readonly CtlEdit[]): string[] {
  const isReplaced = edits.some(({ edit }) => edit === 'replace')
  const isMoved = edits.some(({ edit }) => edit === 'address')
  return [
    ...(isReplaced
      ? [
          'A server that shows its new certificate already is refused over TLS by phones that have not taken the new file.',
        ]
      : []),
    ...(isMoved
      ? ['Phones look for a server at its old address until they have taken the new file and configuration.']
      : []),
  ]
}
