/** From the facts of a machine to what is well, what is not, and what mends it. Pure. */
import { type Check, note, ok, wrong } from './check.js'
import { clusterChecks } from './examine-clusters.js'
import type { MachineFacts, ModuleTrial, UsbDevice } from './machine-facts.js'

/** eToken Pro 32k/64k speak a protocol of their own, which the free CCID driver does not. */
const NOT_CCID = '0529:0600'

export function examine(facts: MachineFacts): readonly Check[] {
  return [
    settingsCheck(facts),
    ...clusterChecks(facts.clusters),
    ...(facts.modules.length === 0 ? [noModules()] : facts.modules.flatMap((trial) => moduleChecks(trial))),
    ...tokenChecks(facts),
    pcscCheck(facts),
    ...usbChecks(facts),
  ]
}

function settingsCheck({ settings, configured }: MachineFacts): Check {
  if (settings === undefined) return ok('SETTINGS', 'No settings file; the known places are tried.')
  const which = configured ? 'It names the modules.' : 'It names no modules; the known places are tried.'
  return ok('SETTINGS', `Settings are read from ${settings}. ${which}`)
}

function noModules(): Check {
  return wrong(
    'MODULES_NONE',
    'No PKCS#11 library was found in the known places.',
    'Install the vendor’s client (SafeNet Authentication Client for eTokens) or the package opensc-pkcs11, or name a library under [[modules]] in the settings.',
  )
}

/** Packages of Debian and Ubuntu that bring a known library. */
const packageOf: Readonly<Record<string, string>> = {
  opensc: 'opensc-pkcs11',
  yubikey: 'ykcs11',
  softhsm: 'softhsm2',
}

function moduleChecks({ name, path, exists, result }: ModuleTrial): Check[] {
  if (!exists) {
    const known = packageOf[name]
    const remedy = known ? `Install the package ${known}` : 'Install the vendor’s package'
    return [
      wrong(
        'MODULE_MISSING',
        `Module ${name}: there is no file ${path}.`,
        `${remedy}, or correct path in the settings.`,
      ),
    ]
  }
  if ('error' in result) {
    const { code, detail } = result.error
    return [
      wrong('MODULE_FAILS', `Module ${name} (${path}) does not work: ${detail} (${code})`, remedyFor(detail)),
    ]
  }
  const { description, version } = result.snapshot.library
  const count = result.snapshot.tokens.length
  const tokens = count === 1 ? '1 token' : `${count} tokens`
  return [ok('MODULE_LOADS', `Module ${name} (${path}) loads: ${description.trim()} ${version}, ${tokens}.`)]
}

/** The loader's words are those of glibc's dlopen(3). */
function remedyFor(detail: string): string {
  const missing = /(\S+\.so[.\d]*): cannot open shared object file/.exec(detail)?.[1]
  if (missing) return `Install the package that brings ${missing} (apt-file search ${missing} tells which).`
  if (/wrong ELF class|invalid ELF header|file too short/.test(detail)) {
    return 'The file is no library for this processor: install the package for it.'
  }
  if (/undefined symbol/.test(detail)) {
    return 'The library clashes with the OpenSSL inside Node: reach it with remote = true (p11-kit) in the settings.'
  }
  return 'See the detail; ask the vendor, or replace the library.'
}

function tokenChecks({ modules }: MachineFacts): Check[] {
  const tokens = modules.flatMap(({ name, result }) =>
    'snapshot' in result ? result.snapshot.tokens.map((token) => ({ name, token })) : [],
  )
  if (tokens.length === 0) {
    return [note('TOKEN_NONE', 'No module shows a token.', 'Plug a token in and run this again.')]
  }
  return tokens.flatMap(({ name, token }) => {
    const certificates = token.certificates.length
    const checks = [
      ok(
        'TOKEN_FOUND',
        `Token ${token.serial} (${token.label}), module ${name}: certificates: ${certificates}.`,
      ),
    ]
    if (token.pin.locked) {
      checks.push(
        wrong('TOKEN_PIN', `The PIN of token ${token.serial} is locked.`, 'Use the cluster’s other token.'),
      )
    } else if (token.pin.finalTry) {
      checks.push(
        note(
          'TOKEN_PIN',
          `One try is left on token ${token.serial}.`,
          'Be sure of the PIN before the next unlock.',
        ),
      )
    } else if (token.pin.countLow) {
      checks.push(note('TOKEN_PIN', `Token ${token.serial} counts wrong tries since its last right PIN.`))
    }
    return checks
  })
}

function pcscCheck(facts: MachineFacts): Check {
  const { pcsc } = facts
  if (pcsc.state === 'answers') return ok('PCSC_ANSWERS', 'The smart card daemon pcscd answers.')
  if (pcsc.state === 'not running') {
    const what = pcsc.installed ? 'does not run' : 'is not installed'
    const start = 'systemctl enable --now pcscd.socket'
    const remedy = pcsc.installed ? start : `apt-get install pcscd, then: ${start}`
    // A library that shows its token without pcscd does not need it.
    const isMissed = (facts.usb ?? []).some(({ name }) => name !== undefined) && !showsToken(facts)
    return isMissed
      ? wrong('PCSC_NOT_RUNNING', `The smart card daemon pcscd ${what}, and a USB token needs it.`, remedy)
      : note(
          'PCSC_NOT_RUNNING',
          `The smart card daemon pcscd ${what}; USB tokens need it, SoftHSM does not.`,
          remedy,
        )
  }
  return wrong(
    'PCSC_REFUSES',
    `pcscd is there and does not let this user in: ${pcsc.detail}.`,
    'Install the polkit rule in systemd/ for the user who runs the daemon, or run as a user it allows.',
  )
}

const showsToken = ({ modules }: MachineFacts): boolean =>
  modules.some(({ result }) => 'snapshot' in result && result.snapshot.tokens.length > 0)

function usbChecks(facts: MachineFacts): Check[] {
  const { usb, user, hasAladdinDriver } = facts
  if (usb === undefined)
    return [note('USB_UNSEEN', 'This machine shows no USB bus; tokens made of files work all the same.')]
  const known = usb.filter((device) => device.name !== undefined)
  if (known.length === 0) return [note('USB_NONE', 'No known token is on the USB bus.')]
  const shown = showsToken(facts)
  return known.flatMap((device) => usbCheck(device, user, shown, hasAladdinDriver))
}

function usbCheck(device: UsbDevice, user: string, shown: boolean, hasAladdinDriver: boolean): Check[] {
  const id = `${device.vendorId}:${device.productId}`
  const checks = [ok('USB_TOKEN', `USB ${id}: ${device.name}.`)]
  if (id === NOT_CCID && !hasAladdinDriver) {
    checks.push(
      wrong(
        'USB_NEEDS_DRIVER',
        `USB ${id} does not speak CCID.`,
        'Install the vendor’s pcscd driver (part of SafeNet Authentication Client).',
      ),
    )
  } else if (!device.accessible && !shown) {
    // pcscd opens the device itself; only drivers that bypass it need the file.
    checks.push(
      note(
        'USB_NO_PERMISSION',
        `The user ${user} may not open USB ${id}.`,
        'Install the udev rule in systemd/, or add the user to its group; not needed with pcscd.',
      ),
    )
  }
  return checks
}
