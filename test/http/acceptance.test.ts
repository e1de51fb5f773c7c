import test from 'ava'
import { acceptanceSchema } from '../../daemon/http/schemas/acceptance-schemas.js'
import { ask, type Bench, setUpBench } from '../flow/bench.js'
import { byTokens, draftOf, signedFile, tokenless } from '../trust/acceptance-files.js'
import * as tac from '../trust/tac-cluster.js'

let bench: Bench
test.before(async () => {
  bench = await setUpBench()
})
test.after.always(() => bench?.close())

const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64')
const predict = (json: Record<string, unknown>) =>
  ask(bench.daemon.url, '/v1/ctl/acceptance', { key: bench.daemon.key, method: 'POST', json })

test.serial('a daemon tells which classes take a file', async (t) => {
  const { status, json } = await predict({
    installed: base64(signedFile(tokenless)),
    new: base64(signedFile(byTokens)),
    tvs: [base64(tac.firstToken.der)],
  })
  t.is(status, 200)
  t.is(acceptanceSchema.safeParse(json).error, undefined)
  t.false(json.draft)
  t.deepEqual(
    json.answers.map((one: Record<string, string>) => [one.class, one.answer, one.reason]),
    [
      ['security-by-default', 'accepts-through-tvs', 'TVS_VOUCHES'],
      ['no-security-by-default', 'refuses', 'NO_SECURITY_BY_DEFAULT'],
      ['unknown', 'unknown', 'CLASS_NOT_KNOWN'],
    ],
  )
})

test.serial(
  'none stands for no file, a draft is answered as one, bytes that are no CTL are refused by phones',
  async (t) => {
    const first = await predict({ installed: 'none', itl: 'none', new: base64(draftOf(byTokens)) })
    t.true(first.json.draft)
    t.true(first.json.answers.every(({ reason }: { reason: string }) => reason === 'FIRST_FILE'))
    const nonsense = await predict({ installed: 'none', new: base64(Uint8Array.of(1, 2, 3)) })
    t.is(nonsense.status, 200)
    t.true(nonsense.json.answers.every(({ reason }: { reason: string }) => reason === 'NEW_FILE_WRONG'))
  },
)

test.serial('a body of another shape is refused with its place', async (t) => {
  const { status, json } = await predict({ installed: 'none', new: 'not base64!' })
  t.is(status, 422)
  t.like(json, { code: 'BODY_INVALID', at: { pointer: '/new' } })
})
