/** TVS reads a new CTL file late, as on CUCM, and finds a token nowhere else: phones must not be reset before it has. */
import test from 'ava'
import { carryOut } from './carry-out.js'
import { onlyFile } from './files-after.js'
import { countModels, decisions, withoutFile } from './phones-after.js'
import { probeAll, rehearsal, startMigration } from './rehearsal.js'

/** TAC 118893: written 17:07:52, read again 17:10:35. Longer than the whole run. */
const tvsDelay = 3_600_000

for (const axl of [true, false]) {
  test.serial(
    `the revert has TVS read the file before the pilots are reset, ${axl ? 'by Control Center' : 'by a person'}`,
    async (t) => {
      const setting = await rehearsal(t, { tvsPolicy: 'cache', tvsDelay, reach: { axl } })
      await probeAll(setting)
      const { id } = await startMigration(setting, {
        plan: 'tokenless-to-tokens',
        wishes: { tokens: setting.tokens, edits: [] },
      })
      const end = await carryOut(setting, id)
      // Without AXL nobody tells the models, so what a pilot without Security By Default refuses was not expected.
      const wanted = axl ? 'ended' : 'stopped'
      t.is(end.is, wanted, 'view' in end ? JSON.stringify([end.view.current, end.view.stopped]) : '')
      if ('view' in end && !axl) t.regex(end.view.current ?? '', /pilots/)
      const phones = await setting.reports()
      const file = onlyFile(setting)
      if (file === undefined) return t.fail('no file')
      const cannotAsk = phones.filter(({ securityByDefault }) => !securityByDefault)
      t.deepEqual(withoutFile(phones, file), countModels(cannotAsk), decisions(phones))
    },
  )
}
