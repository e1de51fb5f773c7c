/** `/v1/migrations`: what is planned, where it stands, how it goes on, ends and is taken back. */
import { BridgeError } from '../bridge-error.js'
import { fileReply } from './file-reply.js'
import { oncePerKey } from './idempotency.js'
import { migrationAnswerRoutes } from './migration-answer-routes.js'
import { migrationSummaryJson, planAnswerJson, toPlanRequest } from './migration-json.js'
import { migrationReportRoute } from './migration-report-route.js'
import {
  answered,
  answers,
  type MigrationRouteParts,
  ofOne,
  ofRow,
  planProblems,
  reply,
} from './migration-route-parts.js'
import { jsonRoute, plainRoute, type Route } from './route.js'
import { noteRequestSchema, planRequestSchema, startRequestSchema } from './schemas/migration-schemas.js'

export function migrationRoutes(parts: MigrationRouteParts): Route[] {
  return [
    ...planningRoutes(parts),
    ...lookingRoutes(parts),
    ...runningRoutes(parts),
    ...migrationAnswerRoutes(parts),
    ...wayBackRoutes(parts),
    migrationReportRoute(parts),
  ]
}

function planningRoutes({ migrations, idempotency }: MigrationRouteParts): Route[] {
  return [
    jsonRoute('PlanRequest', planRequestSchema, {
      method: 'post',
      path: '/v1/migrations/plan',
      id: 'planMigration',
      summary: 'What a migration would do, step by step, and what preflight finds; nothing is touched',
      description:
        'Looks at the cluster first, which takes seconds. A plan that this cluster cannot have says why in `impossible`, and what to do `instead`; the answer is 200 all the same.',
      scope: 'read',
      answers: [{ type: 'application/json', schema: 'PlanAnswer' }],
      problems: planProblems,
      handle: async ({ body }) => ({ json: planAnswerJson(await migrations.plan(toPlanRequest(body))) }),
    }),
    jsonRoute('StartMigrationRequest', startRequestSchema, {
      method: 'post',
      path: '/v1/migrations',
      id: 'startMigration',
      summary: 'Make the plan anew and begin with it',
      description:
        'It goes on by itself up to the hard stop, before which nothing changes for phones, and waits there. One migration of a cluster is open at a time. Everything that changes is a `migration.…` event. Send Idempotency-Key to get the same answer again after a lost one.',
      scope: 'operate',
      answers,
      problems: [
        ...planProblems,
        'MIGRATION_IMPOSSIBLE',
        'MIGRATION_OPEN',
        'MIGRATION_PLAN_UNSAFE',
        'CLUSTER_BUSY',
        'IDEMPOTENCY_KEY_REUSED',
      ],
      handle: ({ caller, headers, body }) =>
        oncePerKey(idempotency, { caller, headers }, ['migration', JSON.stringify(body)], async () =>
          reply(await migrations.start(caller, { ...toPlanRequest(body), said: body.said })),
        ),
    }),
  ]
}

function lookingRoutes({ migrations }: MigrationRouteParts): Route[] {
  return [
    plainRoute({
      method: 'get',
      path: '/v1/migrations',
      id: 'listMigrations',
      summary: 'The migrations of this daemon, the latest first',
      scope: 'read',
      answers: [{ type: 'application/json', schema: 'MigrationList' }],
      problems: ['STORE_UNUSABLE'],
      handle: async () => ({ json: { migrations: (await migrations.list()).map(migrationSummaryJson) } }),
    }),
    plainRoute({
      method: 'get',
      path: '/v1/migrations/{id}',
      id: 'getMigration',
      summary: 'Where a migration stands: its steps, what it waits for, findings, readings, files',
      description:
        'One whose journal cannot be read is `stopped` by MIGRATION_JOURNAL_WRONG and has no steps; it can be ended.',
      scope: 'read',
      answers,
      problems: ofRow,
      handle: async ({ params }) => reply(await migrations.get(params.id ?? '')),
    }),
    plainRoute({
      method: 'get',
      path: '/v1/migrations/{id}/files/{name}',
      id: 'getMigrationFile',
      summary: 'A file of a migration by its name, byte for byte',
      description: 'A slash in the name is sent as %2F: `before%2Fpub%2FCTLFile.tlv`.',
      scope: 'read',
      answers: [{ type: 'application/octet-stream' }],
      problems: [...ofRow, 'MIGRATION_FILE_UNKNOWN'],
      handle: async ({ params }) => {
        const { id = '', name = '' } = params
        const bytes = await migrations.file(id, name)
        if (bytes !== 'none') return fileReply(bytes, name.split('/').at(-1) ?? name)
        const detail = `There was no file on the node when the migration kept ${name}.`
        throw new BridgeError('MIGRATION_FILE_UNKNOWN', detail, { migration: id, file: name })
      },
    }),
  ]
}

