/**
 * The settings of clusters, field by field: which nodes there are, what runs on each, how each is asked, and how a
 * file gets onto it. The sample file `systemd/clusters.toml` is generated from the descriptions here; what one field
 * alone cannot be wrong about is in `check-clusters.ts`.
 */
import { z } from 'zod'

const absolutePath = z.string().regex(/^\//, 'must be an absolute path')
const name = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/, 'letters, digits, dots, hyphens and underscores')
const address = z
  .string()
  .max(253)
  .regex(/^[A-Za-z0-9._:-]+$/, 'must be a name or an IP address')
const port = (usual: number) => z.number().int().min(1).max(65535).default(usual)
const sha256 = z
  .string()
  .transform((text) => text.replaceAll(':', '').toLowerCase())
  .pipe(z.string().regex(/^[0-9a-f]{64}$/, 'must be a SHA-256 fingerprint, 64 hex digits'))
const hostKey = z
  .string()
  .regex(/^SHA256:[A-Za-z0-9+/]{43}=?$/, 'must look like SHA256: and what ssh-keygen -lf prints')

/** A password or key is never in the settings: they say where it is. */
export const secretSchema = z
  .union(
    [
      z.strictObject({
        file: absolutePath.describe('A file that only the daemon’s user can read; its first line is taken.'),
      }),
      z.strictObject({
        credential: name.describe('A systemd credential: LoadCredential=NAME:… in the unit.'),
      }),
    ],
    'must be { file = "/path" } or { credential = "name" }',
  )
  .describe('Where a password is kept: { file = "/path" } or { credential = "name" }.')

export const publishingSchema = z.discriminatedUnion('to', [
  z.strictObject({
    to: z.literal('directory').describe('Into a folder of this machine, also a mounted one.'),
    folder: absolutePath.describe('The TFTP root, local or mounted.'),
  }),
  z.strictObject({
    to: z.literal('sftp').describe('Over SFTP to a host.'),
    host: address.optional().describe('Default: the address of the node.'),
    port: port(22).describe('Of SSH.'),
    user: z.string().min(1).describe('Must have the right to write in the folder.'),
    password: secretSchema.optional().describe('Of the user. Either this or private_key.'),
    private_key: secretSchema.optional().describe('An OpenSSH private key. The whole file is taken.'),
    passphrase: secretSchema.optional().describe('Of the private key, where it has one.'),
    host_key: hostKey.optional().describe('Fingerprint of the host key, as ssh-keygen -lf prints it.'),
    folder: absolutePath.describe('The TFTP root on that host.'),
  }),
  z.strictObject({
    to: z.literal('guided').describe('By a person, who is told each click (CUCM).'),
    url: z
      .url()
      .optional()
      .describe('Of OS Administration on the node. Default: https://ADDRESS:8443/cmplatform/ (CUCM).'),
  }),
])

export const nodeSchema = z.strictObject({
  name: name.describe('As the cluster calls it.'),
  address: address.describe('Name or IP address that it is asked at.'),
  runs: z
    .array(z.enum(['publisher', 'tftp', 'tvs', 'callmanager']))
    .min(1)
    .describe('What runs on it. One node is the publisher (CUCM); files are read from those with tftp.'),
  tftp_port: port(69).describe('UDP port of TFTP.'),
  http_port: z
    .number()
    .int()
    .min(0)
    .max(65535)
    .default(6970)
    .describe('HTTP of TFTP; 0 where there is none.'),
  tvs_port: port(2445).describe('TCP port of the Trust Verification Service.'),
  web_port: port(8443).describe('AXL, Control Center and OS Administration.'),
  read: z
    .enum(['tftp', 'http'])
    .default('tftp')
    .describe(
      'How files are read back. Phones use either; the other is tried where this one does not answer.',
    ),
  web_fingerprint: sha256.optional().describe('SHA-256 of the certificate on web_port.'),
  tvs_fingerprint: sha256.optional().describe('SHA-256 of the certificate of TVS.'),
  publishing: publishingSchema.optional().describe('How a file gets onto this node. Default: guided (CUCM).'),
})

export const clusterSchema = z.strictObject({
  name: name.describe('Yours; it stands in commands and URLs.'),
  kind: z
    .enum(['cucm', 'asterisk'])
    .describe('cucm: Cisco Unified Communications Manager. asterisk: with the usecallmanager patches.'),
  release: z
    .string()
    .regex(/^\d{1,2}\.\d{1,2}(\.\d{1,2})?$/, 'such as 10.5.2')
    .optional()
    .describe('Of CUCM. Asked over AXL where it is not given.'),
  nodes: z.array(nodeSchema).min(1).max(64),
  cli: z
    .strictObject({
      port: port(22).describe('Of SSH.'),
      user: z.string().min(1).describe('The platform administrator, or another with privilege level 4.'),
      password: secretSchema.describe('Of that user.'),
      host_key: hostKey
        .optional()
        .describe('Fingerprint of the publisher’s host key, as ssh-keygen -lf prints it.'),
      old_algorithms: z
        .boolean()
        .default(false)
        .describe('Also offer the key exchanges and ciphers of old releases (SHA-1, CBC).'),
    })
    .optional()
    .describe('The command line of the publisher, over SSH.'),
  axl: z
    .strictObject({
      user: z
        .string()
        .min(1)
        .describe(
          'An application user. Roles: Standard CCM Admin Users, Standard AXL API Access, for restarts Standard SERVICEABILITY.',
        ),
      password: secretSchema.describe('Of that user.'),
    })
    .optional()
    .describe('AXL on the publisher and Control Center on every node.'),
  tls: z
    .strictObject({
      ca_file: absolutePath.optional().describe('PEM certificates that those of the nodes must lead to.'),
      oldest: z
        .enum(['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'])
        .default('TLSv1.2')
        .describe('The oldest protocol that is spoken. CUCM before 11.5 needs TLSv1.'),
      weak_keys: z
        .boolean()
        .default(false)
        .describe('Also take RSA keys of 1024 bits and SHA-1. Only together with a fingerprint or ca_file.'),
    })
    .prefault({}),
})

export const clustersSchema = z.strictObject({ clusters: z.array(clusterSchema).default([]) })

export type Clusters = z.output<typeof clustersSchema>['clusters']
export type Secret = z.output<typeof secretSchema>
export type PublishingTarget = z.output<typeof publishingSchema>
export type ClusterNode = z.output<typeof nodeSchema>
export type Cluster = z.output<typeof clusterSchema>
