import { createHash } from 'node:crypto'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'ava'
import { startSshServer } from '../../cluster/ssh-server.js'
import { labByHand, PROMPT } from './by-hand.js'

const sqlMode = "run sql select paramname,paramvalue from processconfig where paramname='ClusterSecurityMode'"
const restart =
  'Please Restart the TFTP and Cisco CallManager services on all nodes in the cluster that run these services'

const sha1 = (bytes: Uint8Array | undefined): string =>
  createHash('sha1')
    .update(bytes ?? '')
    .digest('hex')

test('non-secure to mixed mode by hand, as TAC 118893 tells it', async (t) => {
  const { lab, type } = await labByHand(t, { release: '10.5.1', state: 'nonsecure', nodes: 2 })
  const screen = await type(
    'show ctl',
    sqlMode,
    'utils ctl set-cluster mixed-mode',
    { question: 'Do you want to continue? (y/n):', keys: 'y\n' },
    sqlMode,
    'utils service restart Cisco Tftp',
    'utils service restart Cisco CallManager',
    'show ctl',
  )
  t.regex(screen, /Length of CTL file: 0\nCTL File not found\. Please run CTLClient plugin/)
  t.regex(screen, /paramname {11}paramvalue\n=================== ==========\nClusterSecurityMode 0/)
  t.true(
    screen.includes(
      `This operation sets the cluster to Mixed mode. Do you want to continue? (y/n):y\n\nMoving Cluster to Mixed Mode\nCluster set to Mixed Mode\n${restart}\n${PROMPT}`,
    ),
    screen,
  )
  t.regex(screen, /ClusterSecurityMode 1/)
  t.regex(screen, /Cisco Tftp\[STARTED\]/)
  const file = lab.publisher.serve('CTLFile.tlv')
  t.true(screen.includes(`${sha1(file)}(SHA1)`))
  t.regex(screen, /This etoken was used to sign the CTL file\./)
  t.regex(screen, /The CTL file was verified successfully\.\n/)
})

test('tokens to tokenless, and back to non-secure with the stale file deleted', async (t) => {
  const { lab, type } = await labByHand(t, { release: '11.5', state: 'tokens', nodes: 1 })
  const before = sha1(lab.publisher.serve('CTLFile.tlv'))
  const yes = { question: '(y/n):', keys: 'y\n' }
  const screen = await type(
    'show ctl',
    'utils ctl update CTLFile',
    yes,
    'show ctl',
    'file delete activelog cm/tftpdata/CTLFile.tlv',
    'utils ctl set-cluster non-secure-mode',
    yes,
    'file delete activelog cm/tftpdata/CTLFile.tlv',
    { question: 'Enter "y" followed by return to continue:', keys: 'y\n' },
    'show ctl',
  )
  t.true(screen.includes(`${before}(SHA1)`))
  t.true(screen.includes('cn="SAST-ADN'))
  t.true(screen.includes(`Updating CTL file\nCTL file Updated\n${restart}`), screen)
  t.regex(screen, /in mixed mode: this file is in use/)
  t.true(screen.includes('This operation will set the cluster to non secure mode.'))
  t.true(screen.includes(`Moving Cluster to Non Secure Mode\nCluster set to Non Secure Mode\n${restart}`))
  t.true(
    screen.includes(
      'Delete the File cm/tftpdata/CTLFile.tlv?\nEnter "y" followed by return to continue: y\nfiles: found = 1, deleted = 1',
    ),
  )
  t.regex(screen, /Length of CTL file: 0/)
  t.is(sha1(lab.publisher.serve('CTLFile.tlv')), before, 'it is served until Cisco Tftp restarts')
})

test('n, Ctrl-C, another word and a mistyped command change nothing', async (t) => {
  const { lab, type } = await labByHand(t, { state: 'tokens', nodes: 1 })
  const before = lab.publisher.listTftp().map((file) => sha1(lab.publisher.serve(file)))
  const question = '(y/n):'
  const screen = await type(
    'utils ctl update CTLFile',
    { question, keys: 'n\n' },
    'utils ctl update CTLFile',
    { question, keys: '\x03' },
    'utils ctl set-cluster non-secure-mode',
    { question, keys: 'yes please\n' },
    'utils ctl update ctlfile',
    'utils ctl update CTLFile now',
    'file delete tftp CTLFile.tlv',
    { question: 'to continue:', keys: '\n' },
    'utils service restart Cisco TFTP',
  )
  await lab.publisher.restart('Cisco Tftp')
  t.deepEqual(
    lab.publisher.listTftp().map((file) => sha1(lab.publisher.serve(file))),
    before,
  )
  t.is(lab.mode(), 1)
  t.notRegex(screen, /Updating CTL file|Moving Cluster/)
  t.is(screen.split('No valid command entered').length, 3)
  t.regex(screen, /files: found = 1, deleted = 0/)
  t.regex(screen, /Service Cisco TFTP is not known/)
})

