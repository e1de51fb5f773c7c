import test, { type ExecutionContext } from 'ava'
import type { CliEnd } from '../../../daemon/cluster/cucm-cli/cli-dialogue.js'
import * as commands from '../../../daemon/cluster/cucm-cli/cucm-commands.js'
import type { PushTarget } from '../../../daemon/cluster/ports.js'
import { converse } from './converse.js'

const PROMPT = 'admin:'
const result = <Result>(end: CliEnd<Result>) => (end.kind === 'done' ? end.result : end.detail)

function refused<Result>(t: ExecutionContext, end: CliEnd<Result>, code: string) {
  t.is(end.kind === 'failed' && end.code, code as never, JSON.stringify(end))
}

const deletion = (file: string) => `Delete the File ${file}?\r\nEnter "y" followed by return to continue: `

test('a file is deleted after the question that names it', (t) => {
  const { typed, end } = converse(commands.deleteTftpFile('CTLFile.tlv'), [
    deletion('CTLFile.tlv'),
    `\r\nfiles: found = 1, deleted = 1\r\n${PROMPT}`,
  ])
  t.deepEqual(typed, ['file delete tftp CTLFile.tlv\r', 'y\r'])
  t.is(result(end), 1)
})

test('a question that names another file is not answered', (t) => {
  for (const other of [
    'ITLFile.tlv',
    'CTLFileXtlv',
    '*',
    'CTLFile.tlv.bak',
    'CTLFile.tlv?\r\nDelete the File x',
  ]) {
    const { typed, end } = converse(commands.deleteTftpFile('CTLFile.tlv'), [deletion(other)])
    t.is(typed.length, 1, other)
    refused(t, end, 'NODE_ANSWER_WRONG')
  }
})

test('a stale file is deleted by its path', (t) => {
  const { typed, end } = converse(commands.deleteStaleCtl, [
    deletion('cm/tftpdata/CTLFile.tlv'),
    `\r\nfiles: found = 1, deleted = 1\r\n${PROMPT}`,
  ])
  t.deepEqual(typed, ['file delete activelog cm/tftpdata/CTLFile.tlv\r', 'y\r'])
  t.is(result(end), 1)
})

test('no file is none deleted; a line that drops after the answer leaves it unknown', (t) => {
  const command = commands.deleteTftpFile('CTLFile.tlv')
  t.is(result(converse(command, [`No such file or directory can be found\r\n${PROMPT}`]).end), 0)
  const none = converse(command, [deletion('CTLFile.tlv'), `\r\nfiles: found = 0, deleted = 0\r\n${PROMPT}`])
  t.is(result(none.end), 0)
  refused(
    t,
    converse(command, [deletion('CTLFile.tlv'), '\r\n'], { finally: 'drop' }).end,
    'NODE_OUTCOME_UNKNOWN',
  )
})

test('files are listed in columns, with their count checked', (t) => {
  const command = commands.listTftpFiles('*')
  const listing = '<dir>   locale                CTLFile.tlv    ITLFile.tlv\r\nmy ring.raw\r\n\r\n'
  t.deepEqual(
    result(
      converse(command, [
        `<dir>   locale\r\nCTLFile.tlv    ITLFile.tlv\r\nmy ring.raw\r\ndir count = 1, file count = 3\r\n${PROMPT}`,
      ]).end,
    ),
    ['CTLFile.tlv', 'ITLFile.tlv', 'my ring.raw'],
  )
  refused(
    t,
    converse(command, [`${listing}dir count = 1, file count = 9\r\n${PROMPT}`]).end,
    'NODE_ANSWER_WRONG',
  )
  refused(t, converse(command, [`${listing}${PROMPT}`]).end, 'NODE_ANSWER_WRONG')
  t.deepEqual(result(converse(command, [`dir count = 0, file count = 0\r\n${PROMPT}`]).end), [])
})

const target: PushTarget = {
  host: '10.48.47.9',
  port: 2222,
  user: 'backup',
  password: 'Nine-Lanterns-88',
  folder: '/srv/backup',
}

