/** The shapes of problems, status, audit log and events. */
import { z } from 'zod'
import { hex, instant } from './shared-schemas.js'
import { moduleSchema } from './token-schemas.js'

export const problemSchema = z.object({
  type: z.string().describe('urn:ctl-bridge:problem:CODE'),
  code: z.string().describe('Stable; the table is in docs/problems.md'),
  title: z.string(),
  status: z.int(),
  detail: z.string().describe('One sentence about this occurrence'),
  remedy: z.string().describe('What to do'),
  at: z
    .record(z.string(), z.union([z.string(), z.number()]))
    .describe('Where: offset, record, token, module, …'),
  requestId: z.string(),
})

export const auditPageSchema = z.strictObject({
  entries: z.array(
    z.strictObject({
      sequence: z.int().describe('Rises by one per entry'),
      at: instant,
      principal: z.object({ keyId: z.string(), name: z.string() }),
      requestId: z.string().describe('X-Request-Id of the answer'),
      action: z.string(),
      phase: z.enum(['intent', 'outcome']),
      outcome: z.string().optional().describe('ok or a problem code; absent in an intent'),
      facts: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
    }),
  ),
  next: z.int().nullable().describe('`after` of the page that follows'),
})

export const statusSchema = z.object({
  name: z.literal('ctl-bridge'),
  version: z.string(),
  boot: z.string().describe('Changes with every start; first part of event ids'),
  startedAt: instant,
  tokens: z.int().describe('Tokens plugged in now'),
  modules: z.array(moduleSchema),
  usb: z
    .object({
      state: z.enum(['ready', 'unavailable']).describe('unavailable: tokens are noticed later, by scans'),
      detail: z.string().optional(),
      devices: z.array(z.object({ vendorId: hex(2), productId: hex(2), name: z.string() })),
    })
    .describe('Plugged-in USB devices of vendors that make tokens'),
  key: z.object({ keyId: z.string(), name: z.string(), scopes: z.array(z.string()) }),
})

export const eventSchema = z.object({
  id: z.string().describe('BOOT-N: N rises by one per event of this start'),
  type: z.enum([
    'token.inserted',
    'token.removed',
    'token.changed',
    'token.forgotten',
    'token.unlocked',
    'token.locked',
    'module.ready',
    'module.failed',
    'request.made',
    'request.signed',
    'cluster.observing',
    'cluster.observed',
    'cluster.publishing',
    'cluster.published',
    'cluster.awaiting',
    'cluster.probing',
    'cluster.probed',
    'migration.entry',
    'migration.state',
    'migration.waits',
    'migration.broken',
    'resync',
  ]),
  at: instant,
  data: z.record(z.string(), z.unknown()),
})
