/** A probe over the API of a node that a person uploads to. */
import { createHash } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'ava'
import { probeReportSchema } from '../../daemon/http/schemas/publication-schemas.js'
import { startPbx, writeClusters } from '../cluster/a-pbx.js'
import { ask, setUpBench } from '../flow/bench.js'
import { tacFile } from '../vectors/tac-files.js'

const tokens = tacFile('token-signed')
const tokenless = tacFile('tokenless')
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

test('a guided probe gives a number, and takes no other for the upload', async (t) => {
  const bench = await setUpBench()
  t.teardown(() => bench.close())
  const pbx = await startPbx()
  t.teardown(() => pbx.stop())
  const call = (path: string, method = 'GET') =>
    ask(bench.daemon.url, path, { key: bench.daemon.key, method })
  const post = (path: string) => call(path, 'POST')
  // As of a CUCM whose publisher serves the folder of `first`, to which a person uploads.
  const [first] = pbx.settings.nodes as { tftp_port: number }[]
  const runs = ['publisher', 'tftp']
  const node = { name: 'pub', address: '127.0.0.1', runs, tftp_port: first?.tftp_port, http_port: 0 }
  await writeClusters(bench.folder, { name: 'krakow', kind: 'cucm', nodes: [node] }, pbx.settings)
  await writeFile(join(pbx.first, 'CTLFile.tlv'), tokens)
  const probe = (query: string) => post(`/v1/clusters/krakow/probe?node=pub${query}`)
  const asked = await probe('')
  t.is(probeReportSchema.safeParse(asked.json).error, undefined)
  t.like(asked.json, { outcome: 'guided', sha256: sha256(tokens) })
  const { kept } = asked.json
  const bytes = await call(`/v1/clusters/krakow/files/${kept}?which=published`)
  t.deepEqual(bytes.bytes, Buffer.from(tokens))

  for (const said of ['', 'true', '-1', '1e3']) {
    t.like((await probe(`&uploaded=${said}`)).json, { code: 'BODY_INVALID', status: 422 }, said)
  }
  t.like((await probe('&uploaded=999999')).json, { code: 'PUBLISH_ENTRY_UNKNOWN', status: 404 })
  const other = await post(`/v1/clusters/pbx/probe?uploaded=${kept}`)
  t.like(other.json, { code: 'PUBLISH_ENTRY_UNKNOWN', status: 404 })

  await writeFile(join(pbx.first, 'CTLFile.tlv'), tokenless)
  const wrong = await probe(`&uploaded=${kept}`)
  t.is(probeReportSchema.safeParse(wrong.json).error, undefined)
  t.like(wrong.json, { outcome: 'fails', kept, problem: { code: 'PUBLISH_WRONG_FILE' } })
  for (const file of [tokens, tokenless]) t.true(wrong.json.problem.detail.includes(sha256(file)))
  await writeFile(join(pbx.first, 'CTLFile.tlv'), tokens)
  t.like((await probe(`&uploaded=${kept}`)).json, { outcome: 'works-as-said' })
  t.like((await probe(`&uploaded=${kept}`)).json, { code: 'PUBLISH_PROBE_OVER', status: 409 })
})
