/** The shapes of `/v1/clusters`. What the settings say of passwords and keys is left out. */
import { z } from 'zod'
import { placedProblemSchema } from './observation-schemas.js'
import { instant } from './shared-schemas.js'

const target = z
  .discriminatedUnion('to', [
    z.strictObject({ to: z.literal('directory'), folder: z.string() }),
    z.strictObject({
      to: z.literal('sftp'),
      host: z.string(),
      port: z.int(),
      user: z.string(),
      folder: z.string(),
    }),
    z.strictObject({ to: z.literal('guided'), url: z.string() }),
  ])
  .describe('How a file gets onto the node')

const view = {
  name: z.string(),
  kind: z.enum(['cucm', 'asterisk']),
  release: z.string().optional().describe('As the settings say'),
  nodes: z.array(
    z.strictObject({
      name: z.string(),
      address: z.string(),
      runs: z.array(z.enum(['publisher', 'tftp', 'tvs', 'callmanager'])),
      reads: z.array(z.string()).describe('Where its files are read: tftp://…, http://…'),
      restartsTftp: z.boolean().describe('Whether the settings name somebody who restarts Cisco Tftp there'),
      publishing: target.optional().describe('Left out: nothing can be published to it'),
    }),
  ),
  asks: z.array(z.enum(['cli', 'axl'])).describe('What the publisher is asked over'),
  file: z.string().describe('The settings that describe it'),
  isLab: z.boolean().describe('Whether it is a lab that runs on this machine'),
  doing: z.string().optional().describe('What is being changed on it now'),
}

export const probeSchema = z.strictObject({
  at: instant,
  cluster: z.string(),
  node: z.string(),
  release: z.string().describe('As the cluster told it; empty: not known'),
  file: z.string(),
  to: z.string(),
  principal: z.object({ keyId: z.string(), name: z.string() }),
  outcome: z.enum(['works', 'works-as-said', 'fails']),
  evidence: z.array(z.string()).describe('What was done and seen'),
})

export const clusterListSchema = z.strictObject({
  clusters: z.array(z.strictObject(view)),
  problems: z
    .array(placedProblemSchema)
    .describe('Of files of settings that are wrong; their clusters are not in the list'),
})

export const clusterViewSchema = z.strictObject({
  ...view,
  probes: z.array(probeSchema).describe('What probes of publishing found, by node and release'),
})
