/**
 * A plan is data: steps with who acts, what must hold before, what is done, how its effect is seen, and how it is
 * undone. Nothing here asks or changes anything; `runner/` carries a plan out, and `preflight/` judges it.
 */
import type { CucmService, SecurityMode } from '../../cluster/ports.js'

export const planIds = [
  'mixed-mode-tokenless',
  'tokens-to-tokenless',
  'tokenless-to-tokens',
  'first-token-ctl',
  'update-token-ctl',
  'regenerate-tokenless',
  'before-downgrade',
  'non-secure',
  'stale-file',
  'asterisk-first',
  'asterisk-update',
  'asterisk-signer',
] as const
/** `rollback` is made from the journal of another migration, never asked for by name. */
export type PlanId = (typeof planIds)[number] | 'rollback'

/** `daemon` acts by itself, `token` signs once its custodian has unlocked it, `person` is told what to do. */
export type Actor = 'daemon' | 'token' | 'person'

/** Bytes that a migration knows by name: kept in the journal, so that a step that is repeated writes the same. */
export type ArtifactName = 'before' | 'draft' | 'new' | 'bridge-draft' | 'bridge'

export type Action =
  /** Reads CTL and ITL of every node, and what lies where it will write, into the store. `no file` is kept, too. */
  | { readonly do: 'keep-files' }
  | { readonly do: 'compose'; readonly artifact: ArtifactName; readonly recipe: CtlRecipe }
  | {
      readonly do: 'sign'
      readonly artifact: ArtifactName
      readonly from: ArtifactName
      readonly token: string
    }
  /** `before`: to each node what it had before; a way back does so. */
  | { readonly do: 'publish'; readonly artifact: ArtifactName | 'before'; readonly nodes: readonly string[] }
  | { readonly do: 'restart'; readonly service: CucmService; readonly node: string }
  | { readonly do: 'set-mode'; readonly mode: SecurityMode }
  | { readonly do: 'update-ctl-file' }
  | { readonly do: 'reset-local-key' }
  /** `file delete activelog cm/tftpdata/CTLFile.tlv` on each of these: the command works on its own node. */
  | { readonly do: 'delete-stale-ctl'; readonly nodes: readonly string[] }
  /** What lay on each node before: the bytes of its own, or no file. */
  | { readonly do: 'restore-files'; readonly nodes: readonly string[] }
  | {
      readonly do: 'remove-certificates'
      readonly store: 'Phone-SAST-trust'
      readonly sha256: readonly string[]
      readonly nodes: readonly string[]
    }
  /** OS Administration → Security → Certificate Management → Upload Certificate, on each node. */
  | {
      readonly do: 'upload-certificates'
      readonly store: 'Phone-SAST-trust'
      readonly sha256: readonly string[]
      readonly nodes: readonly string[]
    }
  | { readonly do: 'regenerate'; readonly what: 'CallManager' | 'ITLRecovery'; readonly node: string }
  | { readonly do: 'reset-phones'; readonly which: 'pilots' | 'all' }
  /** Nothing before this changes what phones hold; nothing after it is begun with an open finding. */
  | { readonly do: 'hard-stop' }
  | { readonly do: 'confirm'; readonly statement: StatementCode }
  /** Keeps the file that every node serves now, which the cluster built itself, under this name. */
  | { readonly do: 'keep-served'; readonly artifact: ArtifactName; readonly nodes: readonly string[] }
  /** Only waits until its effect is seen. */
  | { readonly do: 'wait' }

/** What a CTL is composed from; the runner turns it into a request of `trust/compose`. */
export interface CtlRecipe {
  /** The file that stood before, or nothing. */
  readonly base: 'before' | 'none'
  readonly mode: 'token' | 'tokenless' | 'non-secure' | 'keep'
  /** SHA-256 of the signer's certificate. */
  readonly signer: string
  /** SHA-256 of SAST certificates to be in the file, the signer among them, in order. Empty: as the base has them. */
  readonly sast: readonly string[]
  readonly edits: readonly CtlEdit[]
}

/**
 * Certificates are named by SHA-256. `der`: the bytes of the one that comes in, where neither a token here nor a file
 * of the cluster holds it; of a server added or regenerated only the administrator has them.
 */
export type CtlEdit =
  | {
      readonly edit: 'add'
      readonly function: number
      readonly certificate: string
      readonly der?: Uint8Array
      readonly address?: string
      readonly dnsName?: string
    }
  /** Every record that holds this certificate. */
  | { readonly edit: 'remove'; readonly certificate: string }
  | {
      readonly edit: 'replace'
      readonly certificate: string
      readonly by: string
      readonly der?: Uint8Array
    }
  | {
      readonly edit: 'address'
      readonly certificate: string
      readonly address: string
      readonly dnsName?: string
    }