const gathered = [
  'Please wait while the system is gathering files info ...done.',
  'Sub-directories were not traversed.',
  'Number of files affected: 1',
  'Total size in Bytes: 2517',
  'Total size in Kbytes: 2.4580078',
  'Would you like to proceed [y/n]? ',
].join('\r\n')

const push = commands.pushTftpFile('ITLRecovery.p12', target)
const labels = [
  'SFTP server IP: ',
  'SFTP server port [22]: ',
  'User ID: ',
  'Password: ',
  '\r\nDownload directory: ',
]

for (const chunk of [1, 9, 1e6]) {
  test(`a file is pushed to the host it should go to, ${chunk} characters at a time`, (t) => {
    const { typed, end } = converse(
      push,
      [gathered, ...labels, `\r\n.\r\nTransfer completed.\r\n${PROMPT}`],
      { chunk },
    )
    t.deepEqual(typed, [
      'file get tftp ITLRecovery.p12\r',
      'y\r',
      '10.48.47.9\r',
      '2222\r',
      'backup\r',
      'Nine-Lanterns-88\r',
      '/srv/backup\r',
    ])
    t.is(end.kind, 'done')
    // The terminal of this test echoes passwords, which CUCM does not.
    t.false(JSON.stringify(end).includes(target.password))
  })
}

test('the password is typed only where a password is asked for', (t) => {
  for (const other of [
    'New password: ',
    'Password again: ',
    'Passphrase: ',
    'Password for admin@other: ',
    'Comment: ',
  ]) {
    const { typed, end } = converse(push, [gathered, ...labels.slice(0, 3), other])
    t.is(typed.length, 5, other)
    t.false(typed.join().includes(target.password))
    refused(t, end, 'NODE_ANSWER_WRONG')
  }
})

test('the password is typed once', (t) => {
  const { typed, end } = converse(push, [
    gathered,
    ...labels.slice(0, 4),
    'Authentication failed.\r\nPassword: ',
  ])
  t.is(typed.filter((line) => line.includes(target.password)).length, 1)
  refused(t, end, 'NODE_ANSWER_WRONG')
  t.false(JSON.stringify(end).includes(target.password))
})

test('the key of a host that the node does not know is for a person to accept', (t) => {
  const unknown =
    "The authenticity of host '10.48.47.9' can't be established.\r\nRSA key fingerprint is SHA256:abc.\r\nAre you sure you want to continue connecting (yes/no)? "
  const { typed, end } = converse(push, [gathered, ...labels.slice(0, 3), unknown])
  t.is(typed.length, 5)
  refused(t, end, 'NODE_ANSWER_WRONG')
  t.regex(String(result(end)), /The node does not know the key of the SFTP server\. .*authenticity of host/)
})

test('a port that is not asked for must be 22', (t) => {
  const answers = [
    gathered,
    'SFTP server IP: ',
    'User ID: ',
    'Password: ',
    'Download directory: ',
    `\r\nTransfer completed.\r\n${PROMPT}`,
  ]
  refused(t, converse(push, answers).end, 'NODE_ANSWER_WRONG')
  t.is(converse(commands.pushTftpFile('ITLRecovery.p12', { ...target, port: 22 }), answers).end.kind, 'done')
})

test('several files are not pushed', (t) => {
  for (const count of ['2', '11', '0', '10']) {
    const { typed, end } = converse(push, [gathered.replace('affected: 1', `affected: ${count}`)])
    t.is(typed.length, 1)
    refused(t, end, 'NODE_ANSWER_WRONG')
  }
})

test('a push that ends without its word is refused with what the node said', (t) => {
  const { end } = converse(push, [gathered, ...labels, `\r\nUnable to connect to the server.\r\n${PROMPT}`])
  refused(t, end, 'NODE_COMMAND_REFUSED')
  t.regex(String(result(end)), /Unable to connect to the server/)
})
