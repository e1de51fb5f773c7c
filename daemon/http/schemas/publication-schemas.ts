/** The shapes of publishing: `/v1/clusters/{name}/publish`, `/await`, `/probe` and `/files`. */
import { z } from 'zod'
import { placedProblemSchema } from './observation-schemas.js'
import { hex, instant } from './shared-schemas.js'

const fileState = hex(32)
  .nullable()
  .optional()
  .describe('SHA-256; null: no such file; left out: could not be looked at')
const principal = z.object({ keyId: z.string(), name: z.string() })

export const publishReportSchema = z.strictObject({
  cluster: z.string(),
  file: z.string(),
  sha256: hex(32).describe('Of the file that was published'),
  servedEverywhere: z.boolean().describe('Whether every TFTP node of the cluster serves it now'),
  nodes: z.array(
    z.strictObject({
      node: z.string(),
      outcome: z
        .enum(['published', 'guided', 'unchanged', 'failed', 'not-served'])
        .describe(
          'guided: a person does `steps` now · not-served: it lies there and is not served yet · failed: what lay there lies there still, unless the problem is NODE_OUTCOME_UNKNOWN',
        ),
      to: z.enum(['directory', 'sftp', 'guided']).optional(),
      targetBefore: fileState,
      servedBefore: fileState,
      served: fileState,
      kept: z.int().optional().describe('Entry of `/files` that keeps what was there before'),
      steps: z.array(z.string()).optional().describe('What a person does now, in order'),
      problem: placedProblemSchema.optional(),
    }),
  ),
  others: z
    .array(
      z.strictObject({
        node: z.string(),
        served: fileState,
        isSame: z.boolean(),
        problem: placedProblemSchema.optional(),
      }),
    )
    .describe('Nodes with TFTP that nothing was to be published to'),
})

const fileName = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/, 'the name of a file, without a folder')
  .default('CTLFile.tlv')
const nodeList = z
  .string()
  .optional()
  .transform((text) => (text === undefined ? undefined : text.split(',').filter((node) => node !== '')))
const querySwitch = z.stringbool({ truthy: ['true', '1', ''], falsy: ['false', '0'] }).default(false)
const seconds = z.coerce.number().int().min(1).max(86_400)

export const publishQuerySchema = z.strictObject({
  nodes: nodeList,
  file: fileName,
  restartTftp: querySwitch,
})

export const awaitQuerySchema = z.strictObject({
  sha256: hex(32),
  nodes: nodeList,
  file: fileName,
  seconds: seconds.default(900),
})

export const probeQuerySchema = z.strictObject({
  node: z.string().optional(),
  uploaded: z
    .string()
    .regex(/^\d{1,15}$/, 'takes the number `kept` of the answer that had the steps')
    .transform(Number)
    .optional(),
  changed: querySwitch,
})

export const probeReportSchema = z.strictObject({
  cluster: z.string(),
  node: z.string(),
  release: z.string().optional(),
  file: z.string(),
  to: z.enum(['directory', 'sftp', 'guided']).optional(),
  outcome: z
    .enum(['works', 'works-as-said', 'fails', 'guided'])
    .describe('guided: a person does `steps`, then ask again with `uploaded`, giving it `kept`'),
  sha256: hex(32).optional(),
  kept: z
    .int()
    .optional()
    .describe('Where a person uploads: the entry of `/files` that keeps the file, `which=published`'),
  steps: z.array(z.string()).optional(),
  evidence: z.array(z.string()).describe('What was done and seen, in order'),
  problem: placedProblemSchema.optional(),
})

export const keptFileQuerySchema = z.strictObject({
  which: z.enum(['before', 'published']).default('before'),
})

export const awaitedSchema = z.strictObject({
  nodes: z.array(
    z.strictObject({
      node: z.string(),
      isServed: z.boolean(),
      served: fileState,
      problem: placedProblemSchema.optional(),
    }),
  ),
})

export const publishedFileListSchema = z.strictObject({
  files: z
    .array(
      z.strictObject({
        id: z.int(),
        at: instant,
        cluster: z.string(),
        node: z.string(),
        file: z.string(),
        principal,
        requestId: z.string(),
        before: z.strictObject({ target: fileState, served: fileState }),
        sha256: hex(32).describe('Of the file that was to take its place'),
        outcome: z.string().optional().describe('Left out: the daemon ended before it was known'),
      }),
    )
    .describe('The latest first, at most 100'),
})
