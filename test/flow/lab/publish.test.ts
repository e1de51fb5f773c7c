/**
 * From tokenless to tokens and back, as on a Saturday night: composed and signed by a token, put onto the nodes by a
 * person at CUCM's page, read back from each. The person is not the product: test/lab/person.ts.
 */
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'ava'
import { TEST_PIN } from '../../../softhsm/sast-token.js'
import { COMMAND } from '../../cli/run-command.js'
import { sitDown } from '../../lab/person.js'
import { type LabRoom, openLabRoom } from './lab-room.js'

let room: LabRoom
test.before(async () => {
  room = await openLabRoom('--nodes', '2', '--phones', '0', '--replication-delay', '0')
})
test.after.always(() => room?.close())

const nodes = ['lab-pub', 'lab-sub1'] as const
const at = (name: string) => join(room.home, name)
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

/** What a person does after reading the steps: the file at the page, then Cisco Tftp. */
async function upload(node: string, bytes: Uint8Array): Promise<void> {
  const person = await sitDown(room.seatAt(node))
  const uploaded = await person.uploadFile('CTLFile.tlv', bytes)
  if (!uploaded.isSuccess) throw new Error(uploaded.text)
  const restarted = await person.restart('Cisco Tftp')
  if (!restarted.isSuccess) throw new Error(restarted.text)
}

