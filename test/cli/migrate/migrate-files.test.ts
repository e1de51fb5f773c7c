/** The files, the way back and the report of a migration, and the help. */
import { readFile } from 'node:fs/promises'
import test from 'ava'
import { scriptedAnswer, scriptedView } from '../../http/scripted-migrations.js'
import { tacFile } from '../../vectors/tac-files.js'
import { runCommand } from '../run-command.js'
import { at, closeServer, migrate, openServer, server } from './migrate-bench.js'

test.beforeEach(openServer)
test.afterEach.always(closeServer)

test.serial('file: what is to be uploaded now, what was before, and "no file" writes nothing', async (t) => {
  const [before, after] = [tacFile('tokenless'), tacFile('token-signed')]
  server.files.set('new', after)
  server.files.set('before/pub/CTLFile.tlv', before)
  server.files.set('before/sub/CTLFile.tlv', 'none')
  server.put(scriptedView(4))
  const out = at('out.tlv')
  t.is((await migrate('file', '--out', out)).code, 0)
  t.deepEqual(await readFile(out), Buffer.from(after))
  t.is((await migrate('file', '--before', '--node', 'pub', '--out', out)).code, 0)
  t.deepEqual(await readFile(out), Buffer.from(before))
  const none = await migrate('file', '--before', '--node', 'sub', '--out', out)
  t.is(none.code, 4)
  t.regex(none.stderr, /There was no file on the node/)
  t.deepEqual(await readFile(out), Buffer.from(before), 'what lay there lies there still')
  t.is((await migrate('file', '--before', '--out', out)).code, 2)
  t.is((await migrate('file')).code, 2)
})

test.serial('rollback: shown first, refused where there is none, begun once it is confirmed', async (t) => {
  server.put(scriptedView(4, { state: 'stopped' }))
  const dry = await migrate('rollback', '--dry-run')
  t.is(dry.code, 0)
  t.regex(dry.stdout, /refuses/)
  t.is((await migrate('rollback')).code, 2)
  t.deepEqual(server.story, [])
  const back = await migrate('rollback', '--yes', '--detach')
  t.is(back.code, 0, back.stderr)
  t.regex(back.stdout, /^ {2}back +from migration k7f2$/m)
  t.deepEqual(server.story, ['rollback ann k7f2'])
  server.answer({
    ...scriptedAnswer,
    prediction: scriptedAnswer.prediction.map((row) => ({ ...row, devices: undefined })),
  })
  t.regex(
    (await migrate('rollback', 'k7f2', '--dry-run')).stdout,
    /^ {2}\? +Cisco 7960 +before/m,
    'nobody counted them',
  )
  const barred = { id: 'rollback', impossible: 'A new key is in place.', instead: 'Go on.' } as const
  server.answer({ plan: barred, findings: [], prediction: [] })
  t.is((await migrate('rollback', 'k7f2', '--yes')).code, 4)
  t.is(server.story.length, 1)
})

test.serial('report: text, JSON, or one page written whole', async (t) => {
  server.put(scriptedView(6))
  const { code, stdout } = await migrate('report')
  t.is(code, 0)
  t.regex(stdout, /^Report of a migration/)
  t.is(JSON.parse((await migrate('report', '--json')).stdout).migration.id, 'k7f2')
  const page = at('report.html')
  t.is((await migrate('report', '--html', page)).code, 0)
  t.regex(await readFile(page, 'utf8'), /^<!doctype html>/i)
  const nowhere = await migrate('report', '--html', at('no/such/folder/report.html'))
  t.is(nowhere.code, 5)
})

test.serial('the words of the CTL Client are found in the help', async (t) => {
  const { stdout } = await runCommand(['migrate', '--help'])
  t.true(
    stdout
      .replace(/\s+/g, ' ')
      .includes('The Security Token you have inserted does not exist in the CTL File'),
  )
  t.regex((await runCommand(['migrate', 'acknowledge', '--help'])).stdout, /acknowledge CODE… \[OPTIONS\]/)
})