test('long answers come page by page, and q ends them', async (t) => {
  const { lab, typeAt } = await labByHand(t, { nodes: 1 })
  const more = 'Press <enter> for 1 line, <space> for one page, or <q> to quit'
  const screen = await typeAt(
    lab.publisher,
    [
      'show ctl',
      { question: more, keys: '\r' },
      { question: more, keys: ' ' },
      { question: more, keys: 'q' },
    ],
    { rows: 24, method: 'keyboard-interactive' },
  )
  t.is(screen.split(more).length, 4)
  t.regex(screen, /SIGNERID/)
  t.notRegex(screen, /verified successfully/)
})

test('without the licence the cluster refuses with CUCM’s words and asks nothing', async (t) => {
  const { lab, type } = await labByHand(t, {
    release: '12.5',
    state: 'nonsecure',
    nodes: 1,
    hasEncryptionLicence: false,
  })
  const screen = await type('utils ctl set-cluster mixed-mode')
  t.regex(
    screen,
    /Command cannot be executed because the Unified Communications Manager cluster is not registered/,
  )
  t.notRegex(screen, /\(y\/n\)/)
  t.is(lab.mode(), 0)
})

test('9.1 has no utils ctl, and says so as for any word it does not know', async (t) => {
  const { type } = await labByHand(t, { release: '9.1', nodes: 1 })
  const screen = await type('utils ctl update CTLFile', 'show version active', 'help')
  t.regex(screen, /Executed command unsuccessfully\nNo valid command entered/)
  t.regex(screen, /Active Master Version: 9\.1\.2/)
  t.notRegex(screen, /utils ctl set-cluster/)
})

test('a subscriber deletes and restarts for itself, and leaves utils ctl to the publisher', async (t) => {
  const { lab, typeAt } = await labByHand(t, { nodes: 2 })
  const [, subscriber] = lab.nodes
  if (subscriber === undefined) return t.fail('the lab has no subscriber')
  const screen = await typeAt(subscriber, [
    'utils ctl update CTLFile',
    'file list tftp *',
    'file delete tftp CTLFile.tlv',
    { question: 'to continue:', keys: 'y\n' },
    'utils service restart Cisco Tftp',
  ])
  t.regex(screen, /on the publisher only/)
  t.regex(screen, /CTLFile\.tlv {2}ITLFile\.tlv\ndir count = 0, file count = 2/)
  t.is(subscriber.serve('CTLFile.tlv'), undefined)
  t.truthy(lab.publisher.serve('CTLFile.tlv'))
})

test('a wrong password is refused, and neither a command nor SFTP gets in', async (t) => {
  const { lab, typeAt } = await labByHand(t, { nodes: 1 })
  const refused = await typeAt(lab.publisher, [], { password: 'wrong' })
  t.regex(refused, /Permission denied/)
  t.notRegex(refused, /admin:$/m)
  const executed = await typeAt(lab.publisher, [], { remote: 'utils ctl update CTLFile' })
  t.notRegex(executed, /Updating/)
  t.regex(executed, /exec request failed/)
})

test('file get tftp pushes the backup to an SFTP server, whose fingerprint it shows', async (t) => {
  const { lab, type } = await labByHand(t, { release: '12.5', nodes: 1 })
  const password = 'for this test alone'
  const target = await startSshServer({ password })
  t.teardown(() => target.stop())
  const folder = await mkdtemp(join(tmpdir(), 'ctl-bridge-push-'))
  t.teardown(() => rm(folder, { recursive: true, force: true }))
  const screen = await type(
    'file get tftp ITLRecovery.p12',
    { question: 'proceed [y/n]?', keys: 'y\n' },
    { question: 'SFTP server IP:', keys: `${target.host}\n` },
    { question: 'SFTP server port [22]:', keys: `${target.port}\n` },
    { question: 'User ID:', keys: `${target.user}\n` },
    { question: 'Password:', keys: `${password}\n` },
    { question: 'Download directory:', keys: `${folder}\n` },
    { question: '(yes/no)?', keys: 'yes\n' },
  )
  const again = await type(
    'file get tftp ITLRecovery.p12',
    { question: 'proceed [y/n]?', keys: 'y\n' },
    { question: 'SFTP server IP:', keys: `${target.host}\n` },
    { question: 'SFTP server port [22]:', keys: `${target.port}\n` },
    { question: 'User ID:', keys: `${target.user}\n` },
    { question: 'Password:', keys: `${password}\n` },
    { question: 'Download directory:', keys: `${folder}\n` },
  )
  t.notRegex(again, /authenticity/, 'the node knows the server now')
  t.regex(again, /Transfer completed\./)
  t.true(screen.includes(target.hostKey), screen)
  t.regex(screen, /Transfer completed\./)
  t.false(screen.includes(password))
  t.deepEqual(
    await readFile(join(folder, 'ITLRecovery.p12')),
    await readFile(join(lab.publisher.tftpFolder, 'ITLRecovery.p12')),
  )
})

test('a node that goes down drops the line, and answers again under the same port', async (t) => {
  const { lab, type } = await labByHand(t, { nodes: 1 })
  const { ssh: port } = lab.publisher.ports
  lab.publisher.setFaults({ down: true })
  t.regex(await type(), /refused/)
  lab.publisher.setFaults({ down: false })
  const screen = await type('show version active')
  t.regex(screen, /Active Master Version/)
  t.is(lab.publisher.ports.ssh, port)
})
