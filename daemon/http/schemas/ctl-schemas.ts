/** The shapes of `/v1/ctl`. */
import { z } from 'zod'
import { recordProfileNames } from '../../ctl/record-profiles.js'
import { compositionModes } from '../../trust/compose/arrange-sast.js'
import { parseRelease, rulesOf } from '../../trust/verify/sast-by-release.js'
import { base64, certificateFacts, digest, hex, host, instant, ipAddress, serial } from './shared-schemas.js'

export const findingSchema = z.object({
  code: z.string().describe('A problem code for an error, else one of docs/findings.md'),
  severity: z.enum(['error', 'warning', 'info']),
  record: z.int().optional().describe('From 1'),
  tag: z.int().optional(),
  offset: z.int().optional().describe('Bytes from the start of the file'),
  detail: z.string(),
  remedy: z.string(),
})

export const signerSchema = z.object({
  record: z.int().describe('Number of the SAST record that signed, from 1'),
  subject: z.string(),
  issuer: z.string(),
  serial: z.string(),
  certificateSha256: hex(32),
  keyBits: z.int(),
})

export const verdictSchema = z.strictObject({
  verdict: z.enum(['valid', 'invalid']),
  passed: z.boolean().describe('Valid; with `strict` also without warnings'),
  problem: z
    .object({ code: z.string(), detail: z.string(), at: z.record(z.string(), z.number()) })
    .optional()
    .describe('The first error'),
  signer: signerSchema.optional(),
  digest: digest.optional(),
  chains: z
    .array(
      z.object({
        record: z.int(),
        chain: z.enum(['root', 'self-signed', 'issuer-not-given', 'broken', 'not-checked']),
        rootSha256: hex(32).optional(),
      }),
    )
    .optional()
    .describe('There when roots were given'),
  findings: z.array(findingSchema).describe('Errors first, then warnings, then infos'),
})

/** A switch: `?long`, `?long=true`. */
const querySwitch = z.stringbool({ truthy: ['true', '1', ''], falsy: ['false', '0'] }).default(false)

/** Query parameters of `/v1/ctl/inspect`. */
export const inspectQuerySchema = z.strictObject({ long: querySwitch, zone: z.string().optional() })

/** Query parameters of `/v1/ctl/verify`. */
export const verifyQuerySchema = z.strictObject({
  at: z
    .union([z.iso.datetime({ offset: true }), z.iso.date()], 'an ISO 8601 time or day')
    .optional()
    .transform((text) => (text === undefined ? undefined : new Date(text))),
  release: z
    .string()
    .max(40)
    .optional()
    .transform((text, context) => {
      if (text === undefined) return undefined
      const release = parseRelease(text)
      const rules = release && rulesOf(release)
      if (rules === undefined) {
        context.addIssue({ code: 'custom', message: 'not a CUCM release from 8.0 on, like 10.5(2)' })
      }
      return rules
    }),
  strict: querySwitch,
})

/** The file together with certificates that are trusted as issuers. */
export const verifyRequestSchema = z.strictObject({
  file: base64.describe('The CTL or ITL'),
  roots: z.array(base64.describe('DER')).max(100).optional().describe('Certificates to trust as issuers'),
})

const fieldSchema = z.strictObject({
  tag: z.int(),
  name: z.string().describe('As `show ctl` prints it; UNKNOWN for a tag that no document names'),
  offset: z.int().describe('Of the tag byte, from the start of the file'),
  length: z.int().describe('Of the value'),
  within: z.int().optional().describe('Tag of the container'),
  hex: z.string().optional().describe('The bytes of an unknown tag'),
})

const recordNumbers = z.array(z.int())

const certificateSchema = z.object({
  length: z.int().describe('Bytes'),
  ...certificateFacts,
  chain: z
    .strictObject({
      selfSigned: z.boolean(),
      issuedBy: recordNumbers.describe('Records with another certificate whose key made the signature'),
      sameNameOnly: recordNumbers.describe('Records with the issuer’s name and another key'),
    })
    .optional()
    .describe('Where the certificate stands among those of the file; trust is not judged'),
})

