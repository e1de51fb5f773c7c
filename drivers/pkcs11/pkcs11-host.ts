/**
 * The child process that owns one PKCS#11 library: the only place that loads the addon.
 *
 * Synchronous calls only: the asynchronous ones sign freed memory when the collector runs meanwhile.
 * A call that hangs hangs this process and nothing else; the parent ends it by SIGKILL. The library
 * is never finalised or unloaded: doing so under a vendor's threads crashes.
 *
 * The PIN is in this process for the time of one login, or as long as the login lasts when a key asks
 * for it before every signature. Node cannot call setrlimit or prctl, so
 * against core dumps the process empties its own /proc/self/coredump_filter; a core file then holds
 * registers and no memory. Whoever wants none at all sets RLIMIT_CORE=0 for the daemon, as the
 * systemd unit does.
 *
 * When the parent dies the channel closes and the process kills itself. A call of the module that
 * hangs would keep it from noticing, so a thread of its own watches the parent as well.
 */
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { Worker } from 'node:worker_threads'
import { PKCS11 } from 'pkcs11js'
import { CKF_OS_LOCKING_OK } from './cryptoki.js'
import { describeFailure, HostError } from './host-error.js'
import type { Call, Calls, HostFailure, HostRole, Reply, Request } from './messages.js'
import { ProvisioningSession } from './provisioning-session.js'
import { scanModule } from './scan-module.js'
import { TokenSession } from './token-session.js'
import { waitForSlotEvent } from './wait-for-slot-event.js'

const role = process.argv[2] as HostRole
const library = new PKCS11()
let token: TokenSession | undefined
let provisioned: ProvisioningSession | undefined

function leaveNoMemoryInCoreDumps(): void {
  try {
    writeFileSync('/proc/self/coredump_filter', '0')
  } catch {
    // Not Linux, or /proc is closed: RLIMIT_CORE is what is left.
  }
}

function load(path: string): null {
  try {
    library.load(path)
  } catch (thrown) {
    const reason = thrown instanceof Error ? thrown.message : 'the loader gave no reason'
    throw new HostError('MODULE_NOT_LOADABLE', `The library cannot be loaded: ${reason}.`, 'no')
  }
  try {
    library.C_Initialize({ flags: CKF_OS_LOCKING_OK })
  } catch (thrown) {
    const { detail } = describeFailure(thrown, 'C_Initialize')
    throw new HostError('MODULE_NOT_LOADABLE', `The library cannot be started: ${detail}`, 'no')
  }
  return null
}

function openedToken(): TokenSession {
  if (role !== 'sign' || token === undefined) {
    throw new HostError('TOKEN_LOCKED', 'This host serves no token.', 'no')
  }
  return token
}

function provisionedToken(): ProvisioningSession {
  if (provisioned === undefined) throw new HostError('TOKEN_LOCKED', 'This host provisions no token.', 'no')
  return provisioned
}

function open(serial: string): null {
  if (role === 'provision') provisioned = new ProvisioningSession(library, serial)
  else if (role === 'sign') token = new TokenSession(library, serial)
  else throw new HostError('TOKEN_FAILED', `A ${role} host opens no token.`, 'no')
  return null
}

function perform(request: Request): Calls[Call]['answer'] {
  switch (request.call) {
    case 'load':
      return load(request.ask.path)
    case 'scan':
      return scanModule(library)
    case 'wait':
      return waitForSlotEvent(library)
    case 'open':
      return open(request.ask.serial)
    case 'login':
      ;(provisioned ?? openedToken()).login(request.ask.pin, request.ask.finalTry)
      return null
    case 'settlePin':
      return openedToken().settlePin()
    case 'changePin':
      openedToken().changePin(request.ask.oldPin, request.ask.newPin)
      return null
    case 'keys':
      return openedToken().keys()
    case 'sign':
      return (provisioned ?? openedToken()).sign(
        request.ask.keyId,
        request.ask.algorithm,
        request.ask.message,
      )
    case 'makeKey':
      return provisionedToken().makeKey(request.ask)
    case 'writeCertificate':
      provisionedToken().writeCertificate(request.ask)
      return null
    case 'findKey':
      return provisionedToken().findKey(request.ask.publicKey)
    case 'removeKey':
      provisionedToken().removeKey(request.ask.keyId)
      return null
    case 'logout':
      token?.logout()
      provisioned?.logout()
      return null
  }
}

const DOING: Readonly<Record<Call, string>> = {
  load: 'Loading the library',
  scan: 'Scanning',
  wait: 'Waiting for a slot',
  open: 'Opening the token',
  login: 'The login',
  settlePin: 'Looking for keys that ask for the PIN',
  changePin: 'The change of the PIN',
  keys: 'Reading the keys',
  sign: 'Signing',
  makeKey: 'Making the key',
  writeCertificate: 'Writing the certificate',
  findKey: 'Looking for the key',
  removeKey: 'Removing the key',
  logout: 'The logout',
}

function failureOf(thrown: unknown, call: Call): HostFailure {
  const failure = describeFailure(thrown, DOING[call])
  return call === 'scan' || call === 'wait' ? { ...failure, code: 'MODULE_FAILED' } : failure
}

function answer(request: Request): Reply {
  try {
    return { id: request.id, answer: perform(request) }
  } catch (thrown) {
    return { id: request.id, failure: failureOf(thrown, request.call) }
  }
}

/**
 * Resolves when the thread runs: it does not start beside a main thread that stands in a call. A scan
 * is over soon and killed at its deadline; whoever stays needs the thread.
 */
async function watchParent(): Promise<void> {
  if (role === 'watch') return
  const thread = new Worker(new URL('./parent-watch.js', import.meta.url))
  thread.unref()
  await once(thread, 'message')
}

leaveNoMemoryInCoreDumps()
// Ctrl-C in a terminal and a stop by systemd reach the whole group; the parent ends its hosts itself.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined)
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'))
const watching = watchParent()
process.on('message', async (request: Request) => {
  // A library that hangs while it loads is killed at its deadline; that need not wait for the thread.
  if (request.call !== 'load') await watching
  process.send?.(answer(request))
})
