/** Every command of the product's client, typed into the lab's command line. */
import { createHash } from 'node:crypto'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import type { CucmCli } from '../../../daemon/cluster/ports.js'
import { decodeCtlFile } from '../../../daemon/ctl/ctl-file.js'
import { signerIdOf } from '../../../daemon/ctl/header-fields.js'
import type { LabRelease } from '../../../lab/model/lab-cluster.js'
import { startSshServer } from '../../cluster/ssh-server.js'
import { typingAt } from '../../lab/cli/by-hand.js'
import { type RegisteredLab, registeredLab } from './registered-lab.js'

function cliOf({ opened }: RegisteredLab): CucmCli {
  if (opened.cli === undefined) throw new Error('the lab registered no command line')
  return opened.cli
}

const md5 = (bytes: Uint8Array | undefined) =>
  createHash('md5')
    .update(bytes ?? '')
    .digest('hex')
/** Name of the signer, as the header of the file that is served has it. */
function signer({ lab }: RegisteredLab): string {
  const bytes = lab.publisher.serve('CTLFile.tlv')
  return bytes === undefined
    ? 'no file'
    : Buffer.from(signerIdOf(decodeCtlFile(bytes)).name).toString('latin1')
}

for (const release of ['10.5.1', '10.5.2', '11.5', '12.5', '14'] as const satisfies readonly LabRelease[]) {
  test.serial(
    `${release}: to mixed mode, a new file, and back to non-secure without the stale one`,
    async (t) => {
      const there = await registeredLab(t, { release, state: 'nonsecure' })
      const { lab } = there
      const cli = cliOf(there)
      t.like(await cli.showCtl(), { length: 0, md5: undefined, isVerified: false })
      t.is(await cli.securityMode(), 'non-secure')
      await cli.setSecurityMode('mixed')
      t.is(await cli.securityMode(), 'mixed')
      t.is(lab.mode(), 1)
      t.is(lab.publisher.serve('CTLFile.tlv'), undefined, 'served after a restart only')
      t.deepEqual((await cli.restartService('Cisco Tftp')).note, undefined)
      const first = lab.publisher.serve('CTLFile.tlv')
      t.like(await cli.showCtl(), { length: first?.length, md5: md5(first), isVerified: true })
      await t.throwsAsync(cli.deleteStaleCtl(), { code: 'NODE_COMMAND_REFUSED', message: /in mixed mode/ })
      await cli.updateCtlFile()
      await cli.restartService('Cisco Tftp')
      t.regex((await cli.showCtl()).md5 ?? '', /^[0-9a-f]{32}$/)
      await cli.restartService('Cisco CallManager')
      await cli.restartService('Cisco Trust Verification Service')
      await cli.restartService('Cisco CTIManager')
      await cli.setSecurityMode('non-secure')
      t.is(lab.mode(), 0)
      t.is(await cli.deleteStaleCtl(), 1)
      t.like(await cli.showCtl(), { length: 0 })
    },
  )
}

test.serial(
  'a CTL of tokens becomes tokenless, and the secondary key signs when it is told to',
  async (t) => {
    const there = await registeredLab(t, { release: '12.5', state: 'tokens' })
    const cli = cliOf(there)
    t.regex(signer(there), /SAST-ADN/)
    await cli.updateCtlFile()
    await cli.restartService('Cisco Tftp')
    t.regex(signer(there), /ITLRECOVERY/)
    await cli.resetLocalKey()
    await cli.restartService('Cisco Tftp')
    t.notRegex(signer(there), /ITLRECOVERY|SAST-ADN/)
  },
)

test.serial('files of TFTP are listed, pushed out over SFTP, and deleted', async (t) => {
  const there = await registeredLab(t, { nodes: 1 })
  const cli = cliOf(there)
  const files = await cli.listTftpFiles('*')
  t.true(files.includes('CTLFile.tlv') && files.includes('ITLFile.tlv'))
  t.deepEqual(await cli.listTftpFiles('CTL*'), ['CTLFile.tlv'])
  t.deepEqual(await cli.listTftpFiles('nothing*'), [])
  const target = await sftpTarget(t)
  // The key of a server that is new to the node is a question for a person, who answers it once.
  const push = () => cli.pushTftpFile('ITLRecovery.p12', target)
  await t.throwsAsync(push, {
    code: 'NODE_ANSWER_WRONG',
    message: /Log in to the node, push a file by hand once, and accept the key/,
  })
  const type = await typingAt(t, there.lab)
  const screen = await type(there.lab.publisher, [
    'file get tftp CTLFile.tlv',
    { question: 'proceed [y/n]?', keys: 'y\n' },
    { question: 'SFTP server IP:', keys: `${target.host}\n` },
    { question: 'port [22]:', keys: `${target.port}\n` },
    { question: 'User ID:', keys: `${target.user}\n` },
    { question: 'Password:', keys: `${target.password}\n` },
    { question: 'directory:', keys: `${target.folder}\n` },
    { question: 'continue connecting (yes/no)?', keys: 'yes\n' },
  ])
  t.regex(screen, /Transfer completed/)
  await push()
  t.true((await readFile(join(target.folder, 'ITLRecovery.p12'))).length > 500)
  t.deepEqual(
    new Uint8Array(await readFile(join(target.folder, 'CTLFile.tlv'))),
    there.lab.publisher.serve('CTLFile.tlv'),
  )
  t.is(await cli.deleteTftpFile('CTLFile.tlv'), 1)
  t.is(await cli.deleteTftpFile('CTLFile.tlv'), 0)
  t.false((await cli.listTftpFiles('*')).includes('CTLFile.tlv'))
})

async function sftpTarget(t: ExecutionContext) {
  const server = await startSshServer({ password: 'for the push' })
  t.teardown(server.stop)
  const folder = await mkdtemp(join(tmpdir(), 'ctl-bridge-push-'))
  t.teardown(() => rm(folder, { recursive: true, force: true }))
  return { host: server.host, port: server.port, user: server.user, password: 'for the push', folder }
}

test.serial('9.1 has no utils ctl, and that is a refusal that changes nothing', async (t) => {
  const there = await registeredLab(t, { release: '9.1', state: 'nonsecure', nodes: 1 })
  const cli = cliOf(there)
  for (const command of [() => cli.setSecurityMode('mixed'), cli.updateCtlFile, cli.resetLocalKey]) {
    await t.throwsAsync(command(), { code: 'NODE_COMMAND_REFUSED', message: /10\.0/ })
  }
  t.is(there.lab.mode(), 0)
})

test.serial(
  'without the licence the cluster’s own words reach the person, and nothing changes',
  async (t) => {
    const there = await registeredLab(t, {
      release: '12.5',
      state: 'nonsecure',
      nodes: 1,
      hasEncryptionLicence: false,
    })
    await t.throwsAsync(cliOf(there).setSecurityMode('mixed'), {
      code: 'NODE_COMMAND_REFUSED',
      message: /export-controlled functionality/,
    })
    t.is(there.lab.mode(), 0)
  },
)

test.serial('a disk that is full is told by the command that found it', async (t) => {
  const there = await registeredLab(t, { nodes: 1, state: 'tokens' })
  const { lab } = there
  const before = md5(lab.publisher.serve('CTLFile.tlv'))
  lab.publisher.setFaults({ diskFull: true })
  const error = await t.throwsAsync(cliOf(there).updateCtlFile())
  t.regex(error.message, /No space left|full/i)
  await cliOf(there).restartService('Cisco Tftp')
  t.is(md5(lab.publisher.serve('CTLFile.tlv')), before)
})
