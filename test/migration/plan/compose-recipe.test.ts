import { createHash } from 'node:crypto'
import test from 'ava'
import { decodeCtlFile } from '../../../daemon/ctl/ctl-file.js'
import { timestampOf } from '../../../daemon/ctl/header-fields.js'
import { certificateOf, functionOf } from '../../../daemon/ctl/record-fields.js'
import { composeRecipe, type Ingredients } from '../../../daemon/migration/plan/compose-recipe.js'
import type { CtlRecipe } from '../../../daemon/migration/plan/plan.js'
import type { Situation } from '../../../daemon/migration/situation/situation.js'
import * as tac from '../../trust/tac-cluster.js'
import { tokenless, withTokens } from '../../trust/tac-files.js'

const sum = (der: Uint8Array) => createHash('sha256').update(der).digest('hex')
const holders = [tac.firstToken, tac.secondToken, tac.publisher, tac.subscriber, tac.capf, tac.newPublisher]
const tokens = [tac.firstToken, tac.secondToken].map(({ der }, index) => ({
  serial: `T${index + 1}`,
  label: '',
  isPluggedIn: true,
  certificate: der,
  sha256: sum(der),
  isCiscos: true,
}))
const situation = { nodes: [], tokens } as unknown as Situation

const ingredients = (base: Uint8Array | 'none', changes: Partial<Ingredients> = {}): Ingredients => ({
  base,
  release: '10.5.2',
  situation,
  certificate: (wanted) => holders.find(({ der }) => sum(der) === wanted)?.der,
  at: new Date('2026-11-25T04:00:00Z'),
  ...changes,
})

const recipe = (changes: Partial<CtlRecipe> = {}): CtlRecipe => ({
  base: 'before',
  mode: 'token',
  signer: sum(tac.secondToken.der),
  sast: [sum(tac.firstToken.der), sum(tac.secondToken.der)],
  edits: [],
  ...changes,
})

/** Role and certificate of each record, in order. */
const rows = (draft: Uint8Array) =>
  decodeCtlFile(draft).records.map((record) => {
    const der = certificateOf(record)
    const index = holders.findIndex((holder) => der !== undefined && sum(holder.der) === sum(der))
    return `${functionOf(record)} ${['first', 'second', 'publisher', 'subscriber', 'capf', 'renewed'][index] ?? 'none'}`
  })

test('tokenless to tokens: the servers stay, the tokens come, the signer is first, and it has the printed size', (t) => {
  const draft = composeRecipe(recipe(), ingredients(tokenless().signed))
  t.deepEqual(rows(draft), ['0 second', '0 first', '2 publisher', '4 capf', '2 subscriber'])
  // TAC 118893 prints 5728 for the file of two tokens.
  t.is(draft.length, 5728)
  t.is(withTokens(tac.secondToken).signed.length, 5728)
})

test('the same ingredients give the same bytes', (t) => {
  const make = () => composeRecipe(recipe(), ingredients(tokenless().signed))
  t.deepEqual(make(), make())
})

test('its time is now, and never before that of the file it replaces', (t) => {
  const at = new Date('2001-01-01T00:00:00Z')
  const base = tokenless().signed
  const stamp = (draft: Uint8Array) => timestampOf(decodeCtlFile(draft))
  t.is(stamp(composeRecipe(recipe(), ingredients(base))), Date.parse('2026-11-25T04:00:00Z') / 1000)
  t.is(stamp(composeRecipe(recipe(), ingredients(base, { at }))), (timestampOf(decodeCtlFile(base)) ?? 0) + 1)
})

test('an update keeps what it does not change byte for byte', (t) => {
  const base = withTokens(tac.secondToken).signed
  const draft = composeRecipe(recipe({ mode: 'keep', sast: [] }), ingredients(base))
  const [before, after] = [base, draft].map((bytes) => decodeCtlFile(bytes).records)
  const sorted = (records: typeof before) => records?.map((record) => JSON.stringify(record)).sort()
  t.deepEqual(sorted(after), sorted(before))
})

test('edits: a certificate goes, another takes its place, and an address changes', (t) => {
  const base = withTokens(tac.secondToken).signed
  const draft = composeRecipe(
    recipe({
      mode: 'keep',
      sast: [],
      edits: [
        { edit: 'remove', certificate: sum(tac.capf.der) },
        { edit: 'replace', certificate: sum(tac.publisher.der), by: sum(tac.newPublisher.der) },
        { edit: 'address', certificate: sum(tac.subscriber.der), address: '10.1.2.3' },
      ],
    }),
    ingredients(base),
  )
  t.deepEqual(rows(draft).sort(), ['0 first', '0 second', '2 renewed', '2 subscriber'].sort())
  t.true(Buffer.from(draft).includes(Buffer.from('10.1.2.3\0')))
  t.false(Buffer.from(draft).includes(Buffer.from('10.48.47.154\0')))
})

test('edits: a server is added with its address', (t) => {
  const base = withTokens(tac.secondToken).signed
  const added = {
    edit: 'add',
    function: 2,
    certificate: sum(tac.newPublisher.der),
    address: '10.1.2.4',
  } as const
  const draft = composeRecipe(recipe({ mode: 'keep', sast: [], edits: [added] }), ingredients(base))
  t.true(rows(draft).includes('2 renewed'))
  t.true(Buffer.from(draft).includes(Buffer.from('10.1.2.4\0')))
})

test('a bridge: the servers stand as SAST beside the tokens, whose file it is', (t) => {
  const base = withTokens(tac.secondToken).signed
  const sast = [tac.firstToken, tac.secondToken, tac.publisher].map(({ der }) => sum(der))
  const draft = composeRecipe(recipe({ mode: 'keep', sast }), ingredients(base))
  t.true(rows(draft).includes('0 publisher'))
  t.true(rows(draft).includes('2 publisher'))
})

test('a certificate that nobody knows is told by its checksum, and nothing is made', (t) => {
  const stranger = sum(Uint8Array.of(1))
  t.throws(() => composeRecipe(recipe({ signer: stranger }), ingredients(tokenless().signed)), {
    code: 'CERTIFICATE_UNKNOWN',
    message: new RegExp(stranger),
  })
})
