import test, { type ExecutionContext } from 'ava'
import { composeCtl, type WantedRecord } from '../../daemon/trust/compose/compose-ctl.js'
import { type CertificateFacts, opensslReads, opensslSays } from './openssl-says.js'
import { fieldBytes, type ReadCtl, readCtl, type Tlv } from './read-tlv.js'
import * as tac from './tac-cluster.js'

/** Files built here, read by code that knows only the description of the format, and by openssl. */

type Profile = 'ctl-client' | 'cucm-cli' | 'certutils'

const at = (dnsName: string, last: number) => ({ dnsName, ipAddress: Uint8Array.of(10, 48, 47, last) })
const holders = [tac.firstToken, tac.publisher, tac.capf]
const roles = [0, 2, 4]
const wanted: readonly WantedRecord[] = [
  { certificate: tac.firstToken.der, kind: 'token', function: 0 },
  { certificate: tac.publisher.der, kind: 'server', function: 2, ...at('cucm-1051-a-pub', 153) },
  { certificate: tac.capf.der, kind: 'server', function: 4, ...at('cucm-1051-a-pub', 153) },
]

function build(profile: Profile, digest: 'sha1' | 'sha512' = 'sha1'): Buffer {
  const signer = tac.firstToken
  const draft = composeCtl({ profile, digest, timestamp: 0x54fa0217, signer: signer.der, records: wanted })
  return Buffer.from(tac.signDraft(draft, signer.key, digest))
}

const tags = (fields: readonly Tlv[]): number[] => fields.map(({ tag }) => tag)
const text = (fields: readonly Tlv[], tag: number): string | undefined =>
  fieldBytes(fields, tag)?.toString('utf8')

/** The fields that every profile writes, against the certificate as openssl reads it. */
function checkRecords(t: ExecutionContext, { records }: ReadCtl): CertificateFacts[] {
  t.is(records.length, 3)
  return records.map(({ length, fields, bytes }, index) => {
    const der = holders[index]?.der ?? new Uint8Array()
    const facts = opensslReads(der)
    t.is(length, bytes.length)
    t.is(fieldBytes(fields, 1)?.readUInt16BE(), length)
    t.is(fieldBytes(fields, 4)?.readUInt16BE(), roles[index])
    t.deepEqual(fieldBytes(fields, 7), facts.publicKey)
    t.deepEqual(fieldBytes(fields, 9), Buffer.from(der))
    return facts
  })
}

function checkHeader(t: ExecutionContext, { header, headerLength }: ReadCtl, digest: number): void {
  t.is(headerLength % 4, 0)
  t.deepEqual(fieldBytes(header, 1), Buffer.from([1, 2]))
  t.is(fieldBytes(header, 2)?.readUInt16BE(), headerLength)
  t.deepEqual(fieldBytes(header, 8), Buffer.from([digest]))
  t.deepEqual(fieldBytes(header, 10), Buffer.from([0]))
  t.deepEqual(fieldBytes(header, 11), Buffer.from([1]))
  t.is(fieldBytes(header, 12)?.length, 128)
  t.is(text(header, 14), 'CTLFile.tlv\0')
  t.is(fieldBytes(header, 15)?.readUInt32BE(), 0x54fa0217)
}

/** SIGNERID says what the signer's own record says. */
function checkSigner(t: ExecutionContext, { header, records }: ReadCtl, record = 0): void {
  const fields = records[record]?.fields ?? []
  t.deepEqual(fieldBytes(header, 4), fieldBytes(fields, 3))
  t.deepEqual(fieldBytes(header, 5), fieldBytes(fields, 6))
  t.deepEqual(fieldBytes(header, 6), fieldBytes(fields, 5))
}

const cucmName = (name: string): string => name.split(',').reverse().join(';')