const recordSchema = z.strictObject({
  number: z.int().describe('From 1, as `show ctl` counts'),
  offset: z.int().describe('Bytes from the start of the file'),
  length: z.int(),
  function: z.int(),
  functionName: z.string(),
  dnsName: z.string().optional(),
  subject: z.string().optional(),
  issuer: z.string().optional(),
  serial: z.string().optional().describe('In the byte order of the record'),
  ipAddress: z.string().optional(),
  publicKeyBytes: z.int().optional(),
  serialOrder: z
    .enum(['certificate', 'reversed', 'other'])
    .optional()
    .describe('How the serial stands to the certificate’s'),
  certificate: certificateSchema.optional(),
  certificateProblem: z.object({ code: z.string(), detail: z.string() }).optional(),
  unknownTags: z.array(z.int()),
  fields: z.array(fieldSchema).describe('In the order of the record, without RECORDLENGTH'),
  signedTheFile: z.boolean().describe('Whether the header names this SAST record'),
})

export const descriptionSchema = z.strictObject({
  length: z.int().describe('Bytes'),
  kind: z.enum(['ctl', 'itl', 'unknown']).describe('By FILENAME'),
  md5: hex(16),
  sha1: hex(20),
  sha256: hex(32),
  version: z.string(),
  headerLength: z.int(),
  signerVersion: z.string().optional().describe('Tag 28, written by certutils'),
  signer: z.object({
    name: z.string(),
    serial: z.string(),
    issuer: z.string(),
    record: z.int().optional().describe('The first SAST record that the header names'),
  }),
  digest,
  digestCode: z.int(),
  modulusCode: z.int(),
  signatureLength: z.int(),
  unsigned: z.boolean().describe('A composed file that nobody signed yet'),
  verified: z.boolean().describe('Whether /v1/ctl/verify says valid'),
  fileName: z.string().optional(),
  timestamp: instant.optional(),
  fields: z.array(fieldSchema).describe('Of the header, in their order'),
  records: z.array(recordSchema),
})

export const diffRequestSchema = z.strictObject({
  old: base64.describe('What is there now; an empty text where there is no file'),
  new: base64.describe('What would take its place; an empty text where there is no file'),
})

const fileSummarySchema = z.strictObject({
  length: z.int().describe('Bytes'),
  sha256: hex(32),
  records: z.int(),
  signer: z.strictObject({
    name: z.string(),
    serial: z.string(),
    issuer: z.string(),
    record: z.int().optional().describe('Number of its first SAST record, from 1'),
    certificateSha256: hex(32).optional(),
  }),
  digest,
  unsigned: z.boolean(),
  fileName: z.string().optional(),
  timestamp: instant.optional(),
})

const fieldDifferenceSchema = z.strictObject({
  tag: z.int(),
  name: z.string(),
  old: z.string().optional().describe('As text; long bytes by length and SHA-256. Absent: no such field'),
  new: z.string().optional(),
})

export const diffSchema = z.strictObject({
  extent: z
    .enum(['nothing', 'signature', 'header', 'records'])
    .describe('How far the files differ; `signature`: what is signed is the same'),
  summary: z.array(z.string()).describe('Sentences, what matters most first'),
  old: fileSummarySchema.nullable().describe('Null: no file'),
  new: fileSummarySchema.nullable(),
  header: z.array(fieldDifferenceSchema),
  headerReordered: z.boolean(),
  records: z
    .array(
      z.strictObject({
        change: z.enum(['added', 'removed', 'changed', 'moved']),
        oldNumber: z.int().optional().describe('From 1'),
        newNumber: z.int().optional(),
        moved: z.boolean(),
        function: z.int(),
        functionName: z.string(),
        subject: z.string().optional(),
        dnsName: z.string().optional(),
        oldCertificateSha256: hex(32).optional(),
        newCertificateSha256: hex(32).optional(),
        fields: z.array(fieldDifferenceSchema),
        reordered: z.boolean(),
      }),
    )
    .describe('Records that differ, in the order of the new file, those that are gone last'),
})

const fromToken = z.strictObject({
  token: serial,
  certificate: hex(32).optional().describe('Which certificate; may be left out when one may sign'),
})
const fromBytes = z.strictObject({ certificate: base64.describe('DER') })

