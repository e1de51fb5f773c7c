/** The answers of the API, as the schemas of `http/schemas/` describe them. Types only. */
import type { z } from 'zod'
import type { clusterListSchema, clusterViewSchema } from '../http/schemas/cluster-schemas.js'
import type { auditPageSchema, statusSchema } from '../http/schemas/daemon-schemas.js'
import type {
  migrationListSchema,
  migrationSchema,
  planAnswerSchema,
} from '../http/schemas/migration-schemas.js'
import type { clusterObservationSchema } from '../http/schemas/observation-schemas.js'
import type {
  awaitedSchema,
  probeReportSchema,
  publishedFileListSchema,
  publishReportSchema,
} from '../http/schemas/publication-schemas.js'
import type { newKeySchema, tokenListSchema, tokenSchema } from '../http/schemas/token-schemas.js'

export type AuditPageAnswer = z.output<typeof auditPageSchema>
export type StatusAnswer = z.output<typeof statusSchema>
export type TokenAnswer = z.output<typeof tokenSchema>
export type TokenListAnswer = z.output<typeof tokenListSchema>
export type NewKeyAnswer = z.output<typeof newKeySchema>
export type ClusterObservationAnswer = z.output<typeof clusterObservationSchema>
export type ClusterListAnswer = z.output<typeof clusterListSchema>
export type ClusterAnswer = z.output<typeof clusterViewSchema>
export type PublishReportAnswer = z.output<typeof publishReportSchema>
export type AwaitedAnswer = z.output<typeof awaitedSchema>
export type PublishedFileListAnswer = z.output<typeof publishedFileListSchema>
export type ProbeReportAnswer = z.output<typeof probeReportSchema>
export type MigrationAnswer = z.output<typeof migrationSchema>
export type MigrationListAnswer = z.output<typeof migrationListSchema>
export type PlanAnswer = z.output<typeof planAnswerSchema>
