/** The shape of what `/v1/clusters/{name}/observe` answers. */
import { z } from 'zod'
import { disagreementCodes } from '../../cluster/observe/observation.js'
import { hex, instant } from './shared-schemas.js'

/** A problem without the id of a request: it belongs to one question among many. */
export const placedProblemSchema = z.strictObject({
  type: z.string().describe('urn:ctl-bridge:problem:CODE'),
  code: z.string().describe('Stable; the table is in docs/problems.md'),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  remedy: z.string(),
  at: z.record(z.string(), z.union([z.string(), z.number()])),
})

/** An answer, or why there is none. */
const asked = <Answer extends z.ZodType>(answer: Answer) =>
  z.discriminatedUnion('state', [
    z.strictObject({ state: z.literal('answered'), answer }),
    z.strictObject({ state: z.literal('failed'), problem: placedProblemSchema }),
    z.strictObject({ state: z.literal('not-asked'), why: z.string() }),
  ])

const sourced = <Answer extends z.ZodType>(answer: Answer) =>
  z.strictObject({ from: z.enum(['axl', 'cli', 'settings']), asked: asked(answer) })

const servedFileSchema = z.strictObject({
  kind: z.enum(['ctl', 'itl']),
  size: z.int().describe('Bytes'),
  md5: hex(16).describe('Phones show MD5 or SHA-1, by their model'),
  sha1: hex(20),
  sha256: hex(32),
  verified: z.boolean(),
  problem: z.strictObject({ code: z.string(), detail: z.string() }).optional(),
  timestamp: instant.optional(),
  signer: z
    .strictObject({
      subject: z.string(),
      issuer: z.string(),
      serial: z.string(),
      certificateSha256: hex(32),
      holder: z
        .enum(['token', 'call-manager', 'itl-recovery'])
        .optional()
        .describe('Whose certificate it is taken for, by its name and the other records'),
      token: z.string().optional().describe('Serial of a token known here that holds it'),
    })
    .optional(),
  mode: z.enum(['token', 'tokenless']).optional().describe('Of a CTL of CUCM'),
  servers: z
    .enum(['secure', 'non-secure', 'none'])
    .optional()
    .describe('Of a CTL of CUCM: whether its records of call managers hold certificates, as in mixed mode'),
  warnings: z.array(z.strictObject({ code: z.string(), detail: z.string(), record: z.int().optional() })),
})

const copies = z.array(
  z.strictObject({
    over: z.enum(['tftp', 'http']),
    asked: asked(hex(32).nullable()).describe('SHA-256 of one of `files`; null: no such file'),
  }),
)

const securityMode = z.enum(['non-secure', 'mixed'])

export const clusterObservationSchema = z.strictObject({
  cluster: z.string(),
  kind: z.enum(['cucm', 'asterisk']),
  at: instant,
  milliseconds: z.int(),
  securityMode: z.array(sourced(securityMode)).describe('ClusterSecurityMode, from each that was asked'),
  release: sourced(z.string()),
  configuredRelease: z.string().optional(),
  showCtl: asked(
    z.strictObject({
      md5: z.string().optional(),
      sha1: z.string().optional(),
      length: z.int().describe('0: the publisher has no CTL'),
      isVerified: z.boolean(),
    }),
  ),
  processNodes: asked(z.array(z.strictObject({ name: z.string(), role: z.string() }))),
  devices: asked(
    z.array(
      z.strictObject({
        model: z.string(),
        devices: z.int(),
        securityByDefault: z.boolean().optional().describe('Left out: the cluster does not say'),
      }),
    ),
  ),
  nodes: z.array(
    z.strictObject({
      name: z.string(),
      address: z.string(),
      runs: z.array(z.string()),
      ctl: copies,
      itl: copies,
      tvs: z
        .array(
          z.strictObject({
            certificate: hex(32).describe('SHA-256 of one of `certificates`'),
            asked: asked(
              z.strictObject({
                isTrusted: z.boolean(),
                roles: z.array(z.int()).describe('Numbers of FUNCTION: 0 SAST, 3 TFTP …'),
                ttl: z.int().optional().describe('Seconds that a phone keeps the answer'),
              }),
            ),
          }),
        )
        .describe('A good answer is necessary and no proof: phones ask by the serial in their CTL'),
    }),
  ),
  files: z.array(servedFileSchema).describe('Each once, whoever serves it'),
  certificates: z.array(
    z.strictObject({
      sha256: hex(32),
      subject: z.string(),
      tokens: z.array(z.string()).describe('Serials of tokens known here that hold it'),
      inCtl: z.boolean().describe('Whether a CTL that is served lists it as SAST'),
    }),
  ),
  disagreements: z.array(
    z.strictObject({
      code: z.enum(disagreementCodes),
      nodes: z.array(z.string()),
      detail: z.string(),
      remedy: z.string(),
    }),
  ),
  unanswered: z
    .array(z.strictObject({ node: z.string(), question: z.string(), problem: placedProblemSchema }))
    .describe('Every question that failed'),
})