const composeRecordSchema = z.discriminatedUnion('from', [
  z.strictObject({
    from: z.literal('base'),
    record: z.int().min(1).describe('Number of the record in the base, from 1'),
    layout: z
      .enum(['own', 'profile'])
      .default('profile')
      .describe('`own`: nothing but what is asked changes; `profile`: laid out in the profile'),
    replace: z.union([fromToken, fromBytes]).optional().describe('The certificate it is to hold'),
    host: host.optional().describe('Replaces DNSNAME'),
    ipAddress: ipAddress.optional().describe('Replaces IPADDRESS, and DNSNAME where it was an address'),
  }),
  z.strictObject({ from: z.literal('token'), ...fromToken.shape, ipAddress: ipAddress.optional() }),
  z.strictObject({
    from: z.literal('certificate'),
    ...fromBytes.shape,
    function: z.int().min(0).max(65535),
    holder: z
      .enum(['token', 'server'])
      .default('server')
      .describe('Whose it is: the CTL Client writes the names and serials of tokens in a way of its own'),
    host: host.optional(),
    ipAddress: ipAddress.optional(),
  }),
  z.strictObject({
    from: z.literal('stub'),
    function: z.int().min(0).max(65535).default(2),
    host,
    ipAddress,
  }),
])

export const composeRequestSchema = z
  .strictObject({
    base: base64.optional().describe('The CTL whose records are kept'),
    profile: z
      .enum(recordProfileNames)
      .optional()
      .describe('How records are laid out. Left out: as in the base with keepHeader, else `ctl-client`'),
    keepHeader: z
      .boolean()
      .default(false)
      .describe('Keep the order, the padding and the further fields of the base’s header'),
    digest: z
      .enum(['sha1', 'sha512'])
      .optional()
      .describe('Left out: the one of the base with keepHeader, else `sha1`'),
    timestamp: instant.optional().describe('Now, if left out'),
    fileName: z
      .string()
      .min(1)
      .max(200)
      .optional()
      .describe('Left out: the one of the base with keepHeader, else `CTLFile.tlv`'),
    signer: z
      .union([fromToken, fromBytes, z.strictObject({ record: z.int().min(1) })])
      .optional()
      .describe(
        'By token, certificate, or record of the base. Left out: the first SAST of the release, the signer of the base, or the first SAST',
      ),
    release: z.string().min(1).max(40).optional().describe('CUCM release whose SAST records are asked for'),
    mode: z
      .enum(compositionModes)
      .optional()
      .describe('The kind of file; `non-secure` makes stubs of CCM, CCM+TFTP and TFTP records'),
    force: z
      .boolean()
      .default(false)
      .describe('Compose in spite of CTL_RECORD_DUPLICATE, CTL_OVER_CEILING and an unmet CTL_RELEASE_RULE'),
    records: z.array(composeRecordSchema).min(1).max(256),
  })
  .refine(({ release, mode }) => release === undefined || mode !== undefined, {
    path: ['mode'],
    message: 'is needed with release',
  })
  .refine(({ release, mode }) => release !== undefined || mode === undefined || mode === 'non-secure', {
    path: ['release'],
    message: 'is needed with this mode',
  })
export type ComposeRequest = z.output<typeof composeRequestSchema>

export const compositionSchema = z.strictObject({
  file: z.base64().describe('The composed file, with a signature of zeros'),
  length: z.int().describe('Bytes'),
  sha256: hex(32),
  records: z.array(
    z.strictObject({
      number: z.int().optional().describe('In the new file, from 1; absent when it is removed'),
      was: z.int().optional().describe('In the base, from 1; absent when it is new'),
      change: z.enum(['kept', 'changed', 'laid out', 'new', 'removed']),
      fields: z.array(z.string()).describe('Which fields are other ones, came or went'),
      function: z.int(),
      functionName: z.string(),
      length: z.int().describe('Bytes'),
      name: z.string().describe('SUBJECTNAME, or DNSNAME of a server without certificate'),
      ipAddress: z.string().optional(),
      signs: z.boolean(),
    }),
  ),
  findings: z.array(findingSchema),
})
