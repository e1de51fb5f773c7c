/**
 * The child process that owns one PKCS#11 library: the only place that loads the addon.
 *
 * Synchronous calls only: the asynchronous ones sign freed memory when the collector runs meanwhile.
 * A call that hangs hangs this process and nothing else; the parent ends it by SIGKILL. The library
 * is never finalised or unloaded: doing so under a vendor's threads crashes.
 *
 * The PIN is in this process for the time of one login. Node cannot call setrlimit or prctl, so
 * against core dumps the process empties its own /proc/self/coredump_filter; a core file then holds
 * registers and no memory. Whoever wants none at all sets RLIMIT_CORE=0 for the daemon, as the
 * systemd unit does.
 *
 * When the parent dies the channel closes and the process kills itself, unless a call of the module
 * hangs: then it ends when that call returns.
 */
import { writeFileSync } from 'node:fs'
import { PKCS11 } from 'pkcs11js'
import { CKF_OS_LOCKING_OK } from './cryptoki.js'
import { describeFailure, HostError } from './host-error.js'
import type { Call, Calls, HostFailure, HostRole, Reply, Request } from './messages.js'
import { ProvisioningSession } from './provisioning-session.js'
import { scanModule } from './scan-module.js'
import { TokenSession } from './token-session.js'

const [, , roleGiven] = process.argv
const role: HostRole = roleGiven === 'sign' || roleGiven === 'provision' ? roleGiven : 'watch'
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
  if (role === 'watch') throw new HostError('TOKEN_FAILED', 'A watch host opens no token.', 'no')
  if (role === 'provision') provisioned = new ProvisioningSession(library, serial)
  else token = new TokenSession(library, serial)
  return null
}

function perform(request: Request): Calls[Call]['answer'] {
  switch (request.call) {
    case 'load':
      return load(request.ask.path)
    case 'scan':
      return scanModule(library)
    case 'open':
      return open(request.ask.serial)
    case 'login':
      ;(provisioned ?? openedToken()).login(request.ask.pin, request.ask.finalTry)
      return null
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
  open: 'Opening the token',
  login: 'The login',
  changePin: 'Changing the PIN',
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
  return call === 'scan' ? { ...failure, code: 'MODULE_FAILED' } : failure
}

function answer(request: Request): Reply {
  try {
    return { id: request.id, answer: perform(request) }
  } catch (thrown) {
    return { id: request.id, failure: failureOf(thrown, request.call) }
  }
}

leaveNoMemoryInCoreDumps()
// Ctrl-C in a terminal and a stop by systemd reach the whole group; the parent ends its hosts itself.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined)
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'))
process.on('message', (request: Request) => process.send?.(answer(request)))
