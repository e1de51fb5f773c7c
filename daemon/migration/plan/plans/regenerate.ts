/** A certificate is regenerated while the CTL is tokenless: up to 11.5 CallManager's signs, from 12.0 ITLRecovery's. */

import { resetLocalKey, type ServerSigner, updateCtlFile } from '../command-steps.js'
import type { PlanGround } from '../ground.js'
import type { NoPlan, Plan, Undo } from '../plan.js'
import { restartServices } from '../restarts.js'
import { type Draft, hardStop, keepFiles, numbered, phonesTake, tvsKnowsSigner } from '../steps.js'
import { noCommandLine, tokenlessSigner, usual } from '../usual.js'
import type { PlanWishes, RegenerateWish } from '../wishes.js'

const id = 'regenerate-tokenless'

export function regenerate(ground: PlanGround, { regenerate: wish }: PlanWishes): Plan | NoPlan {
  const signer = tokenlessSigner(ground)
  if (signer === undefined) return noCommandLine(id, ground)
  if (wish === undefined) {
    return {
      id,
      impossible: 'Which certificate is regenerated was not said.',
      instead:
        'Say --certificate CallManager or ITLRecovery, and --node NAME. TVS alone changes nothing in a CTL: regenerate it when every phone is confirmed, never together with one of these.',
    }
  }
  const refused = whyNot(ground, wish, signer)
  if (refused !== undefined) return { id, ...refused }
  const { what, isDone = false, through } = wish
  const undo = isDone
    ? keyGone
    : { by: 'impossible' as const, why: 'The file before names a key that is gone.' }
  const isSignerChanged = changesSigner(wish, signer, ground)
  const asksTvs = isSignerChanged && through === undefined
  const steps = numbered([
    keepFiles(ground),
    hardStop(),
    ...(isDone ? [] : [regenerated(wish, ground)]),
    ...(through === 'local-key' ? [...resetLocalKey(ground, undo), ...phonesTake('bridge')] : []),
    ...updateCtlFile(ground, signer, undo),
    ...(asksTvs && ground.tvs.length > 0 ? [tvsKnowsSigner(ground, 'new')] : []),
    ...phonesTake('new', restartServices(ground)),
  ])
  const title = isDone
    ? `After a regeneration of ${what} under tokenless`
    : `Regeneration of ${what} under tokenless`
  return usual(ground, id, title, steps, frameOf(wish, isSignerChanged, ground))
}

const keyGone: Undo = {
  by: 'impossible',
  why: 'The key that signed what phones hold was gone before this plan began.',
}

/** Whether phones must trust a signer that their file does not name. */
export const changesSigner = (
  { what, node }: RegenerateWish,
  signer: ServerSigner,
  { publisher }: PlanGround,
): boolean =>
  what === 'ITLRecovery' ? signer === 'itl-recovery' : signer === 'call-manager' && node === publisher

function whyNot(
  ground: PlanGround,
  { what, node, through, isDone = false }: RegenerateWish,
  signer: ServerSigner,
): Pick<NoPlan, 'impossible' | 'instead'> | undefined {
  const place = ground.situation.nodes.find(({ name }) => name === node)
  if (place === undefined) {
    return {
      impossible: `The settings of the cluster know no node ${node}.`,
      instead: `Name one of ${ground.situation.nodes.map(({ name }) => name).join(', ')}.`,
    }
  }
  if (what === 'ITLRecovery' && node !== ground.publisher) {
    return {
      impossible: 'A cluster has one ITLRecovery certificate, and it is regenerated on the publisher.',
      instead: `Say --node ${ground.publisher ?? 'with the name of the publisher'}.`,
    }
  }
  if (what === 'CallManager' && !place.runs.includes('callmanager') && !place.runs.includes('tftp')) {
    return {
      impossible: `${node} runs neither CallManager nor TFTP.`,
      instead: 'Name a node that does.',
    }
  }
  if (what === 'CallManager' && !isDone && !place.runs.includes('tftp')) {
    return {
      impossible: `${node} runs no TFTP, so it serves no ITL that would show its new CallManager certificate.`,
      instead: `Regenerate it there (OS Administration → Security → Certificate Management), then plan again with --regenerated: the file is updated with what the cluster has by then.`,
    }
  }
  if (through === undefined || (what === 'ITLRecovery' && signer === 'itl-recovery')) return undefined
  return {
    impossible:
      'utils ctl reset localkey lets CallManager sign in place of a changed ITLRecovery. What it does before 12.0, or for another certificate, is not known.',
    instead: 'Plan without --through local-key.',
  }
}

/** The node whose ITL shows it. There is one ITLRecovery, and every ITL lists it. */
const shownBy = ({ node }: RegenerateWish, { tftp }: PlanGround): string =>
  tftp.includes(node) ? node : (tftp[0] ?? node)

const regenerated = (wish: RegenerateWish, ground: PlanGround): Draft => {
  const { what, node } = wish
  const shown = shownBy(wish, ground)
  return {
    id: `regenerate-${what.toLowerCase()}-${node}`,
    actor: 'person',
    title: `Regenerate the ${what} certificate on ${node}, then restart Cisco Tftp ${shown === node ? 'there' : `on ${shown}`}`,
    instructions: [
      `On ${node}: OS Administration → Security → Certificate Management → ${what} → Regenerate.`,
      'Never together with TVS: phones check the one by the other. TVS comes when every phone is confirmed.',
      `Then restart Cisco Tftp on ${shown}: it serves the ITL that names the new certificate only afterwards. Restart nothing else.`,
    ],
    does: { do: 'regenerate', what, node },
    until: [{ is: 'regenerated', what, node }],
    undo: {
      by: 'impossible',
      why: 'A new key is in place of the old one. The way back is a restore from the DRS backup.',
    },
    phones: 'until the file is updated it names the old certificate',
  }
}

function frameOf(
  { what, node, through, isDone = false }: RegenerateWish,
  isSignerChanged: boolean,
  { tvs }: PlanGround,
): { readonly assumptions: readonly string[]; readonly interruptions: readonly string[] } {
  const assumption = !isSignerChanged
    ? 'The signer stays: phones take the new file by the one they hold.'
    : through === 'local-key'
      ? 'CallManager signs a file in between, which phones take by the one they hold; that names the new ITLRecovery, which signs the next. TVS is not needed, and no device is stranded; that utils ctl reset localkey does so before phones are locked out is inferred.'
      : `The signer changes: phones take the new file through TVS (${tvs.join(', ') || 'which no node runs'}), and devices without Security By Default are stranded.`
  return {
    assumptions: [
      assumption,
      ...(isSignerChanged && through === undefined
        ? [
            'The plan waits until every TVS vouches for the new signer. That is necessary and no proof: the pilots are.',
          ]
        : []),
    ],
    interruptions: [
      ...(isDone
        ? []
        : [
            'Between the regeneration and the next restart of Cisco Tftp the file that is served names the old certificate.',
          ]),
      ...(what === 'CallManager'
        ? [
            `Once CallManager on ${node} runs with the new certificate, a phone that has not taken the new file refuses TLS to it: it is locked out there.`,
          ]
        : []),
      ...(isSignerChanged && what === 'ITLRecovery' && through === undefined
        ? [
            'If phones are locked out: plan again with --through local-key and --regenerated. utils ctl reset localkey signs with CallManager, which phones trust; afterwards utils ctl update CTLFile once more.',
          ]
        : []),
    ],
  }
}
