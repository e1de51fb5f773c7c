/** The whole revert on a lab, and the whole way back from it: files, phones and what others may do meanwhile. */
import { createHash } from 'node:crypto'
import test from 'ava'
import type { MigrationView } from '../../../daemon/migration/desk/migrations.js'
import { carryOut } from '../../flow/migrations/carry-out.js'
import { onlyFile, signerOf } from '../../flow/migrations/files-after.js'
import { withoutFile } from '../../flow/migrations/phones-after.js'
import { anna, probeAll, rehearsal, startMigration } from '../../flow/migrations/rehearsal.js'

const phases = ({ steps }: MigrationView): string => [...new Set(steps.map(({ phase }) => phase))].join(' ')

test('tokenless to tokens, then back: the same bytes, and the phones as foretold', async (t) => {
  const setting = await rehearsal(t, { publishing: 'both' })
  const { running, tokens } = setting
  const { desk } = setting.daemon()
  const before = onlyFile(setting)
  if (before === undefined) return t.fail('the lab serves no file')
  await probeAll(setting)

  const wanted = { plan: 'tokenless-to-tokens', wishes: { tokens, edits: [] } } as const
  const planned = await desk.plan({ ...wanted, cluster: running.lab.name })
  const refusing = planned.prediction.filter(({ acceptance }) => acceptance.answer === 'refuses')
  t.is(planned.prediction.length, 9)
  t.deepEqual(onlyFile(setting), before, 'a plan changes nothing')

  const started = await startMigration(setting, wanted)
  await t.throwsAsync(startMigration(setting, wanted), { code: 'MIGRATION_OPEN' })
  const there = await carryOut(setting, started.id)
  if (!('view' in there)) return t.fail('the daemon has ended')
  t.is(there.view.state, 'done', JSON.stringify(there.view.stopped))
  t.is(phases(there.view), 'done')
  const after = onlyFile(setting)
  if (after === undefined) return t.fail('the nodes serve no file')
  t.is(signerOf(setting, after), 'token')
  t.deepEqual(
    Object.keys(withoutFile(await setting.reports(), after)).sort(),
    refusing.map(({ model }) => model).sort(),
    'who was foretold to refuse has refused, and nobody else',
  )
  const [table] = (await desk.report(started.id)).phones
  t.deepEqual(
    table?.rows.map(({ model, acceptedByChecksum, refused, notObserved }) => [
      model,
      acceptedByChecksum + refused,
      notObserved,
    ]),
    planned.prediction.map(({ model }) => [model, 1, 0]),
    'each phone is counted once, under its model',
  )
  const kept = there.view.files.find(
    ({ name }) => name === `before/${running.lab.publisher.name}/CTLFile.tlv`,
  )
  t.is(kept?.sha256, createHash('sha256').update(before).digest('hex'))

  const foreseen = await desk.planRollback(started.id)
  t.true('steps' in foreseen.plan, JSON.stringify(foreseen.plan))
  const back = await desk.rollback(anna, started.id)
  t.is(back.rollbackOf, started.id)
  const returned = await carryOut(setting, back.id)
  if (!('view' in returned)) return t.fail('the daemon has ended')
  t.is(returned.view.state, 'done', JSON.stringify([returned.view.stopped, returned.view.waits]))
  t.deepEqual(onlyFile(setting), before, 'every node serves the bytes from before')
  for (const { name } of running.lab.nodes) {
    const kept = `before/${name}/CTLFile.tlv`
    t.true(returned.view.files.some((file) => file.name === kept))
    const given = await desk.file(back.id, kept)
    t.deepEqual(
      Buffer.from(given as Uint8Array),
      Buffer.from(before),
      'by this name the way back gives out what it awaits',
    )
  }
  t.is((await desk.get(started.id)).state, 'rolled-back')
  t.deepEqual(withoutFile(await setting.reports(), before), {}, 'every phone holds the file from before')
  await t.throwsAsync(desk.rollback(anna, started.id), { code: 'MIGRATION_ENDED' })
})
