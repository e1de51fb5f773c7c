/**
 * The way back as a plan of its own: files, mode and uploads as they stood before. It is itself a change of signer, so
 * it has a prediction of its own (`predict.ts`). Pure.
 */
import type { SecurityMode } from '../../cluster/ports.js'
import { setModeBeforeFile } from '../plan/command-steps.js'
import { groundOf, type PlanGround } from '../plan/ground.js'
import { andList } from '../plan/list.js'
import type { NoPlan, Plan, Step } from '../plan/plan.js'
import { restartServices, restartTvs } from '../plan/restarts.js'
import { type Draft, hardStop, keepFiles, numbered, phonesTake } from '../plan/steps.js'
import { usual } from '../plan/usual.js'
import type { Situation } from '../situation/situation.js'
import { restoreFiles } from './restore-files.js'
import { type NeededUpload, removeUploads, uploadSigners } from './way-back-uploads.js'

export interface DoneSoFar {
  readonly plan: Plan
  /** Steps whose action was begun; that they ended is not needed. */
  readonly begun: readonly Step[]
  /** Of those, ids of the steps whose effect was seen. */
  readonly done: ReadonlySet<string>
  readonly modeBefore: SecurityMode | undefined
  /** What each TFTP node served before; undefined: no file. A node that is not in it was not seen. */
  readonly filesBefore: ReadonlyMap<string, Uint8Array | undefined>
  /** Of the certificates that the plan uploaded, those that no TVS knew before. */
  readonly uploadedAnew: readonly string[]
  /** Signers of the files from before that some phones can trust through TVS only, which does not vouch for them. */
  readonly uploadsNeeded: readonly NeededUpload[]
}

export function wayBack(done: DoneSoFar, now: Situation): Plan | NoPlan {
  const ground = groundOf(now)
  const barred = whyNot(done, ground)
  if (barred !== undefined) return { id: 'rollback', ...barred }
  const drafts = draftsOf(done, ground)
  const interruptions = drafts.some(({ does }) => does.do === 'reset-phones')
    ? ['Each phone restarts once more.']
    : drafts.some(({ does }) => does.do === 'restart' && does.service === 'Cisco CallManager')
      ? ['Each CallManager restarts once more, and its phones register again.']
      : []
  const title = `Back from: ${done.plan.title}`
  return {
    ...usual(ground, 'rollback', title, numbered(drafts)),
    assumptions: assumptionsOf(done, ground, drafts),
    interruptions,
  }
}

type WhyNot = Pick<NoPlan, 'impossible' | 'instead'>

function whyNot(done: DoneSoFar, ground: PlanGround): WhyNot | undefined {
  return (
    barredStep(done) ?? (changesFiles(done) ? (modeNotKnown(done) ?? filesNotKept(done, ground)) : undefined)
  )
}

function barredStep({ begun, done }: DoneSoFar): WhyNot | undefined {
  for (const { id, title, undo } of begun) {
    if (undo.by !== 'impossible') continue
    const what = done.has(id) ? 'was done' : 'was begun, and may have been done'
    return {
      impossible: `Step ${id} (${title}) ${what}, and cannot be undone: ${undo.why}`,
      instead:
        'Go on with the migration: it can still be finished. If phones are locked out, utils ctl reset localkey is the way out (from 12.0).',
    }
  }
  return undefined
}

function modeNotKnown({ begun, modeBefore }: DoneSoFar): WhyNot | undefined {
  if (modeBefore !== undefined || !begun.some(({ undo }) => undo.by === 'mode')) return undefined
  return {
    impossible: 'The mode of the cluster was not seen before it was changed, so none can be set back.',
    instead:
      'Go on with the migration, or plan another one from where the cluster stands: ctl-bridge migrate plan.',
  }
}

function filesNotKept({ filesBefore }: DoneSoFar, { tftp }: PlanGround): WhyNot | undefined {
  const missing = tftp.filter((node) => !filesBefore.has(node))
  if (missing.length === 0) return undefined
  return {
    impossible: `What ${andList(missing)} served before was not kept.`,
    instead:
      'Go on with the migration; or take the node out of the settings of the cluster and put its file back by hand.',
  }
}

const undone = ({ begun }: DoneSoFar, by: Step['undo']['by']): boolean =>
  begun.some(({ undo }) => undo.by === by)

/** `utils ctl set-cluster` builds a file of its own: the bytes go back after it. */
const changesFiles = (done: DoneSoFar): boolean => undone(done, 'restoring-files') || undone(done, 'mode')

function draftsOf(done: DoneSoFar, ground: PlanGround): Draft[] {
  const { modeBefore, filesBefore, uploadedAnew, uploadsNeeded } = done
  const needed = new Set(uploadsNeeded.map(({ sha256 }) => sha256))
  const removed = undone(done, 'removing-uploads') ? uploadedAnew.filter((sha256) => !needed.has(sha256)) : []
  const uploads = removed.length === 0 ? [] : [removeUploads(ground, removed)]
  if (!changesFiles(done)) return uploads.length === 0 ? [nothingToDo()] : uploads
  const isCucm = ground.situation.kind === 'cucm'
  return [
    keepFiles(ground),
    ...(uploadsNeeded.length === 0 ? [] : [uploadSigners(ground, uploadsNeeded)]),
    hardStop(),
    ...(undone(done, 'mode') && modeBefore !== undefined ? [setModeBeforeFile(ground, modeBefore)] : []),
    ...restoreFiles(ground, filesBefore),
    // Without a file from before phones have nothing to take.
    ...(hadFiles(done) ? takenAgain(ground) : isCucm ? restartServices(ground) : []),
    ...uploads,
  ]
}

/** Who signed the file from before may be known to TVS by that file alone, as on the way there. */
const takenAgain = (ground: PlanGround): Draft[] =>
  ground.situation.kind === 'cucm'
    ? [...restartTvs(ground), ...phonesTake('before', restartServices(ground, { isTvsRestarted: true }))]
    : phonesTake('before', [], 'asterisk')

const hadFiles = ({ filesBefore }: DoneSoFar): boolean =>
  [...filesBefore.values()].some((bytes) => bytes !== undefined)

const nothingToDo = (): Draft => ({
  id: 'nothing-changed',
  actor: 'daemon',
  title: 'Nothing was changed, so there is nothing to take back',
  does: { do: 'wait' },
  until: [],
  undo: { by: 'nothing' },
})

function assumptionsOf(done: DoneSoFar, { tftp, situation }: PlanGround, drafts: readonly Draft[]): string[] {
  if (!changesFiles(done)) return []
  const gone = [...done.filesBefore.keys()].filter((node) => !tftp.includes(node))
  return [
    ...(hadFiles(done)
      ? [
          'The files go back byte for byte, with the TIMESTAMP of their day. Whether a phone takes a file that is older than its own is not known: the pilots tell.',
        ]
      : [
          'There was no CTL before. The way back takes it from the nodes; phones that took one keep it until somebody deletes it on the phone.',
        ]),
    'Foretold is what phones do that hold a file which the nodes are known to have served. A phone that was left behind by an earlier change may do otherwise.',
    ...(gone.length === 0
      ? []
      : [`${andList(gone)} is no TFTP node in the settings any more, so its file is not put back.`]),
    ...(drafts.some(({ does }) => does.do === 'set-mode') && situation.kind === 'cucm'
      ? [
          'The command line builds a file of its own as it changes the mode. The file from before goes over it before anything is restarted; do not restart Cisco Tftp in between.',
        ]
      : []),
  ]
}
