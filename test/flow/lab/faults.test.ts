/** Each fault that a lab can have, and the message that a person sees of it. One lab; every test mends what it broke. */
import { createHash } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'ava'
import { readSecret } from '../../../daemon/cluster/configuration/read-secret.js'
import { openCluster } from '../../../daemon/cluster/open-cluster.js'
import { sitDown } from '../../lab/person.js'
import { until } from '../events-while.js'
import { type LabRoom, openLabRoom } from './lab-room.js'

let room: LabRoom
test.before(async () => {
  room = await openLabRoom('--nodes', '2', '--phones', '0', '--replication-delay', '0', '--tvs-delay', '0')
})
test.after.always(() => room?.close())

const md5 = (bytes: Uint8Array) => createHash('md5').update(bytes).digest('hex')
const fault = (node: string, ...words: string[]) => room.lab('fault', node, ...words)
const commandLine = async () => {
  const { cli, close } = await openCluster(await room.settings(), (secret) => readSecret(secret, {}))
  if (cli === undefined) throw new Error('the lab registered no command line')
  return { cli, close }
}

test.serial(
  'node down: what it was asked is told as not answered, the other node’s answers stand',
  async (t) => {
    t.regex(await fault('lab-sub1', 'down'), /lab-sub1[^\n]*\n[^\n]*\n {2}faults: down/)
    const { code, stdout } = await room.look()
    await fault('lab-sub1', 'none')
    t.is(code, 6)
    t.regex(stdout, /\nlab-pub {3}A {9}A {9}/)
    t.regex(stdout, /\nlab-sub1 {2}failed {4}failed {4}failed {4}failed /)
    t.regex(stdout, /No disagreements among the answers that came\./)
    t.regex(
      stdout,
      / {2}lab-sub1, CTL over TFTP: NODE_TIMEOUT\n {4}what {2}The node did not answer 5 times in a row\.\n {4}do {4}Check that the node is up/,
    )
    t.regex(stdout, / {2}lab-sub1, CTL over HTTP: NODE_UNREACHABLE\n {4}what {2}[^\n]*127\.8\.8\.2/)
    t.regex(stdout, / {2}lab-sub1, TVS about [^\n]*: NODE_UNREACHABLE\n/)
    t.is((await room.look()).code, 0, 'and it is back')
  },
)

test.serial('TVS down: files are read, and what TVS would say is not known', async (t) => {
  await fault('lab-sub1', 'tvs-down')
  const { code, stdout } = await room.look()
  await fault('lab-sub1', 'none')
  t.is(code, 6)
  t.regex(stdout, /\nlab-sub1 {2}A {9}A {9}C {9}C {9}failed\n/)
  t.regex(stdout, /no answer \(NODE_UNREACHABLE\): lab-sub1/)
  t.regex(
    stdout,
    / {2}lab-sub1, TVS about [^\n]*: NODE_UNREACHABLE\n {4}what {2}[^\n]*127\.8\.8\.2 port \d+[^\n]*\n {4}do {4}Check name, address, port and network\./,
  )
})

test.serial(
  'disk full: the page says so, the node serves what it served, and publishing tells that',
  async (t) => {
    const before = await room.served('lab-sub1')
    const file = join(room.home, 'replaced.tlv')
    await writeFile(file, await room.served('lab-pub'))
    await fault('lab-sub1', 'disk-full')
    const person = await sitDown(room.seatAt('lab-sub1'))
    const told = await person.uploadFile('CTLFile.tlv', Buffer.from('something new'))
    t.false(told.isSuccess)
    t.regex(told.text, /no space left on device/i)
    await person.restart('Cisco Tftp')
    await until(async () => (await room.served('lab-sub1').catch(() => undefined)) !== undefined)
    t.deepEqual(await room.served('lab-sub1'), before)
    await fault('lab-pub', 'disk-full')
    const { cli, close } = await commandLine()
    const error = await t.throwsAsync(cli.updateCtlFile())
    await close()
    t.regex(error.message, /no space left on device/i)
    await fault('lab-sub1', 'none')
    await fault('lab-pub', 'none')
    t.is((await room.look()).code, 0)
  },
)