test('every field of a certutils file is where the format has it', (t) => {
  const file = readCtl(build('certutils', 'sha512'))
  checkHeader(t, file, 3)
  checkSigner(t, file)
  t.deepEqual(tags(file.header).slice(0, 14), [1, 2, 28, 3, 4, 6, 5, 7, 8, 9, 10, 11, 12, 14])
  for (const [index, facts] of checkRecords(t, file).entries()) {
    const { fields } = file.records[index] ?? { fields: [] }
    t.deepEqual(tags(fields), [1, 3, 5, 6, 4, 7, 8, 9])
    t.is(fieldBytes(fields, 6)?.toString('hex'), facts.serial)
    t.deepEqual(
      fieldBytes(fields, 8),
      Buffer.from(holders[index]?.der ?? []).subarray(index === 0 ? -256 : -128),
    )
    if (index > 0) t.is(text(fields, 3), `${facts.subject}\0`)
    t.is(text(fields, 5), `${facts.issuer}\0`)
  }
  t.is(text(file.records[0]?.fields ?? [], 3), 'O=Cisco Systems,OU=IPCBU,CN=SAST-ADN008580ef       \\ \0')
  t.is(opensslSays(build('certutils', 'sha512'), tac.firstToken.der, 'sha512'), 'Verified OK')
})

test('every field of a cucm-cli file is where the format has it', (t) => {
  const file = readCtl(build('cucm-cli'))
  checkHeader(t, file, 1)
  checkSigner(t, file)
  t.deepEqual(tags(file.header).slice(0, 13), [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 14])
  for (const [index, facts] of checkRecords(t, file).entries()) {
    const { fields } = file.records[index] ?? { fields: [] }
    t.deepEqual(tags(fields), [1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
    t.is(fieldBytes(fields, 6)?.toString('hex'), facts.serial)
    t.is(text(fields, 2), index === 0 ? '\0' : 'cucm-1051-a-pub\0')
    if (index > 0) {
      t.is(text(fields, 3), `${cucmName(facts.subject)}\0`)
      t.is(text(fields, 5), `${cucmName(facts.issuer)}\0`)
      t.deepEqual(fieldBytes(fields, 10), Buffer.from([10, 48, 47, 153]))
    }
  }
  t.is(opensslSays(build('cucm-cli'), tac.firstToken.der, 'sha1'), 'Verified OK')
})

test('every field of a ctl-client file is where the format has it', (t) => {
  const client = composeCtl({
    profile: 'ctl-client',
    digest: 'sha1',
    timestamp: 0x54fa0217,
    signer: tac.firstToken.der,
    records: wanted.map((record) =>
      'ipAddress' in record && record.ipAddress ? { ...record, dnsName: record.ipAddress.join('.') } : record,
    ),
  })
  const bytes = tac.signDraft(client, tac.firstToken.key, 'sha1')
  const file = readCtl(bytes)
  checkHeader(t, file, 1)
  checkSigner(t, file)
  for (const [index, facts] of checkRecords(t, file).entries()) {
    const { fields } = file.records[index] ?? { fields: [] }
    t.deepEqual(tags(fields), [1, 2, 3, 4, 5, 6, 7, 9, 10])
    if (index === 0) {
      t.is(text(fields, 2), '\0')
      t.is(text(fields, 3), 'cn="SAST-ADN008580ef        ";ou=IPCBU;o="Cisco Systems\0')
      t.is(text(fields, 5), 'cn=Cisco Manufacturing CA;o=Cisco Systems\0')
      const reversed = Buffer.from(facts.serial, 'hex').reverse()
      t.deepEqual(fieldBytes(fields, 6), reversed)
    } else {
      t.is(text(fields, 2), '10.48.47.153\0')
      t.is(text(fields, 3), `${cucmName(facts.subject)}\0`)
      t.is(fieldBytes(fields, 6)?.toString('hex'), facts.serial)
    }
  }
  t.is(opensslSays(bytes, tac.firstToken.der, 'sha1'), 'Verified OK')
})
