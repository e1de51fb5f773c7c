/** The whole way: OpenSSH's sshd, a terminal, and a script that plays the command line. */
import { createHash } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { BridgeError } from '../../../daemon/bridge-error.js'
import { openCucmCli } from '../../../daemon/cluster/cucm-cli/open-cucm-cli.js'
import { compiledFrom } from '../../drivers/compile-c.js'
import { startSshServer } from '../ssh-server.js'

const password = 'Eight-Herrings-4711'
/** A script that is silent for half a second must not look as if it asked. */
const limits = { settled: 30, quiet: 300 }

async function node(t: ExecutionContext, files: Readonly<Record<string, string>> = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'ctl-bridge-cli-'))
  t.teardown(() => rm(folder, { recursive: true, force: true }))
  for (const [file, text] of Object.entries({ mode: '0\n', ...files }))
    await writeFile(join(folder, file), text)
  const [script = ''] = compiledFrom(['cluster/cucm-cli/command-line.sh'], '').sources
  const server = await startSshServer({ password, command: `/bin/sh '${script}' '${folder}'` })
  t.teardown(server.stop)
  const { host, port, user, hostKey } = server
  const target = {
    node: 'cucm-pub',
    host,
    port,
    user,
    hostKey,
    oldAlgorithms: false,
    password: async () => password,
  }
  const cli = openCucmCli(target, limits)
  t.teardown(cli.close)
  // The key that turns the page stands before the next command.
  const typed = async () => {
    const lines = (await readFile(join(folder, 'typed'), 'utf8')).split('\n').map((line) => line.trim())
    return lines.filter((line) => line !== '')
  }
  return { cli, server, target, folder, typed }
}

test('a cluster is set to mixed mode, looked at, updated and set back', async (t) => {
  const { cli, folder, typed } = await node(t)
  t.is(await cli.securityMode(), 'non-secure')
  t.deepEqual(
    { ...(await cli.showCtl()), text: '' },
    { md5: undefined, sha1: undefined, length: 0, isVerified: false, text: '' },
  )
  const set = await cli.setSecurityMode('mixed')
  t.deepEqual(set.lines.slice(-3, -1), ['Moving Cluster to Mixed Mode', 'Cluster set to Mixed Mode'])
  t.is(await cli.securityMode(), 'mixed')
  await cli.updateCtlFile()
  const bytes = await readFile(join(folder, 'CTLFile.tlv'))
  const shown = await cli.showCtl()
  t.is(shown.length, bytes.length)
  t.is(shown.md5, createHash('md5').update(bytes).digest('hex'))
  t.is(shown.sha1, createHash('sha1').update(bytes).digest('hex'))
  t.true(shown.isVerified)
  await cli.setSecurityMode('non-secure')
  t.is(await cli.securityMode(), 'non-secure')
  t.deepEqual(
    (await typed()).filter((line) => line.startsWith('utils') || line === 'y'),
    [
      'utils ctl set-cluster mixed-mode',
      'y',
      'utils ctl update CTLFile',
      'y',
      'utils ctl set-cluster non-secure-mode',
      'y',
    ],
  )
})

test('commands that are given at once run one after the other', async (t) => {
  const { cli, typed } = await node(t, { 'CTLFile.tlv': 'a file' })
  const [shown, mode, files, restart] = await Promise.all([
    cli.showCtl(),
    cli.securityMode(),
    cli.listTftpFiles('*'),
    cli.restartService('Cisco Tftp'),
  ])
  t.is(shown.length, 6)
  t.is(mode, 'non-secure')
  t.deepEqual(files, ['CTLFile.tlv', 'mode', 'typed'])
  t.is(restart.note, undefined)
  t.is((await typed()).at(-1), 'utils service restart Cisco Tftp')
})

test('files are deleted, a stale one only outside mixed mode', async (t) => {
  const { cli, folder, typed } = await node(t, { 'CTLFile.tlv': 'a file', mode: '1\n' })
  const refused = await t.throwsAsync(cli.deleteStaleCtl(), { instanceOf: BridgeError })
  t.is(refused.code, 'NODE_COMMAND_REFUSED')
  t.is(refused.message, 'The cluster is in mixed mode, so its CTL is in use and was left where it is.')
  t.false((await typed()).some((line) => line.startsWith('file delete')))
  t.is(await cli.deleteTftpFile('CTLFile.tlv'), 1)
  await writeFile(join(folder, 'CTLFile.tlv'), 'stale')
  await writeFile(join(folder, 'mode'), '0\n')
  t.is(await cli.deleteStaleCtl(), 1)
  t.is((await cli.showCtl()).length, 0)
})