/** Types a command and gives what it has printed while it still runs. */
function begin(args: readonly string[]) {
  const child = spawn(process.execPath, [COMMAND, ...args], {
    env: { ...process.env, ...room.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let text = ''
  const listeners: (() => void)[] = []
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (part) => {
      text += part
      for (const listener of listeners) listener()
    })
  }
  const ended = new Promise<{ code: number | null; text: string }>((resolve) =>
    child.once('close', (code) => resolve({ code, text })),
  )
  const says = (words: RegExp) =>
    new Promise<void>((resolve, reject) => {
      const look = () => {
        if (words.test(text)) resolve()
      }
      listeners.push(look)
      look()
      void ended.then(() => reject(new Error(`it ended without ${words}:\n${text}`)))
    })
  return { says, ended }
}

let before: Buffer
let signed: Buffer

test.serial(
  'a CTL of two tokens is composed from what a node serves, and signed by one of them',
  async (t) => {
    before = await room.served('lab-pub')
    await writeFile(at('served.tlv'), before)
    await writeFile(at('pin'), `${TEST_PIN}\n`, { mode: 0o600 })
    const [first, second] = room.status.tokens.map(({ serial }) => serial ?? '')
    const { code, stdout, stderr } = await room.run([
      'compose',
      at('served.tlv'),
      ...['--remove', '1', '--remove', '5', '--token', second ?? '', '--with-token', first ?? ''],
      ...[
        '--mode',
        'token',
        '--release',
        '10.5.2',
        '--convert',
        '--pin-file',
        at('pin'),
        '--out',
        at('new.tlv'),
      ],
    ])
    t.is(code, 0, stderr)
    t.regex(stdout, /5 records → 5 records/)
    signed = await readFile(at('new.tlv'))
  },
)

test.serial('the probe tells a person what to do, and believes what it sees', async (t) => {
  const asked = await room.run(['clusters', 'probe', 'lab', '--yes', '--out', at('CTLFile.tlv')])
  t.is(asked.code, 6)
  t.regex(asked.stdout, /^Not tried yet, a person has to upload the file: lab-sub1 of lab, release 10\.5\.2/)
  t.regex(asked.stdout, /3\. Choose Software Upgrades, then TFTP File Management\./)
  t.deepEqual(await readFile(at('CTLFile.tlv')), before)
  await upload('lab-sub1', before)
  const [, kept = ''] = /--uploaded (\d+)$/m.exec(asked.stdout) ?? []
  const done = await room.run(['clusters', 'probe', 'lab', '--yes', '--uploaded', kept])
  t.is(done.code, 0, done.stdout)
  t.regex(done.stdout, /^Publishing works, as far as it was said that the file was uploaded: lab-sub1 of lab/)
  const shown = await room.run(['clusters', 'show', 'lab'])
  t.regex(shown.stdout, /lab-sub1[\s\S]* {2}probe {6}publishing works, as somebody said: \d{4}-/)
})

test.serial(
  'the file of the tokens, uploaded for the probe by mistake, is found and taken back',
  async (t) => {
    const probe = ['clusters', 'probe', 'lab', '--node', 'lab-sub1', '--yes']
    const asked = await room.run(probe)
    const [, kept = ''] = /--uploaded (\d+)$/m.exec(asked.stdout) ?? []
    await upload('lab-sub1', signed)
    const wrong = await room.run([...probe, '--uploaded', kept])
    t.is(wrong.code, 6, wrong.stdout)
    t.regex(wrong.stdout, /^Publishing does NOT work: lab-sub1 of lab/)
    for (const bytes of [signed, before]) t.true(wrong.stdout.includes(sha256(bytes)), wrong.stdout)
    const anew = await room.run(probe)
    t.is(anew.code, 6)
    t.regex(anew.stdout, /PUBLISH_WRONG_FILE/)
    const [, file = ''] = /^ {2}file {2}ctl-bridge (.+) CTLFile\.tlv$/m.exec(wrong.stdout) ?? []
    const back = await room.run([...file.split(' '), at('back.tlv')])
    t.is(back.code, 0, back.stderr)
    t.deepEqual(await readFile(at('back.tlv')), before)
    await upload('lab-sub1', await readFile(at('back.tlv')))
    const mended = await room.run([...probe, '--uploaded', kept])
    t.is(mended.code, 0, mended.stdout)
    t.deepEqual(await room.served('lab-sub1'), before)
  },
)

test.serial('a person who is slow is told which node does not serve the file yet', async (t) => {
  const { code, stdout } = await room.run([
    'clusters',
    'publish',
    'lab',
    at('new.tlv'),
    '--yes',
    '--wait',
    '1',
  ])
  t.is(code, 6)
  for (const node of nodes) {
    t.regex(stdout, new RegExp(`${node} {2}does NOT serve it: It serves another CTLFile\\.tlv`))
  }
  t.deepEqual(await room.served('lab-pub'), before)
})

test.serial('publishing waits until a person has put the file onto every node', async (t) => {
  const publishing = begin(['clusters', 'publish', 'lab', at('new.tlv'), '--yes', '--wait', '100'])
  await publishing.says(/lab-sub1 {2}a person publishes it now/)
  for (const node of nodes) await upload(node, signed)
  const { code, text } = await publishing.ended
  t.is(code, 0, text)
  t.regex(text, /Every node that was waited for serves it\.\n$/)
  for (const node of nodes) t.deepEqual(await room.served(node), signed)
  const { files, disagreements } = await room.observe()
  const [ctl, ...others] = files.filter(({ kind }) => kind === 'ctl')
  t.like(ctl, { sha256: sha256(signed), mode: 'token', verified: true })
  t.is(ctl?.signer?.token, room.status.tokens[1]?.serial ?? '')
  t.deepEqual(others, [])
  // Nobody has uploaded the tokens' certificates yet: phones that hold the tokenless file may refuse this one.
  t.deepEqual(
    disagreements.map(({ code }) => code),
    ['SIGNER_NOT_VOUCHED'],
  )
})

test.serial('an uploaded token is vouched for on every node, and the observation ends well', async (t) => {
  const person = await sitDown(room.seatAt('lab-pub'))
  for (const [index, { serial }] of room.status.tokens.entries()) {
    const pem = at(`sast-${index + 1}.pem`)
    t.is((await room.run(['token', 'export', serial ?? '', '--out', pem])).code, 0)
    t.like(await person.uploadCertificate('Phone-SAST-trust', 'sast.pem', await readFile(pem)), {
      isSuccess: true,
    })
  }
  const { code, stdout } = await room.look()
  t.is(code, 0, stdout)
  t.regex(stdout, /trusted, roles SAST\+TFTP, kept 24 h: lab-pub, lab-sub1/)
  t.regex(stdout, /No disagreements\.\n$/)
})

test.serial('what was there before comes back, byte for byte, and is published again', async (t) => {
  const list = await room.run(['clusters', 'files', 'lab', '--json'])
  const entry = JSON.parse(list.stdout).files.find(
    ({ node, before: was }: { node: string; before: { served: string } }) =>
      node === 'lab-pub' && was.served === sha256(before),
  )
  const out = at('before.tlv')
  const brought = await room.run(['clusters', 'files', 'lab', String(entry.id), '--out', out])
  t.is(brought.code, 0, brought.stderr)
  t.deepEqual(await readFile(out), before)
  const publishing = begin(['clusters', 'publish', 'lab', out, '--yes', '--wait', '100'])
  await publishing.says(/lab-sub1 {2}a person publishes it now/)
  for (const node of nodes) await upload(node, before)
  const { code, text } = await publishing.ended
  t.is(code, 0, text)
  t.like(await room.observe(), { disagreements: [], unanswered: [] })
})

test.serial('the audit log has each publication and the probe, and no word of a PIN', async (t) => {
  const { stdout } = await room.run(['audit', '--limit', '1000'])
  for (const action of ['cluster.publish', 'cluster.probe', 'token.unlock', 'ctl.sign'])
    t.true(stdout.includes(action), action)
  t.false(stdout.includes(TEST_PIN))
})
