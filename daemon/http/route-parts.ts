import type { UsbStatus } from '../../drivers/usb/usb-hints.js'
import type { ClusterDesk } from '../cluster/cluster-desk.js'
import type { OnUnexpected } from '../cluster/observe/ask.js'
import type { OpenedCluster } from '../cluster/opened-cluster.js'
import type { ProbeParts } from '../cluster/publishing/probe.js'
import type { Migrations } from '../migration/desk/migrations.js'
import type { AuditHistory, AuditLog } from '../store/audit-log.js'
import type { PublishedFiles } from '../store/published-files.js'
import type { PublishingProbes } from '../store/publishing-probes.js'
import type { SigningRequests } from '../store/signing-requests.js'
import type { TokenProvisioning } from '../tokens/token-provisioning.js'
import type { Tokens } from '../tokens/tokens.js'
import type { EventLog } from './event-log.js'
import type { FailureLimit } from './failure-limit.js'
import type { Idempotency } from './idempotency.js'

/** What the handlers of the routes use. */
export interface RouteParts {
  readonly tokens: Tokens
  readonly usb: () => UsbStatus
  readonly provisioning: TokenProvisioning
  readonly audit: AuditLog
  readonly history: AuditHistory
  readonly requests: SigningRequests
  readonly clusters: ClusterDesk
  readonly publishing: (opened: OpenedCluster) => ProbeParts
  readonly published: PublishedFiles
  readonly probes: PublishingProbes
  readonly migrations: Migrations
  readonly events: EventLog
  readonly unlockLimit: FailureLimit
  readonly idempotency: Idempotency
  readonly boot: string
  readonly startedAt: Date
  readonly version: string
  readonly now: () => Date
  readonly onUnexpected: OnUnexpected
}
