/** What the way back does about Phone-SAST-trust: who signed the files from before goes in first, what came in goes last. */
import type { PlanGround } from '../plan/ground.js'
import { type Draft, exportCommand } from '../plan/steps.js'

export interface NeededUpload {
  readonly sha256: string
  /** Subject, as the file has it. */
  readonly subject: string
  /** Serial of a token that is known here and holds it. */
  readonly token?: string
}

const SAST_ROLE = 0
const page = 'OS Administration → Security → Certificate Management'

/** TAC 118893: before the file, as on the way there. */
export function uploadSigners(ground: PlanGround, uploads: readonly NeededUpload[]): Draft {
  const sha256 = uploads.map((upload) => upload.sha256)
  return {
    id: 'upload-signers',
    actor: 'person',
    title: 'Upload who signed the file from before as Phone-SAST-trust',
    instructions: [
      ...uploads.map(({ subject, token, sha256: sum }) =>
        token === undefined
          ? `The certificate of “${subject}”: on the publisher, ${page}, find it among CallManager or ITLRecovery and download it as PEM.`
          : `${exportCommand({ serial: token, sha256: sum })} writes a certificate to upload.`,
      ),
      `On ${ground.publisher ?? 'the publisher'}: ${page} → Upload Certificate/Certificate Chain.`,
      'Certificate Purpose: Phone-SAST-trust. Choose the file, then Upload. Once for each certificate.',
      'The other nodes take it by replication, which may need 30 minutes; restarting Cisco Trust Verification Service there makes it sooner.',
    ],
    does: { do: 'upload-certificates', store: 'Phone-SAST-trust', sha256, nodes: ground.tvs },
    until: [{ is: 'tvs-trusts', sha256, role: SAST_ROLE, nodes: ground.tvs }],
    undo: { by: 'removing-uploads' },
  }
}

/**
 * Last, when the phones are back: until then TVS must still vouch for who signed what they hold. Whether they go is for
 * the operator to choose, so it is asked for, and recorded as said.
 */
export const removeUploads = (ground: PlanGround, sha256: readonly string[]): Draft => ({
  id: 'remove-uploads',
  actor: 'person',
  title: 'Delete the uploaded certificates, or decide that they stay',
  instructions: [
    `On ${ground.publisher ?? 'the publisher'}: ${page} → Phone-SAST-trust → the certificate → Delete. SHA-256: ${sha256.join(', ')}.`,
    'They may stay: then a later migration needs no upload, and whoever holds the tokens can sign for these phones.',
    'ctl-bridge migrate say UPLOADS_SETTLED goes on, whichever you chose; say which in its note.',
  ],
  does: { do: 'remove-certificates', store: 'Phone-SAST-trust', sha256, nodes: ground.tvs },
  until: [{ is: 'said', statement: 'UPLOADS_SETTLED' }],
  undo: { by: 'nothing' },
})
