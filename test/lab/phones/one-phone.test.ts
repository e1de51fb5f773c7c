import { fileURLToPath } from 'node:url'
import test from 'ava'
import { labHome, lab as runLab, startLabProcess } from '../up/lab-process.js'

test('lab phones DEVICE tells what one phone holds, and why it refused a file', async (t) => {
  const home = await labHome(t)
  const lab = await startLabProcess(t, home, ['--phones', '3', '--no-daemon'])
  t.teardown(() => lab.child.kill('SIGTERM'))
  const device = 'SEP02CB00000000'
  await runLab(home, 'reset')
  const good = await runLab(home, 'phones', device)
  t.regex(good.text, /^SEP02CB00000000 {2}Cisco 7945\n {2}CTL {2}MD5 [0-9a-f]{32}\n {7}up to date\n/)
  t.regex(good.text, /\n {2}CallManager {2}registered\n/)
  await runLab(home, 'fault', lab.status.nodes[0]?.name ?? '', 'replace', fileURLToPath(import.meta.url))
  await runLab(home, 'reset', device)
  const refused = await runLab(home, 'phones', device)
  t.regex(refused.text, /\n {7}rejected: the file cannot be read\n/)
  t.regex(refused.text, /\n {2}Status messages {2}Trust List Update Failed\n\n0001: NOT /)
  t.regex(
    refused.text,
    /\n\d{4}: ERR \d\d:\d\d:\d\d\.\d{6} SECD: tlUpdate: CTL rejected: the file cannot be read\n/,
  )
  const nobody = await runLab(home, 'phones', 'SEP000000000000')
  t.not(nobody.code, 0)
  t.regex(nobody.text, /No phone of the lab is called SEP000000000000/)
})
