/**
 * What the daemon and the command refuse by themselves, beside the codes of the file format
 * (`ctl/ctl-error.ts`) and of tokens (`drivers/token.ts`, `tokens/lease-error.ts`).
 * Texts, statuses and remedies: `problems.ts`.
 */
export type BridgeErrorCode =
  | 'ANSWER_FOR_OTHER_REQUEST'
  | 'ANSWER_FOR_OTHER_SIGNER'
  | 'ANSWER_MALFORMED'
  | 'AUDIT_NOT_WRITABLE'
  | 'BODY_INVALID'
  | 'BODY_TOO_LARGE'
  | 'CERTIFICATE_EXISTS'
  | 'CERTIFICATE_FILE_UNCLEAR'
  | 'CERTIFICATE_UNKNOWN'
  | 'CLIENT_LEFT'
  | 'CLUSTER_BUSY'
  | 'CLUSTER_NOT_CONFIGURED'
  | 'CLUSTER_UNKNOWN'
  | 'CONFIG_INVALID'
  | 'CONFIG_UNTRUSTED'
  | 'DAEMON_SILENT'
  | 'DAEMON_UNREACHABLE'
  | 'FILE_NOT_WRITTEN'
  | 'FILE_UNREADABLE'
  | 'HOST_REFUSED'
  | 'IDEMPOTENCY_KEY_REUSED'
  | 'INTERNAL'
  | 'KEY_MISSING'
  | 'KEY_REJECTED'
  | 'LIST_INVALID'
  | 'MEDIA_TYPE_UNSUPPORTED'
  | 'METHOD_NOT_ALLOWED'
  | 'MIGRATION_CLOCK_JUMPED'
  | 'MIGRATION_CLUSTER_CHANGED'
  | 'MIGRATION_EFFECT_REFUSED'
  | 'MIGRATION_ENDED'
  | 'MIGRATION_FILE_UNKNOWN'
  | 'MIGRATION_IMPOSSIBLE'
  | 'MIGRATION_JOURNAL_WRONG'
  | 'MIGRATION_NEEDS_UNMET'
  | 'MIGRATION_NOTHING_TO_ANSWER'
  | 'MIGRATION_NO_COPY'
  | 'MIGRATION_OPEN'
  | 'MIGRATION_PLAN_UNSAFE'
  | 'MIGRATION_RUNS'
  | 'MIGRATION_STEP_NOT_CURRENT'
  | 'MIGRATION_STOPPED'
  | 'MIGRATION_TOKEN_NOT_PLANNED'
  | 'MIGRATION_UNKNOWN'
  | 'NODE_ANSWER_WRONG'
  | 'NODE_CERTIFICATE_UNKNOWN'
  | 'NODE_COMMAND_REFUSED'
  | 'NODE_HAS_NO_FILE'
  | 'NODE_HOST_KEY_UNKNOWN'
  | 'NODE_LOGIN_REFUSED'
  | 'NODE_OUTCOME_UNKNOWN'
  | 'NODE_REFUSES'
  | 'NODE_TIMEOUT'
  | 'NODE_UNREACHABLE'
  | 'NOT_ACCEPTABLE'
  | 'NOT_FOUND'
  | 'ORIGIN_REFUSED'
  | 'PIN_KNOWN_WRONG'
  | 'PIN_UNAVAILABLE'
  | 'PIN_UNKNOWN_OUTCOME'
  | 'PORT_IN_USE'
  | 'PUBLISH_ENTRY_UNKNOWN'
  | 'PUBLISH_FAILED'
  | 'PUBLISH_FILE_REFUSED'
  | 'PUBLISH_NOT_SERVED'
  | 'PUBLISH_OVERTAKEN'
  | 'PUBLISH_PROBE_OVER'
  | 'PUBLISH_WRONG_FILE'
  | 'RATE_LIMITED'
  | 'REQUEST_ANSWERED'
  | 'REQUEST_FOR_OTHER_SIGNER'
  | 'REQUEST_MALFORMED'
  | 'REQUEST_TAMPERED'
  | 'REQUEST_UNKNOWN'
  | 'SCOPE_MISSING'
  | 'SECRET_UNREADABLE'
  | 'SIGNER_NOT_ON_TOKEN'
  | 'SOCKET_IN_USE'
  | 'SOCKET_PATH_TOO_LONG'
  | 'STATE_UNUSABLE'
  | 'STOPPING'
  | 'STORE_TOO_NEW'
  | 'STORE_UNUSABLE'
  | 'TOKEN_PRESENT'
  | 'USAGE'

/** Where: a JSON pointer into the body, a file, a setting, a header, a node of the cluster. */
export interface BridgeErrorPlace {
  readonly pointer?: string
  readonly file?: string
  /** Of a text: a list, a signing request, an answer. From 1. */
  readonly line?: number
  readonly setting?: string
  readonly header?: string
  /** `tftp://10.48.47.153:69`, or a node's name in the settings. */
  readonly node?: string
  /** Name in the settings. */
  readonly cluster?: string
  readonly token?: string
  readonly certificate?: string
  readonly scope?: string
  readonly retryAfter?: number
  /** User id. */
  readonly owner?: number
  /** Octal. */
  readonly mode?: string
  /** As in `TokenErrorPlace`. */
  readonly reached?: 'maybe'
  /** Id of a signing request. */
  readonly request?: string
  /** Id. */
  readonly migration?: string
  /** Id of a step of a migration's plan. */
  readonly step?: string
}

export class BridgeError extends Error {
  override readonly name = 'BridgeError'
  readonly code: BridgeErrorCode
  readonly place: BridgeErrorPlace

  /** `detail` is one sentence about this occurrence. It never holds a PIN or a key. */
  constructor(code: BridgeErrorCode, detail: string, place: BridgeErrorPlace = {}) {
    super(detail)
    this.code = code
    this.place = place
  }
}
