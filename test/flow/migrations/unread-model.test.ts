/** A model that the cluster counts and of which nobody can read a phone: a person's word carries it past the pilots. */
import test from 'ava'
import { carryOut } from './carry-out.js'
import { probeAll, rehearsal, startMigration } from './rehearsal.js'

test.serial('a model that cannot be read: by word, and so it stands in the report', async (t) => {
  const setting = await rehearsal(t)
  await probeAll(setting)
  const [unreadable] = (await setting.reports()).filter(({ securityByDefault }) => securityByDefault)
  if (unreadable === undefined) return t.fail('no phone')
  const { device, model } = unreadable
  const { id } = await startMigration(setting, {
    plan: 'tokenless-to-tokens',
    wishes: { tokens: setting.tokens, edits: [] },
  })
  let words = 0
  const { people, daemon } = setting
  const end = await carryOut(
    {
      daemon,
      people: {
        ...people,
        resetAndRead: async (which, file) => {
          const all = await people.resetAndRead(which, file)
          words += 1
          return [
            ...all.filter((reading) => reading.device !== device),
            { device: '*', took: 'unread', model, note: 'a port' },
          ]
        },
      },
    },
    id,
  )
  t.is(end.is, 'ended', 'view' in end ? JSON.stringify(end.view.waits) : '')
  t.is(words, 2, 'at the pilots, and at the reset of all')
  const { phones } = await daemon().desk.report(id)
  const [table] = phones
  t.deepEqual([...new Set(table?.words.map((word) => `${word.took} ${word.model}`))], [`unread ${model}`])
  const row = table?.rows.find((one) => one.model === model)
  t.deepEqual([row?.acceptedByChecksum, row?.acceptedByWord, row?.notObserved], [0, 0, row?.devices])
})
