/** The OpenAPI 3.1 document, made from the route table and the schemas. */
import { z } from 'zod'
import { type ProblemCode, problems } from '../problems.js'
import type { Answer, Route } from './route.js'
import * as acceptance from './schemas/acceptance-schemas.js'
import * as clusters from './schemas/cluster-schemas.js'
import * as configuration from './schemas/configuration-schemas.js'
import * as ctl from './schemas/ctl-schemas.js'
import * as daemon from './schemas/daemon-schemas.js'
import * as migrationReports from './schemas/migration-report-schemas.js'
import * as migrations from './schemas/migration-schemas.js'
import * as observations from './schemas/observation-schemas.js'
import * as publications from './schemas/publication-schemas.js'
import * as requests from './schemas/signing-request-schemas.js'
import * as tokens from './schemas/token-schemas.js'

/** The schemas by the name they have in the document. */
const documentedSchemas: Readonly<Record<string, z.ZodType>> = {
  Acceptance: acceptance.acceptanceSchema,
  AcceptanceRequest: acceptance.acceptanceRequestSchema,
  AcknowledgeRequest: migrations.acknowledgeRequestSchema,
  AuditPage: daemon.auditPageSchema,
  Awaited: publications.awaitedSchema,
  ChangePinRequest: tokens.changePinRequestSchema,
  Cluster: clusters.clusterViewSchema,
  ClusterList: clusters.clusterListSchema,
  ClusterObservation: observations.clusterObservationSchema,
  ComposeRequest: ctl.composeRequestSchema,
  Composition: ctl.compositionSchema,
  CtlDescription: ctl.descriptionSchema,
  CtlDiff: ctl.diffSchema,
  CtlVerdict: ctl.verdictSchema,
  ConfigurationDescription: configuration.sgnDescriptionSchema,
  ConfigurationVerdict: configuration.sgnVerdictSchema,
  DiffRequest: ctl.diffRequestSchema,
  Event: daemon.eventSchema,
  IssuedCertificateRequest: tokens.issuedCertificateRequestSchema,
  Migration: migrations.migrationSchema,
  MigrationReport: migrationReports.migrationReportSchema,
  MigrationList: migrations.migrationListSchema,
  NewKey: tokens.newKeySchema,
  NewKeyRequest: tokens.newKeyRequestSchema,
  NoteRequest: migrations.noteRequestSchema,
  PlanAnswer: migrations.planAnswerSchema,
  PlanRequest: migrations.planRequestSchema,
  PublishedFileList: publications.publishedFileListSchema,
  PublishReport: publications.publishReportSchema,
  ProbeReport: publications.probeReportSchema,
  Problem: daemon.problemSchema,
  ReadingsRequest: migrations.readingsRequestSchema,
  SayRequest: migrations.sayRequestSchema,
  SigningRequest: requests.signingRequestSchema,
  SigningRequestSummary: requests.requestSummarySchema,
  SigningRequestList: requests.signingRequestListSchema,
  StartMigrationRequest: migrations.startRequestSchema,
  Status: daemon.statusSchema,
  StepUnlockRequest: tokens.stepUnlockRequestSchema,
  Token: tokens.tokenSchema,
  TokenCertificate: tokens.tokenCertificateSchema,
  TokenList: tokens.tokenListSchema,
  UnlockRequest: tokens.unlockRequestSchema,
  VerifyConfigurationRequest: configuration.verifyConfigurationRequestSchema,
  VerifyRequest: ctl.verifyRequestSchema,
}

const everywhere: readonly ProblemCode[] = ['HOST_REFUSED', 'ORIGIN_REFUSED', 'NOT_ACCEPTABLE', 'INTERNAL']
const withKey: readonly ProblemCode[] = ['KEY_MISSING', 'KEY_REJECTED', 'SCOPE_MISSING', 'RATE_LIMITED']
const withBody: readonly ProblemCode[] = ['MEDIA_TYPE_UNSUPPORTED', 'BODY_TOO_LARGE', 'BODY_INVALID']

export function makeOpenApi(routes: readonly Route[], version: string): Record<string, unknown> {
  const paths: Record<string, Record<string, unknown>> = {}
  for (const route of routes) {
    paths[route.path] = { ...paths[route.path], [route.method]: operation(route) }
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'ctl-bridge',
      version,
      description:
        'Signs Cisco CTL files with PKCS#11 tokens. Problems follow RFC 9457; their codes are stable.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: 'http://127.0.0.1:8470' }],
    security: [{ key: [] }],
    paths,
    components: {
      securitySchemes: { key: { type: 'http', scheme: 'bearer' } },
      schemas: Object.fromEntries(
        Object.entries(documentedSchemas).map(([name, schema]) => [name, jsonSchema(name, schema)]),
      ),
    },
  }
}

function jsonSchema(name: string, schema: z.ZodType): Record<string, unknown> {
  const io = name.endsWith('Request') ? 'input' : 'output'
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, {
    io,
    target: 'draft-2020-12',
    override: ({ jsonSchema: part }) => {
      // The bounds of a double's integers say nothing to a reader.
      if (part.minimum === Number.MIN_SAFE_INTEGER) delete part.minimum
      if (part.maximum === Number.MAX_SAFE_INTEGER) delete part.maximum
    },
  })
  return rest
}

const reference = (name: string) => ({ $ref: `#/components/schemas/${name}` })

function content({ type, schema }: Answer): Record<string, unknown> {
  if (schema !== undefined) return { [type]: { schema: reference(schema) } }
  return { [type]: type === 'application/json' ? { schema: { type: 'object' } } : {} }
}

function operation(route: Route): Record<string, unknown> {
  const pathParameters = [...route.path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }))
  const queryParameters = Object.entries(route.query ?? {}).map(([name, { required, description }]) => ({
    name,
    in: 'query',
    required,
    description,
    schema: { type: 'string' },
  }))
  const parameters = [...pathParameters, ...queryParameters]
  return {
    operationId: route.id,
    summary: route.summary,
    ...(route.description === undefined ? {} : { description: route.description }),
    ...(route.scope === undefined ? { security: [] } : { 'x-scope': route.scope }),
    ...(parameters.length > 0 ? { parameters } : {}),
    ...(route.body === undefined
      ? {}
      : { requestBody: { required: true, content: bodyContent(route.body) } }),
    responses: {
      200: { description: 'Done', content: Object.assign({}, ...route.answers.map(content)) },
      ...failures(route),
    },
  }
}

function bodyContent(body: NonNullable<Route['body']>): Record<string, unknown> {
  if (body.type === 'application/json') return { [body.type]: { schema: reference(body.schema) } }
  return { [body.type]: {}, ...(body.orJson && bodyContent(body.orJson)) }
}

/** Problem codes of the route, by status. */
function failures(route: Route): Record<string, unknown> {
  const codes = new Set([
    ...everywhere,
    ...(route.scope === undefined ? [] : withKey),
    ...(route.body === undefined ? [] : withBody),
    ...route.problems,
  ])
  const statuses = [...new Set([...codes].map((code) => problems[code].status))]
  return Object.fromEntries(
    statuses.map((status) => {
      const ofStatus = [...codes].filter((code) => problems[code].status === status).sort()
      return [
        status,
        {
          description: ofStatus.join(', '),
          content: { 'application/problem+json': { schema: reference('Problem') } },
        },
      ]
    }),
  )
}