/** Those that carry nothing, or a note. */
function runningRoutes({ migrations }: MigrationRouteParts): Route[] {
  return [
    plainRoute({
      method: 'post',
      path: '/v1/migrations/{id}/resume',
      id: 'resumeMigration',
      summary: 'Go on where it stands, after it was stopped',
      scope: 'operate',
      answers,
      problems: [...ofOne, 'MIGRATION_ENDED', 'MIGRATION_RUNS'],
      handle: async ({ caller, params }) => reply(await migrations.resume(caller, params.id ?? '')),
    }),
    plainRoute({
      method: 'post',
      path: '/v1/migrations/{id}/stop',
      id: 'stopMigration',
      summary: 'Stop it before its next step; what is being done is finished and recorded',
      scope: 'operate',
      answers,
      problems: answered,
      handle: async ({ caller, params }) => reply(await migrations.stop(caller, params.id ?? '')),
    }),
    jsonRoute('NoteRequest', noteRequestSchema, {
      method: 'post',
      path: '/v1/migrations/{id}/abandon',
      id: 'abandonMigration',
      summary: 'End it where it is, for good; what was done stays done',
      scope: 'operate',
      answers,
      problems: [...ofRow, 'MIGRATION_ENDED', 'MIGRATION_RUNS'],
      handle: async ({ caller, params, body }) =>
        reply(await migrations.abandon(caller, params.id ?? '', body.note)),
    }),
    jsonRoute('NoteRequest', noteRequestSchema, {
      method: 'post',
      path: '/v1/migrations/{id}/again',
      id: 'repeatStep',
      summary: 'Take it on yourself that a step is done once more of which nobody knows whether it was done',
      scope: 'operate',
      answers,
      problems: answered,
      handle: async ({ caller, params, body }) =>
        reply(await migrations.again(caller, params.id ?? '', body.note)),
    }),
  ]
}

function wayBackRoutes({ migrations, idempotency }: MigrationRouteParts): Route[] {
  const path = '/v1/migrations/{id}/rollback'
  return [
    plainRoute({
      method: 'get',
      path,
      id: 'planRollback',
      summary: 'The way back as it would be now, with who takes it; nothing is touched',
      description: 'Where there is none any more, `impossible` says why.',
      scope: 'read',
      answers: [{ type: 'application/json', schema: 'PlanAnswer' }],
      problems: [...ofOne, ...planProblems, 'MIGRATION_ENDED'],
      handle: async ({ params }) => ({
        json: planAnswerJson(await migrations.planRollback(params.id ?? '')),
      }),
    }),
    plainRoute({
      method: 'post',
      path,
      id: 'startRollback',
      summary: 'Go back: a migration of its own, which ends this one',
      description: 'One that runs is stopped first. The answer is the new migration.',
      scope: 'operate',
      answers,
      problems: [
        ...ofOne,
        ...planProblems,
        'MIGRATION_ENDED',
        'MIGRATION_IMPOSSIBLE',
        'MIGRATION_OPEN',
        'MIGRATION_RUNS',
        'MIGRATION_PLAN_UNSAFE',
        'CLUSTER_BUSY',
        'IDEMPOTENCY_KEY_REUSED',
      ],
      handle: ({ caller, params, headers }) => {
        const id = params.id ?? ''
        return oncePerKey(idempotency, { caller, headers }, ['rollback', id], async () =>
          reply(await migrations.rollback(caller, id)),
        )
      },
    }),
  ]
}
