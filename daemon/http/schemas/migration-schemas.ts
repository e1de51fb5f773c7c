/** The shapes of `/v1/migrations`. */
import { z } from 'zod'
import { planIds } from '../../migration/plan/plan.js'
import { statementCodes } from '../../migration/plan/statements.js'
import { acceptanceFields } from './acceptance-schemas.js'
import { base64, hex, host, instant, ipAddress, serial } from './shared-schemas.js'

const statement = z.enum(statementCodes)
const planId = z.enum([...planIds, 'rollback'])
const principal = z.object({ keyId: z.string(), name: z.string() })
const sha256 = hex(32)
const note = z
  .string()
  .max(500)
  .default('')
  .describe('Why, in words of your own; stands in the journal and in the report')

const place = { ipAddress: ipAddress.optional(), dnsName: host.optional() }
const edit = z
  .discriminatedUnion('edit', [
    z.strictObject({
      edit: z.literal('add'),
      function: z.int().min(0).max(65_535).describe('Number of the role: 0 SAST, 1 CCM, 2 CCM+TFTP …'),
      certificate: base64.describe('DER'),
      ...place,
    }),
    z.strictObject({ edit: z.literal('remove'), certificate: sha256 }),
    z.strictObject({ edit: z.literal('replace'), certificate: sha256, by: base64.describe('DER') }),
    z.strictObject({
      edit: z.literal('address'),
      certificate: sha256,
      ipAddress,
      dnsName: host.optional(),
    }),
  ])
  .describe('A change of records. Those that are there are named by the SHA-256 of their certificate')

const planFields = {
  cluster: z.string().min(1).max(128).describe('Name in the settings'),
  plan: z.enum(planIds),
  tokens: z.array(serial).max(16).default([]).describe('Serials, in the order of the file'),
  signer: serial.optional().describe('Serial of the token that signs; the last of `tokens`, if left out'),
  edits: z.array(edit).max(256).default([]),
  regenerate: z
    .strictObject({
      what: z.enum(['CallManager', 'ITLRecovery']),
      node: z.string().min(1).max(255),
      through: z
        .literal('local-key')
        .optional()
        .describe('utils ctl reset localkey first, so that a key which phones trust signs (from 12.0)'),
      isDone: z.boolean().default(false).describe('It was regenerated already; go on from there'),
    })
    .optional(),
  tokensLost: z
    .boolean()
    .default(false)
    .describe('No token of the file can sign any more: phones are to take the next file through TVS'),
}

export const planRequestSchema = z.strictObject(planFields)

export const startRequestSchema = z.strictObject({
  ...planFields,
  said: z
    .array(statement)
    .max(statementCodes.length)
    .default([])
    .describe('What you know and the daemon cannot see; recorded as said, not seen'),
})

const stepFields = {
  id: z.string().describe('03-publish'),
  actor: z
    .enum(['daemon', 'token', 'person'])
    .describe('token: its custodian unlocks it · person: is told what to do'),
  title: z.string(),
  instructions: z.array(z.string()).describe('For a person, a line each'),
  does: z.looseObject({ do: z.string() }).describe('What is done; further fields depend on `do`'),
  needs: z.array(z.looseObject({ is: z.string() })).describe('What must hold before'),
  until: z.array(z.looseObject({ is: z.string() })).describe('What is seen when it is done'),
  undo: z.looseObject({ by: z.string() }).describe('How the way back goes past it'),
  phones: z.string().optional().describe('What phones notice'),
}

const planHead = {
  id: planId,
  cluster: z.string(),
  title: z.string(),
  release: z.string().optional(),
  tokens: z.array(z.string()).describe('Serials, in the order in which they are needed'),
  assumptions: z.array(z.string()).describe('What the plan relies on and nobody has proved'),
  interruptions: z.array(z.string()).describe('How long phones are without calls, or without a right file'),
}

const noPlan = z.strictObject({
  id: planId,
  impossible: z.string(),
  instead: z.string(),
  code: z
    .enum(['RELEASE_TOO_OLD', 'RELEASE_TOO_NEW'])
    .optional()
    .describe('Where the release is what bars it: the code of the finding'),
})

const findingFields = {
  code: z.string(),
  severity: z
    .enum(['error', 'warning', 'info'])
    .describe('error: stops · warning: must be acknowledged by its code'),
  detail: z.string(),
  at: z.string().optional().describe('Node, token, model or certificate'),
  devices: z.int().optional().describe('How many devices it concerns'),
  remedy: z.string(),
}