test.serial('slow link: everything is answered all the same, later', async (t) => {
  await fault('lab-sub1', 'slow=300')
  const { code, stdout } = await room.look()
  t.is(code, 0, stdout)
  const [, seconds] = /Observed [^\n]*, in (\d+\.\d) s/.exec(stdout) ?? []
  t.true(Number(seconds) >= 0.6, 'a file is two packets at least')
  t.regex(await room.lab('status'), /lab-sub1[^\n]*\n[^\n]*\n {2}faults: slow=300/)
  await fault('lab-sub1', 'none')
})

test.serial('slow beyond patience: the node and what it was asked are named, with what to do', async (t) => {
  // TFTP gives up after five tries of a second; without TVS the test is done sooner.
  await fault('lab-sub1', 'slow=6000')
  await fault('lab-sub1', 'tvs-down')
  const { code, stdout } = await room.look()
  await fault('lab-sub1', 'none')
  t.is(code, 6)
  t.regex(
    stdout,
    / {2}lab-sub1, CTL over TFTP: NODE_TIMEOUT\n {4}what {2}[^\n]+\n {4}do {4}Check that the node is up/,
  )
})

test.serial(
  'file replaced behind one’s back: it is told who serves what, and that it does not verify',
  async (t) => {
    const right = await room.served('lab-pub')
    const wrong = Buffer.from(right)
    wrong[wrong.length - 100] = (wrong[wrong.length - 100] ?? 0) ^ 0xff
    const file = join(room.home, 'wrong.tlv')
    await writeFile(file, wrong)
    await fault('lab-sub1', 'replace', file)
    const { code, stdout } = await room.look()
    t.is(code, 6)
    t.regex(
      stdout,
      / {2}FILE_INVALID\n {4}what {2}The CTL of lab-sub1 does not verify: [^\n]+\n {4}do {4}No phone can use this file\. Publish one/,
    )
    t.true(
      stdout.includes(
        `Not the same CTL everywhere. lab-pub: MD5 ${md5(right)}; lab-sub1: MD5 ${md5(wrong)}.`,
      ),
      stdout,
    )
    await writeFile(file, right)
    await fault('lab-sub1', 'replace', file)
    t.is((await room.look()).code, 0)
  },
)

test.serial(
  'replication late: the nodes disagree until the file has arrived and Cisco Tftp restarted',
  async (t) => {
    t.regex(await fault('lab-pub', 'replication-late=600'), /replication takes 600 s/)
    const old = await room.served('lab-sub1')
    const { cli, close } = await commandLine()
    await cli.updateCtlFile()
    await close()
    const restart = async () => {
      for (const node of ['lab-pub', 'lab-sub1']) {
        t.like(await (await sitDown(room.seatAt(node))).restart('Cisco Tftp'), { isSuccess: true })
      }
    }
    await restart()
    const { code, stdout } = await room.look()
    t.is(code, 6)
    const fresh = await room.served('lab-pub')
    t.notDeepEqual(fresh, old)
    t.true(
      stdout.includes(`Not the same CTL everywhere. lab-pub: MD5 ${md5(fresh)}; lab-sub1: MD5 ${md5(old)}.`),
      stdout,
    )
    t.regex(
      stdout,
      /CTL_DIFFERS\n[^\n]+\n {4}do {4}Restart Cisco Tftp on the nodes with the old file, or publish to them/,
    )
    await fault('lab-pub', 'none')
    const again = await commandLine()
    await again.cli.updateCtlFile()
    await again.close()
    await restart()
    t.is((await room.look()).code, 0)
  },
)

test.serial('a fault that is none is told with those that there are', async (t) => {
  const { code, stderr } = await room.run(['lab', 'fault', 'lab-sub1', 'explode'])
  t.is(code, 2)
  t.regex(
    stderr,
    /There is no fault "explode"\. Faults: down, tvs-down, disk-full, slow=MILLISECONDS, replace FILE/,
  )
})
