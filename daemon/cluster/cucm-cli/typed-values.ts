/** What may stand in a line that is typed: nothing that ends it, begins another, or means more than one file. */
import { BridgeError } from '../../bridge-error.js'
import type { CucmService, PushTarget } from '../ports.js'

function check(value: string, isRight: boolean, what: string, node: string): string {
  if (isRight) return value
  throw new BridgeError('BODY_INVALID', `${what} Nothing was typed.`, { node })
}

const inFolders = (value: string): boolean => !value.split('/').includes('..')

/** Letters, digits, dots, hyphens and underscores, in folders of the TFTP root. */
export function checkFileName(file: string, node: string): string {
  const isRight = /^[A-Za-z0-9_][A-Za-z0-9._/-]{0,199}$/.test(file) && inFolders(file)
  return check(
    file,
    isRight,
    'A file is named with letters, digits, dots, hyphens, underscores and slashes.',
    node,
  )
}

/** As a file name, with `*`. */
export function checkFilePattern(pattern: string, node: string): string {
  const isRight = /^[A-Za-z0-9_*][A-Za-z0-9._/*-]{0,199}$/.test(pattern) && inFolders(pattern)
  return check(
    pattern,
    isRight,
    'Files are listed by letters, digits, dots, hyphens, underscores, slashes and *.',
    node,
  )
}

export function checkPushTarget(target: PushTarget, node: string): PushTarget {
  for (const name of ['host', 'user', 'password', 'folder'] as const) {
    const value = target[name]
    const isRight = value !== '' && value.length <= 1000 && !/\p{Cc}/u.test(value)
    check(value, isRight, `The ${name} to push to must be one line and not empty.`, node)
  }
  const isPort = Number.isInteger(target.port) && target.port > 0 && target.port < 65_536
  check('', isPort, 'The port to push to must be a number from 1 to 65535.', node)
  return target
}

const services: Readonly<Record<CucmService, true>> = {
  'Cisco Tftp': true,
  'Cisco CallManager': true,
  'Cisco Trust Verification Service': true,
  'Cisco CTIManager': true,
}

export function checkService(service: CucmService, node: string): CucmService {
  check(service, Object.hasOwn(services, service), 'Such a service is not restarted.', node)
  return service
}