test('a file is pushed, its password shown to nobody', async (t) => {
  const { cli, typed } = await node(t)
  const target = {
    host: '10.48.47.9',
    port: 2222,
    user: 'backup',
    password: 'Nine-Lanterns-88',
    folder: '/srv/backup',
  }
  const pushed = await cli.pushTftpFile('ITLRecovery.p12', target)
  t.true(pushed.lines.includes('Transfer completed.'))
  t.false(JSON.stringify(pushed).includes(target.password))
  t.deepEqual(await typed(), [
    'file get tftp ITLRecovery.p12',
    'y',
    '10.48.47.9',
    '2222',
    'backup',
    'Nine-Lanterns-88',
    '/srv/backup',
  ])
})

test('values that would end the line are not typed', async (t) => {
  const { cli, folder } = await node(t)
  const target = { host: '10.48.47.9', port: 22, user: 'backup', password: 'a\nb', folder: '/srv' }
  for (const attempt of [
    () => cli.deleteTftpFile('*'),
    () => cli.deleteTftpFile('../CTLFile.tlv'),
    () => cli.deleteTftpFile('CTLFile.tlv\nutils system shutdown'),
    () => cli.listTftpFiles('* detail'),
    () => cli.listTftpFiles(''),
    () => cli.pushTftpFile('a b', { ...target, password: 'b' }),
    () => cli.pushTftpFile('a', target),
    () => cli.pushTftpFile('a', { ...target, password: 'b', port: 0 }),
    () => cli.restartService('Cisco Tftp\nshow ctl' as 'Cisco Tftp'),
  ]) {
    const error = await t.throwsAsync(attempt, { instanceOf: BridgeError })
    t.is(error.code, 'BODY_INVALID')
    t.is(error.place.node, 'cucm-pub')
    t.false(error.message.includes('a\nb'))
  }
  await t.throwsAsync(readFile(join(folder, 'typed')), { code: 'ENOENT' })
})

test('a cluster without the licence, and a release without the command', async (t) => {
  const { cli, folder } = await node(t, { 'no-licence': '' })
  const licence = await t.throwsAsync(cli.updateCtlFile(), { instanceOf: BridgeError })
  t.is(licence.code, 'NODE_COMMAND_REFUSED')
  t.regex(
    licence.message,
    /^utils ctl update CTLFile: The cluster has no licence for encryption\. Register it/,
  )
  const unknown = await t.throwsAsync(cli.restartService('Cisco CTIManager'), { instanceOf: BridgeError })
  t.is(unknown.code, 'NODE_COMMAND_REFUSED')
  t.regex(
    unknown.message,
    /^utils service restart Cisco CTIManager: The node does not know this command\. It printed: No valid/,
  )
  await rm(join(folder, 'no-licence'))
  t.true((await cli.updateCtlFile()).lines.includes('CTL file Updated'))
})

test('a line that drops after the confirmation leaves the outcome unknown, and nothing is typed again', async (t) => {
  const { cli, server, typed } = await node(t, { stuck: '' })
  await cli.securityMode()
  const update = t.throwsAsync(cli.updateCtlFile(), { instanceOf: BridgeError })
  while (!(await typed()).includes('y')) await new Promise((resolve) => setTimeout(resolve, 10))
  server.dropConnections()
  const error = await update
  t.is(error.code, 'NODE_OUTCOME_UNKNOWN')
  t.is(error.place.node, 'cucm-pub')
  t.regex(
    error.message,
    /^utils ctl update CTLFile: The connection ended in the middle\. It printed: This operation/,
  )
  // The next command gets a connection of its own.
  await cli.securityMode()
  t.is((await typed()).filter((line) => line.startsWith('utils ctl')).length, 1)
})

test('a wrong password is tried once, however many commands follow', async (t) => {
  const { target } = await node(t)
  let reads = 0
  const wrong = async () => {
    reads++
    return 'Wrong-4712'
  }
  const cli = openCucmCli({ ...target, password: wrong }, limits)
  const errors = await Promise.all(
    [cli.showCtl(), cli.securityMode(), cli.updateCtlFile()].map((work) => t.throwsAsync(work)),
  )
  t.deepEqual(
    errors.map((error) => (error as BridgeError).code),
    Array(3).fill('NODE_LOGIN_REFUSED'),
  )
  t.is(reads, 1)
  t.false(JSON.stringify(errors.map((error) => [error?.message, error?.stack])).includes('Wrong-4712'))
})
