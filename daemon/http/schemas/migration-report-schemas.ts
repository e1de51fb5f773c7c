/** The shape of the report of a migration, as `daemon/migration/report/report.ts` makes it. */
import { z } from 'zod'
import { hex, instant } from './shared-schemas.js'

const fileState = z.union([
  z.literal('none'),
  z.strictObject({
    sha256: hex(32),
    size: z.int().optional(),
    md5: hex(16).optional().describe('Phones show MD5 or SHA-1, by their model'),
    sha1: hex(20).optional(),
    timestamp: instant.optional(),
    signer: z
      .strictObject({
        subject: z.string(),
        sha256: hex(32),
        holder: z.string().optional(),
        token: z.string().optional().describe('Serial of the token that holds the certificate'),
      })
      .optional(),
    problem: z.strictObject({ code: z.string(), detail: z.string() }).optional(),
  }),
])

const said = { by: z.string(), at: instant, note: z.string() }
const actor = z.enum(['daemon', 'token', 'person'])

const phoneTable = z.strictObject({
  artifact: z.string().describe('new, bridge, before'),
  title: z.string(),
  files: z.array(fileState),
  wasOffered: z.boolean().describe('Whether the file was ever put where phones fetch it'),
  rows: z
    .array(
      z.strictObject({
        model: z.string().optional(),
        devices: z.int().optional().describe('As the cluster counted them; left out: not known'),
        foretold: z.enum(['takes', 'keeps', 'depends', 'not known', 'no file yet']),
        why: z.array(z.string()),
        acceptedByChecksum: z.int(),
        acceptedByWord: z.int(),
        refused: z.int(),
        contradicting: z.int().describe('What the phone shows is not what was entered'),
        stranded: z.int().optional(),
        pending: z.int().optional(),
        notObserved: z.int().optional(),
      }),
    )
    .describe('By model; each device counts once'),
  readings: z.array(
    z.strictObject({
      device: z.string(),
      model: z.string().optional(),
      entered: z.enum(['accepted', 'refused']),
      verdict: z.enum(['accepted by checksum', 'accepted by word', 'refused', 'contradicting']),
      checksum: z.string().optional(),
      shows: z.string().optional(),
      note: z.string().optional(),
      by: z.string(),
      at: instant,
      step: z.string(),
    }),
  ),
  words: z
    .array(z.strictObject({ took: z.string(), model: z.string().optional(), ...said }))
    .describe('A person’s word on those that were not read, or on a model that cannot be; counts in no row'),
  surprises: z.array(z.string()).describe('Readings that say otherwise than was foretold'),
})

export const migrationReportSchema = z.strictObject({
  madeAt: instant,
  migration: z.strictObject({
    id: z.string(),
    cluster: z.string(),
    kind: z.enum(['cucm', 'asterisk']),
    plan: z.string(),
    title: z.string(),
    release: z.string().optional(),
    state: z.enum(['running', 'waiting', 'stopped', 'done', 'rolled-back', 'abandoned']),
    startedAt: instant,
    startedBy: z.string(),
    endedAt: instant.optional(),
    rollbackOf: z.string().optional(),
  }),
  inShort: z.array(z.string()),
  toDo: z.array(z.strictObject({ what: z.string(), how: z.array(z.string()) })),
  phones: z.array(phoneTable),
  files: z.array(
    z.strictObject({
      node: z.string(),
      file: z.string(),
      before: fileState.optional().describe('Left out: nobody saw it'),
      after: z.strictObject({ file: fileState, step: z.string(), at: instant }).optional(),
      unseenSince: z.string().optional().describe('Step that may have changed it since'),
    }),
  ),
  findings: z.array(
    z.strictObject({
      code: z.string(),
      severity: z.enum(['error', 'warning', 'info']),
      detail: z.string(),
      at: z.string().optional(),
      devices: z.int().optional(),
      remedy: z.string(),
      step: z.string(),
      toldAt: instant,
      isOfNow: z.boolean(),
      acknowledged: z.array(z.strictObject(said)),
    }),
  ),
  statements: z
    .array(z.strictObject({ statement: z.string(), ...said, step: z.string().optional() }))
    .describe('Said by a person, not seen'),
  steps: z.array(
    z.strictObject({
      id: z.string(),
      actor,
      title: z.string(),
      state: z.enum(['done', 'there already', 'told', 'acted', 'in doubt', 'failed', 'to come']),
      beganAt: instant.optional(),
      endedAt: instant.optional(),
      waitedSeconds: z.number().optional(),
      entries: z.array(
        z.strictObject({
          number: z.int(),
          at: instant,
          by: z.string(),
          what: z.string(),
          lines: z.array(z.string()),
        }),
      ),
    }),
  ),
  stops: z.array(
    z.strictObject({
      at: instant,
      by: z.string(),
      step: z.string().optional(),
      code: z.string(),
      detail: z.string(),
      remedy: z.string(),
      resumed: z.strictObject({ at: instant, by: z.string() }).optional(),
    }),
  ),
  assumptions: z.array(z.string()),
})
