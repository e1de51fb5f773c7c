/**
 * The way back as a plan of its own: files, mode and uploads as they stood before. It is itself a change of signer, so
 * it has a prediction of its own (`predict-way-back.ts`). Pure.
 */
import type { SecurityMode } from '../../cluster/ports.js'
import { groundOf, type PlanGround } from '../plan/ground.js'
import type { NoPlan, Plan, Step } from '../plan/plan.js'
import { andList } from '../plan/list.js'
import { restartServices, restartTftp } from '../plan/restarts.js'
import { type Draft, hardStop, numbered, phonesTake, setMode } from '../plan/steps.js'
import { usual } from '../plan/usual.js'
import type { Situation } from '../situation/situation.js'

export interface DoneSoFar {
  readonly plan: Plan
  /** Steps whose action was begun; that they ended is not needed. */
  readonly begun: readonly Step[]
  readonly modeBefore: SecurityMode | undefined
  /** What each TFTP node served before; undefined: no file. */
  readonly filesBefore: ReadonlyMap<string, Uint8Array | undefined>
  /** Of the certificates that the plan uploaded, those that no TVS knew before. */
  readonly uploadedAnew: readonly string[]
}

export function wayBack(done: DoneSoFar, now: Situation): Plan | NoPlan {
  const barred = done.begun.find(({ undo }) => undo.by === 'impossible')
  if (barred !== undefined && barred.undo.by === 'impossible') {
    return {
      id: 'rollback',
      impossible: `Step ${barred.id} cannot be undone: ${barred.undo.why}`,
      instead:
        'Go on with the migration: it can still be finished. If phones are locked out, utils ctl reset localkey is the way out (from 12.0).',
    }
  }
  const ground = groundOf(now)
  const drafts = draftsOf(done, ground)
  return {
    ...usual(ground, 'rollback', `Back from: ${done.plan.title}`, numbered(drafts)),
    assumptions: drafts.some(({ does }) => does.do === 'restore-files')
      ? [
          'The files go back byte for byte, with the TIMESTAMP of their day. Whether a phone takes a file that is older than its own is not known.',
        ]
      : [],
    interruptions: ['Each phone that took the new file restarts once more.'],
  }
}

function draftsOf({ begun, modeBefore, filesBefore, uploadedAnew }: DoneSoFar, ground: PlanGround): Draft[] {
  const undone = (by: 'restoring-files' | 'mode' | 'removing-uploads') =>
    begun.some(({ undo }) => undo.by === by)
  // `utils ctl set-cluster` builds a file of its own: the bytes go back after it.
  const hasFiles = undone('restoring-files') || undone('mode')
  const nodes = [...filesBefore.keys()]
  return [
    hardStop(),
    ...(undone('mode') && modeBefore !== undefined ? [setMode(ground, modeBefore)] : []),
    ...(hasFiles
      ? [...restoreFiles(ground, nodes), ...phonesTake('before', restartServices(ground))]
      : []),
    ...(undone('removing-uploads') && uploadedAnew.length > 0 ? [removeUploads(ground, uploadedAnew)] : []),
  ]
}

function restoreFiles(ground: PlanGround, nodes: readonly string[]): Draft[] {
  const automatic = nodes.filter((node) => ground.automatic.includes(node))
  const guided = nodes.filter((node) => !automatic.includes(node))
  const written: Draft[] =
    automatic.length === 0
      ? []
      : [
          {
            id: 'restore-files',
            actor: 'daemon',
            title: `Write the files of before onto ${andList(automatic)}`,
            does: { do: 'restore-files', nodes: automatic },
            until: ground.situation.kind === 'cucm' ? [] : [{ is: 'serves-kept', nodes: automatic }],
            undo: { by: 'nothing' },
          },
          ...(ground.situation.kind === 'cucm'
            ? restartTftp(ground, automatic, (node) => [{ is: 'serves-kept', nodes: [node] }])
            : []),
        ]
  const byHand = guided.map(
    (node): Draft => ({
      id: `restore-${node}`,
      actor: 'person',
      title: `Put the file of before onto ${node} and restart Cisco Tftp there`,
      instructions: [
        `ctl-bridge migrate file --before --node ${node} --out CTLFile.tlv writes it. If there was none: file delete tftp CTLFile.tlv on that node instead.`,
        `On ${node}: OS Administration → Software Upgrades → TFTP File Management → Upload File, Directory empty.`,
        `Then restart Cisco Tftp on ${node}: utils service restart Cisco Tftp.`,
      ],
      does: { do: 'restore-files', nodes: [node] },
      until: [{ is: 'serves-kept', nodes: [node] }],
      undo: { by: 'nothing' },
    }),
  )
  return [...written, ...byHand]
}

/** Last, when the phones are back: until then TVS must still vouch for who signed what they hold. */
const removeUploads = (ground: PlanGround, sha256: readonly string[]): Draft => ({
  id: 'remove-uploads',
  actor: 'person',
  title: 'Delete the uploaded certificates, if they are not to stay',
  instructions: [
    `On ${ground.publisher ?? 'the publisher'}: OS Administration → Security → Certificate Management → Phone-SAST-trust → the certificate → Delete.`,
    'They may stay: then a later migration needs no upload.',
  ],
  does: { do: 'remove-certificates', store: 'Phone-SAST-trust', sha256, nodes: ground.tvs },
  until: [{ is: 'said', statement: 'GO' }],
  undo: { by: 'nothing' },
})
