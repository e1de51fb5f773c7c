import test from 'ava'
import { compositionSchema } from '../../daemon/http/schemas/ctl-schemas.js'
import { makeServerCertificate } from '../../demo/server-certificate.js'
import { type Ask, ask, type Bench, setUpBench } from '../flow/bench.js'
import { fieldBytes, readCtl } from '../trust/read-tlv.js'

let bench: Bench
test.before(async () => {
  bench = await setUpBench()
})
test.after.always(() => bench?.close())

const base = (): string => Buffer.from(bench.tokenless).toString('base64')
const compose = (json: unknown, headers: Ask['headers'] = { Accept: 'application/json' }) =>
  ask(bench.daemon.url, '/v1/ctl/compose', { key: bench.daemon.key, method: 'POST', json, headers })
const kept = (...records: number[]) => records.map((record) => ({ from: 'base', record, layout: 'own' }))
const newCertificate = async (name: string): Promise<string> =>
  Buffer.from((await makeServerCertificate(name)).der).toString('base64')

test('records keep their bytes, and a certificate, name and address are replaced in place', async (t) => {
  const certificate = await newCertificate('CAPF-new')
  const { status, json } = await compose({
    base: base(),
    keepHeader: true,
    records: [
      ...kept(4, 1),
      { from: 'base', record: 3, layout: 'own', replace: { certificate } },
      { from: 'base', record: 2, layout: 'own', host: 'new-name', ipAddress: '10.0.0.9' },
    ],
  })
  t.is(status, 200)
  t.true(compositionSchema.safeParse(json).success)
  const before = readCtl(bench.tokenless).records
  const after = readCtl(Buffer.from(json.file, 'base64')).records
  t.deepEqual(after[0]?.bytes, before[3]?.bytes)
  t.deepEqual(after[1]?.bytes, before[0]?.bytes)
  t.truthy(fieldBytes(after[2]?.fields ?? [], 8))
  t.is(fieldBytes(after[2]?.fields ?? [], 9)?.toString('base64'), certificate)
  t.is(fieldBytes(after[3]?.fields ?? [], 2)?.toString(), 'new-name\0')
  t.deepEqual(
    json.records.map(({ was, change, fields }: { was: number; change: string; fields: string[] }) =>
      [was, change, ...fields].join(' '),
    ),
    [
      '4 kept',
      '1 kept',
      '3 changed SUBJECTNAME ISSUERNAME SERIALNUMBER PUBLICKEY SIGNATURE CERTIFICATE',
      '2 changed DNSNAME IPADDRESS',
    ],
  )
  t.true(json.records[1].signs)
})

test('without an Accept header the answer is the file, as before', async (t) => {
  const request = {
    base: base(),
    profile: 'cucm-cli',
    records: kept(1, 2),
    timestamp: '2016-01-01T00:00:00Z',
  }
  const { headers, bytes } = await compose(request, {})
  t.is(fieldBytes(readCtl(bytes).header, 14)?.toString(), 'CTLFile.tlv\0')
  t.is(headers['content-type'], 'application/octet-stream')
  const { json } = await compose(request)
  t.is(json.file, bytes.toString('base64'))
  t.is(json.length, bytes.length)
})

test('release and mode put the tokens first, the one that was named as signer at their head', async (t) => {
  const [first, second] = bench.tokens
  const { json } = await compose({
    base: base(),
    release: '10.5(1)',
    mode: 'token',
    signer: { token: second.serial },
    records: [
      ...[2, 3, 4].map((record) => ({ from: 'base', record })),
      { from: 'token', token: first.serial },
      { from: 'token', token: second.serial },
    ],
  })
  t.deepEqual(
    json.records.slice(0, 5).map((row: { function: number; signs: boolean }) => [row.function, row.signs]),
    [
      [0, true],
      [0, false],
      [2, false],
      [4, false],
      [2, false],
    ],
  )
  t.deepEqual(
    json.findings.map(({ code }: { code: string }) => code),
    ['SIGNER_NEW', 'SAST_DROPPED'],
  )
})

test('non-secure makes stubs, and the signer may be a record of the base', async (t) => {
  const { json } = await compose({
    base: base(),
    mode: 'non-secure',
    signer: { record: 1 },
    records: [1, 2, 3].map((record) => ({ from: 'base', record })),
  })
  t.deepEqual(
    readCtl(Buffer.from(json.file, 'base64')).records.map(({ fields }) =>
      fields.map(({ tag }) => tag).join(' '),
    ),
    ['1 2 3 4 5 6 7 9 10', '1 2 4 10', '1 2 3 4 5 6 7 9 10'],
  )
})

test('a certificate that is a token’s is written as tokens are', async (t) => {
  const certificate = await newCertificate('elsewhere')
  const { json } = await compose({
    signer: { certificate },
    records: [{ from: 'certificate', certificate, function: 0, holder: 'token' }],
  })
  const [record] = readCtl(Buffer.from(json.file, 'base64')).records
  t.regex(fieldBytes(record?.fields ?? [], 3)?.toString() ?? '', /^cn=elsewhere;/)
})

test('what is inconsistent is a problem with its code and place', async (t) => {
  const certificate = await newCertificate('twice')
  const twice = { from: 'certificate', certificate, function: 3, host: 'a', ipAddress: '10.0.0.1' }
  const usual = { base: base(), profile: 'cucm-cli' }
  const cases = [
    [{ ...usual, records: [...kept(1), twice, twice] }, 'CTL_RECORD_DUPLICATE', { record: 3 }],
    [{ ...usual, records: kept(2, 3) }, 'CTL_SIGNER_MISSING', { record: 1 }],
    [{ ...usual, records: kept(1, 9) }, 'CTL_NOT_ENCODABLE', { record: 2 }],
    [{ ...usual, signer: { record: 9 }, records: kept(1) }, 'CTL_NOT_ENCODABLE', { record: 9 }],
    [{ ...usual, records: kept(1), release: '14', mode: 'token', force: true }, 'CTL_RELEASE_RULE', {}],
    [{ ...usual, records: kept(1), release: '12.5', mode: 'tokenless' }, 'CTL_RELEASE_RULE', {}],
    [{ ...usual, records: kept(1), release: '12.5' }, 'BODY_INVALID', undefined],
    [{ ...usual, records: kept(1), mode: 'token' }, 'BODY_INVALID', undefined],
    [{ ...usual, records: [{ from: 'base', record: 1, layout: 'both' }] }, 'BODY_INVALID', undefined],
  ] as const
  for (const [body, code, place] of cases) {
    const { status, json } = await compose(body)
    t.is(status, 422, code)
    t.is(json.code, code)
    if (place !== undefined) t.deepEqual(json.at, place)
  }
  const forced = await compose({ ...usual, force: true, records: [...kept(1), twice, twice] })
  t.is(forced.status, 200)
})
