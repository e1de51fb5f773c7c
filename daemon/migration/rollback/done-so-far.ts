/** What of a migration there is to take back: pure, of its record and what phones may hold by now. */

import { begunSteps, isDone, type MigrationRecord, startFile, tftpNodes } from '../migration-record.js'
import { seen } from '../plan/ground.js'
import type { Situation } from '../situation/situation.js'
import type { DoneSoFar } from './way-back.js'

export function doneSoFar(record: MigrationRecord, uploadsNeeded: DoneSoFar['uploadsNeeded']): DoneSoFar {
  const begun = begunSteps(record)
  const files = tftpNodes(record.situation).flatMap((node): [string, Uint8Array | undefined][] => {
    const bytes = startFile(record, node)
    return bytes === undefined ? [] : [[node, bytes === 'none' ? undefined : bytes]]
  })
  const uploaded = begun.flatMap(({ does }) => (does.do === 'upload-certificates' ? does.sha256 : []))
  return {
    plan: record.plan,
    begun,
    done: new Set(begun.filter((step) => isDone(record, step)).map(({ id }) => id)),
    modeBefore: seen(record.situation.mode),
    filesBefore: new Map(files),
    uploadedAnew: uploaded.filter((sha256) => !mayHaveBeenThere(record.situation, sha256)),
    uploadsNeeded,
  }
}

/** A node that did not answer may have known it: what was there before is not deleted on a guess. */
const mayHaveBeenThere = ({ nodes }: Situation, sha256: string): boolean =>
  nodes.filter(({ runs }) => runs.includes('tvs')).some(({ tvs }) => seen(tvs?.[sha256])?.isTrusted !== false)