/** What is observed, before a step or after it. */
export type Condition =
  | { readonly is: 'serves'; readonly what: ArtifactName; readonly nodes: readonly string[] }
  /** Every node serves one and the same file, another one than it had before, signed by a certificate of this kind. */
  | {
      readonly is: 'signed-by'
      readonly holder: 'call-manager' | 'itl-recovery' | 'token'
      readonly nodes: readonly string[]
    }
  /**
   * `show ctl` on the publisher shows a file that verifies and is another one than before (mark: its checksum). It lies
   * there and is not served yet: that needs a restart of Cisco Tftp.
   */
  | { readonly is: 'built' }
  /** Each node serves what it served before, or no file. */
  | { readonly is: 'serves-kept'; readonly nodes: readonly string[] }
  | { readonly is: 'serves-no-ctl'; readonly nodes: readonly string[] }
  | { readonly is: 'mode'; readonly mode: SecurityMode }
  | {
      readonly is: 'tvs-trusts'
      readonly sha256: readonly string[]
      readonly role: number
      readonly nodes: readonly string[]
    }
  /** TVS of each node vouches for the one who signed this file as SAST; of a certificate that exists only since a step of the plan. */
  | { readonly is: 'tvs-trusts-signer'; readonly of: ArtifactName; readonly nodes: readonly string[] }
  | { readonly is: 'service-started'; readonly service: CucmService; readonly node: string }
  /** The ITL of the node names another certificate for this than before. */
  | { readonly is: 'regenerated'; readonly what: 'CallManager' | 'ITLRecovery'; readonly node: string }
  | { readonly is: 'token-unlocked'; readonly token: string }
  | { readonly is: 'probed'; readonly nodes: readonly string[] }
  | { readonly is: 'findings-answered' }
  /** Each pilot took the file: seen, or entered by a person. */
  | { readonly is: 'pilots-accepted'; readonly what: ArtifactName }
  | { readonly is: 'fleet-answered'; readonly what: ArtifactName }
  | { readonly is: 'said'; readonly statement: StatementCode }

/** What cannot be observed and is asked of the operator; recorded as said, not seen. */
export type StatementCode =
  | 'BACKUP_TAKEN'
  | 'ROLLBACK_PARAMETER_OFF'
  | 'NOT_FIPS'
  | 'REPLICATION_HEALTHY'
  | 'LICENCE_PRESENT'
  | 'SIGNATURE_ALGORITHM_USUAL'
  | 'CONSUMERS_INFORMED'
  | 'SWITCH_BACK_FILE_CHECKED'
  | 'SERVICES_RESTARTED'
  | 'TVS_RESTARTED'
  | 'RESTARTS_MAY_BEGIN'
  /** At the end of a way back: what was uploaded has been deleted again, or is to stay. */
  | 'UPLOADS_SETTLED'
  /** The times of earlier entries of the journal are wrong, and the clock is not. */
  | 'CLOCK_IS_RIGHT'
  | 'GO'

/** How the way back is gone past this step. */
export type Undo =
  | { readonly by: 'nothing' }
  | { readonly by: 'restoring-files' }
  | { readonly by: 'mode'; readonly mode: SecurityMode | 'before' }
  | { readonly by: 'removing-uploads' }
  | { readonly by: 'impossible'; readonly why: string }

export interface Step {
  /** Unique in the plan, in order: `03-publish`. */
  readonly id: string
  readonly actor: Actor
  /** One line in the imperative: `Restart Cisco Tftp on lab-pub`. */
  readonly title: string
  /** For a person: what exactly to click or type, a line each. */
  readonly instructions: readonly string[]
  readonly does: Action
  readonly needs: readonly Condition[]
  readonly until: readonly Condition[]
  readonly undo: Undo
  /** What phones notice: `without calls for about a minute`. */
  readonly phones?: string
}

export interface Plan {
  readonly id: PlanId
  readonly cluster: string
  readonly title: string
  /** Release that the plan was made for. */
  readonly release: string | undefined
  readonly steps: readonly Step[]
  /** Tokens by serial, in the order in which they are needed. */
  readonly tokens: readonly string[]
  /** What the plan relies on and nobody has proved. */
  readonly assumptions: readonly string[]
  /** How long phones are without calls, or without a file that is right. */
  readonly interruptions: readonly string[]
}

/** Why a cluster cannot have this plan. */
export interface NoPlan {
  readonly id: PlanId
  /** Where the release is the reason. */
  readonly code?: 'RELEASE_TOO_OLD' | 'RELEASE_TOO_NEW'
  readonly impossible: string
  readonly instead: string
}
