/** `/v1/migrations/{id}/…`: what people answer to a migration that waits for them. */
import { BridgeError } from '../bridge-error.js'
import type { MigrationView } from '../migration/desk/migrations.js'
import { toReadings } from './migration-json.js'
import { answered, answers, type MigrationRouteParts, reply } from './migration-route-parts.js'
import { limitTries, pinTryProblems } from './pin-try.js'
import { jsonRoute, type Route } from './route.js'
import {
  acknowledgeRequestSchema,
  readingsRequestSchema,
  sayRequestSchema,
} from './schemas/migration-schemas.js'
import { stepUnlockRequestSchema } from './schemas/token-schemas.js'

export function migrationAnswerRoutes(parts: MigrationRouteParts): Route[] {
  const { migrations } = parts
  return [
    jsonRoute('AcknowledgeRequest', acknowledgeRequestSchema, {
      method: 'post',
      path: '/v1/migrations/{id}/acknowledge',
      id: 'acknowledgeFinding',
      summary: 'Acknowledge a warning of preflight by its code; an error is mended instead',
      scope: 'operate',
      answers,
      problems: answered,
      handle: async ({ caller, params, body }) =>
        reply(await migrations.acknowledge(caller, params.id ?? '', body.code, body.note)),
    }),
    jsonRoute('SayRequest', sayRequestSchema, {
      method: 'post',
      path: '/v1/migrations/{id}/say',
      id: 'sayStatement',
      summary: 'Say what the daemon cannot see, or GO at the hard stop; recorded as said, not seen',
      scope: 'operate',
      answers,
      problems: answered,
      handle: async ({ caller, params, body }) =>
        reply(await migrations.say(caller, params.id ?? '', body.statement, body.note)),
    }),
    jsonRoute('ReadingsRequest', readingsRequestSchema, {
      method: 'post',
      path: '/v1/migrations/{id}/phones',
      id: 'enterReadings',
      summary: 'Enter what phones show on their screens',
      description:
        'What a phone holds is visible on the phone alone. The latest reading of a device counts. All of the request are entered, or none.',
      scope: 'operate',
      limit: '16mb',
      answers,
      problems: answered,
      handle: async ({ caller, params, body }) =>
        reply(await migrations.enter(caller, params.id ?? '', toReadings(body))),
    }),
    unlockRoute(parts),
  ]
}

function unlockRoute({ migrations, unlockLimit }: MigrationRouteParts): Route {
  return jsonRoute('StepUnlockRequest', stepUnlockRequestSchema, {
    method: 'post',
    path: '/v1/migrations/{id}/unlock',
    id: 'unlockForMigration',
    summary: 'Unlock the planned token for the step that waits for it, for one signature',
    description:
      'One call is at most one try of the PIN, made only when the planned token is plugged in. It is never repeated by the daemon, and takes no Idempotency-Key.',
    scope: 'sign',
    answers,
    problems: [...answered, ...pinTryProblems, 'MIGRATION_TOKEN_NOT_PLANNED'],
    handle: async ({ caller, params, body: { pin, finalTry, repeatPin } }) => {
      const id = params.id ?? ''
      const serial = plannedToken(await migrations.get(id), id)
      const unlock = () => migrations.unlock(caller, id, pin, { finalTry, repeatPin })
      return reply(await limitTries(unlockLimit, serial, unlock))
    },
  })
}

/** Tries are counted with those of the token itself. */
function plannedToken({ steps, current }: MigrationView, migration: string): string {
  const does = steps.find(({ id }) => id === current)?.does
  if (does?.do === 'sign') return does.token
  throw new BridgeError('MIGRATION_NOTHING_TO_ANSWER', 'The migration waits for no token now.', {
    migration,
    ...(current !== undefined && { step: current }),
  })
}
