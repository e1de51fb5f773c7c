import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import type { ModuleSnapshot } from '../../drivers/token.js'
import { makeSastToken, TEST_PIN } from '../../softhsm/sast-token.js'
import { plug, unplug } from '../../softhsm/tokens-folder.js'
import { CAUTIOUS, MESSAGE, openUntilEnd, refusal, signsWell, tokenInReader, WITHIN } from './module-tests.js'
import { eventually, hostsOf, settingsOf, temporarySofthsm } from './temporary-softhsm.js'
import { useUnpackedP11Kit } from './unpacked-p11-kit.js'

useUnpackedP11Kit()

/** Process ids of p11-kit's remote processes that work on this folder. */
async function remotesOf(folder: string): Promise<number[]> {
  const ids = (await readdir('/proc')).map(Number).filter((id) => Number.isInteger(id) && id > 0)
  const remote = await Promise.all(ids.map((id) => isRemote(id, folder)))
  return ids.filter((_, index) => remote[index])
}

async function isRemote(id: number, folder: string): Promise<boolean> {
  try {
    const command = await readFile(`/proc/${id}/cmdline`, 'utf8')
    if (!command.includes('p11-kit-remote')) return false
    return (await readFile(`/proc/${id}/environ`, 'utf8')).includes(`SOFTHSM2_CONF=${folder}/`)
  } catch {
    return false
  }
}

function noneLeft(folder: string): Promise<true> {
  return eventually(async () => {
    const left = [...(await hostsOf(folder)), ...(await remotesOf(folder))]
    return left.length === 0 ? true : undefined
  })
}

async function remoteToken(t: ExecutionContext) {
  const { folder, reader, made } = await tokenInReader(t)
  const module = openUntilEnd(t, reader.settings({ remote: true }))
  const token = await module.open(made.serial)
  await token.login(TEST_PIN, CAUTIOUS)
  return { folder, reader, made, module, token }
}

test.serial(
  'A library in a process of p11-kit is scanned, unlocked and signs as one loaded here',
  async (t) => {
    const folder = await temporarySofthsm(t)
    const made = await makeSastToken({ folder, label: 'remote', bits: 2048 })
    const module = openUntilEnd(t, settingsOf(folder, { remote: true }))
    const there = await module.scan()
    const here = await openUntilEnd(t, settingsOf(folder)).scan()
    // p11-kit leaves out the mechanisms whose parameters it cannot pass on.
    const bare = ({ tokens }: ModuleSnapshot) => tokens.map((token) => ({ ...token, mechanisms: [] }))
    t.deepEqual(bare(there), bare(here))
    t.true(there.tokens[0]?.mechanisms.includes('CKM_RSA_PKCS'))
    const token = await module.open(made.serial)
    await refusal(t, token.login('wrong PIN', CAUTIOUS), 'PIN_WRONG')
    await token.login(TEST_PIN, CAUTIOUS)
    await signsWell(t, token, made)
    await token.changePin(TEST_PIN, 'another PIN')
    t.is((await remotesOf(folder)).length, 1)
    await token.logout()
    await noneLeft(folder)
  },
)

test.serial('A token behind p11-kit is seen coming and going', async (t) => {
  const folder = await temporarySofthsm(t)
  const { serial } = await makeSastToken({ folder, label: 'moving', bits: 1024 })
  const module = openUntilEnd(t, settingsOf(folder, { remote: true }))
  await unplug(folder, serial)
  t.deepEqual((await module.scan()).tokens, [])
  await plug(folder, serial)
  t.is((await module.scan()).tokens[0]?.serial, serial)
})

test.serial(
  'A library that crashes in its remote process takes the host with it, and tells who waits',
  async (t) => {
    const { reader, made, module, token, folder } = await remoteToken(t)
    const gone: string[] = []
    token.onGone(({ code }) => gone.push(code))
    await reader.begin('crash:C_Sign')
    const error = await refusal(t, token.sign(made.keyId, 'rsa-sha1', MESSAGE, WITHIN), 'MODULE_HOST_DIED')
    t.is(error.place.reached, 'maybe')
    t.regex(error.message, /SIGSEGV/)
    t.deepEqual(gone, ['MODULE_HOST_DIED'])
    await noneLeft(folder)
    t.is((await module.scan()).tokens.length, 1)
  },
)

test.serial('A remote process that stands still is killed with its host at the deadline', async (t) => {
  const { made, token, folder } = await remoteToken(t)
  const [remote = 0] = await remotesOf(folder)
  process.kill(remote, 'SIGSTOP')
  const sign = token.sign(made.keyId, 'rsa-sha1', MESSAGE, { deadline: 400 })
  await refusal(t, sign, 'DEADLINE_EXCEEDED')
  await noneLeft(folder)
})

test.serial('Closing the module leaves neither process nor socket', async (t) => {
  const place = await mkdtemp(join(tmpdir(), 'ctl-bridge-place-'))
  t.teardown(() => rm(place, { recursive: true, force: true }))
  const before = process.env.XDG_RUNTIME_DIR
  process.env.XDG_RUNTIME_DIR = place
  t.teardown(() => {
    if (before === undefined) delete process.env.XDG_RUNTIME_DIR
    else process.env.XDG_RUNTIME_DIR = before
  })
  const { module, folder } = await remoteToken(t)
  await module.scan()
  // The host that is logged in.
  await eventually(async () => ((await readdir(place)).length === 1 ? true : undefined))
  await module.close()
  await noneLeft(folder)
  t.deepEqual(await readdir(place), [])
})

test.serial('Remote processes end when the daemon is killed', async (t) => {
  const { folder, reader, made } = await tokenInReader(t)
  const client = new URL('../../drivers/pkcs11/pkcs11-client.js', import.meta.url)
  const script = `
    import { openModule } from ${JSON.stringify(client.href)}
    const module = openModule(${JSON.stringify(reader.settings({ remote: true }))})
    const token = await module.open(${JSON.stringify(made.serial)})
    process.stdout.write(token.serial)`
  const daemon = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await once(daemon.stdout, 'data')
  t.is((await remotesOf(folder)).length, 1)
  daemon.kill('SIGKILL')
  await once(daemon, 'exit')
  await noneLeft(folder)
})

test.serial('A library that is not there, or is none, is said to be so', async (t) => {
  const folder = await temporarySofthsm(t)
  for (const path of [join(folder, 'missing.so'), join(folder, 'softhsm2.conf')]) {
    const module = openUntilEnd(t, settingsOf(folder, { remote: true, path }))
    await refusal(t, module.scan(), 'MODULE_NOT_LOADABLE')
  }
  await noneLeft(folder)
})