export const planAnswerSchema = z.strictObject({
  plan: z.union([z.strictObject({ ...planHead, steps: z.array(z.strictObject(stepFields)) }), noPlan]),
  findings: z.array(z.strictObject(findingFields)),
  prediction: z
    .array(
      z.strictObject({
        holds: z
          .string()
          .describe('The file that the phones hold by then, in words: `the file served now`, `no CTL` …'),
        model: z.string().describe('A class of devices, where the cluster does not tell its models'),
        devices: z.int().optional().describe('Left out where nobody counted them'),
        acceptance: z.strictObject(acceptanceFields),
      }),
    )
    .describe('Which phones take the file to come; empty where it cannot be known before'),
})

const state = z.enum(['running', 'waiting', 'stopped', 'done', 'rolled-back', 'abandoned'])

const summaryFields = {
  id: z.string(),
  cluster: z.string(),
  plan: z.strictObject(planHead),
  state,
  startedAt: instant,
  startedBy: principal,
  rollbackOf: z.string().optional().describe('The migration whose way back this is'),
  current: z.string().optional().describe('Id of the step that it is at; left out when it is done'),
}

const stopped = z
  .strictObject({
    by: z.enum(['daemon', 'person']),
    code: z.string(),
    detail: z.string(),
    remedy: z.string(),
    at: z.record(z.string(), z.union([z.string(), z.number()])),
  })
  .optional()
  .describe('Why it is stopped. MIGRATION_JOURNAL_WRONG: it cannot be read, its steps are left out; end it')

export const migrationListSchema = z.strictObject({
  migrations: z
    .array(
      z.strictObject({
        ...summaryFields,
        currentTitle: z.string().optional(),
        stopped,
        steps: z.int(),
        done: z.int().describe('Steps that are done'),
      }),
    )
    .describe('The latest first'),
})

const readingSchema = z.strictObject({
  device: z
    .string()
    .min(1)
    .max(128)
    .regex(/^[\x21-\x7e]+$/, 'the name of a device: printable ASCII without spaces')
    .describe('SEP001122334455; * for all that nobody read, or with unread for a model'),
  model: z.string().min(1).max(128).optional().describe('Where the cluster does not tell it'),
  took: z
    .enum(['accepted', 'refused', 'unread'])
    .describe('unread: there is no phone of this model that could be read (CTI ports, for one)'),
  checksum: z
    .string()
    .regex(/^[0-9a-f]{32}(?:[0-9a-f]{8})?$/i, 'MD5 or SHA-1 as the phone shows it, in hex')
    .optional(),
  note: z.string().max(500).optional(),
})

export const migrationSchema = z.strictObject({
  ...summaryFields,
  steps: z.array(
    z.strictObject({
      ...stepFields,
      phase: z
        .enum(['to-come', 'told', 'acting', 'acted', 'in-doubt', 'done'])
        .describe('told: a person was told · acted: its effect is awaited · in-doubt: see /again'),
      beganAt: instant.optional(),
      endedAt: instant.optional(),
    }),
  ),
  findings: z.array(z.strictObject({ ...findingFields, acknowledged: z.boolean() })),
  waits: z
    .array(
      z.strictObject({
        what: z.string(),
        holds: z.union([z.boolean(), z.literal('unknown')]),
        evidence: z.array(z.strictObject({ node: z.string().optional(), text: z.string() })),
        never: z.string().optional().describe('Why it will not hold however long one waits'),
      }),
    )
    .describe('What it waits for now, and what was seen of it'),
  stopped,
  said: z.array(z.strictObject({ statement, by: z.string(), at: instant })),
  readings: z.array(readingSchema).describe('Of phones, as people entered them; the latest of each'),
  files: z.array(
    z.strictObject({
      name: z.string().describe('new, draft, bridge, before/NODE/CTLFile.tlv …'),
      sha256: sha256.nullable().describe('null: there was no such file'),
      length: z.int(),
    }),
  ),
})

export const noteRequestSchema = z.strictObject({ note })
export const acknowledgeRequestSchema = z.strictObject({
  code: z.string().regex(/^[A-Z][A-Z0-9_]{0,63}$/, 'the code of a warning'),
  note,
})
export const sayRequestSchema = z.strictObject({ statement, note })
export const readingsRequestSchema = z.strictObject({ readings: z.array(readingSchema).min(1).max(100_000) })
