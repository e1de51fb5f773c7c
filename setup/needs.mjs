import { accessSync, constants, statSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { findMachineTree } from './machine-tree.mjs'
import {
  findP11Kit,
  findSoftHsm,
  unpackedCommandFolder,
  unpackedNginx,
  unpackedSsh,
  unpackedTftpClients,
  unpackedTftpServers,
  unpackedVirtualCard,
} from './unpack.mjs'

/**
 * What the machine must have beyond Node, npm and git.
 *
 * @typedef {object} Need
 * @property {string} inWords for systems whose packages we do not know
 * @property {string} debianPackage on Debian and Ubuntu
 * @property {import('./unpack.mjs').Unpackable} [unpackable] how it is had without being installed
 * @property {boolean} onlyForTests such a thing is unpacked, never installed
 * @property {() => boolean} present
 */

/** @typedef {'compiler' | 'python' | 'softhsm' | 'openssl' | 'virtualCard' | 'p11Kit' | 'tftpServers' | 'tftpClients' | 'ssh' | 'nginx' | 'usbMachine'} NeedName */

/** @type {Record<NeedName, Need>} */
export const needs = {
  // pkcs11js is compiled when it is installed; node-gyp wants make and Python.
  compiler: {
    inWords: 'a C and C++ compiler with make',
    debianPackage: 'build-essential',
    onlyForTests: false,
    present: () => ['cc', 'c++', 'make'].every(onPath),
  },
  python: {
    inWords: 'Python 3',
    debianPackage: 'python3',
    onlyForTests: false,
    present: () => onPath('python3'),
  },
  softhsm: {
    inWords: 'SoftHSM 2 (its path can be given as CTL_BRIDGE_SOFTHSM)',
    debianPackage: 'softhsm2',
    unpackable: 'libsofthsm2',
    onlyForTests: false,
    present: () => findSoftHsm() !== undefined,
  },
  openssl: {
    inWords: 'the openssl command',
    debianPackage: 'openssl',
    unpackable: 'openssl',
    onlyForTests: true,
    present: () => onPath('openssl') || unpackedCommandFolder('openssl') !== undefined,
  },
  virtualCard: {
    inWords: 'OpenSC, pcscd, vpcd, libcacard and the NSS tools',
    debianPackage: 'libcacard0',
    unpackable: 'virtual-card',
    onlyForTests: true,
    present: () => unpackedVirtualCard() !== undefined,
  },
  p11Kit: {
    inWords: 'p11-kit with its remote process and its client library',
    debianPackage: 'p11-kit',
    unpackable: 'p11-kit',
    onlyForTests: true,
    present: () => findP11Kit() !== undefined,
  },
  tftpServers: {
    inWords: 'the TFTP servers tftpd-hpa and atftpd, unpacked and not started',
    debianPackage: 'tftpd-hpa',
    unpackable: 'tftp-servers',
    onlyForTests: true,
    present: () => unpackedTftpServers() !== undefined,
  },
  tftpClients: {
    inWords: 'the TFTP clients tftp-hpa and atftp, unpacked',
    debianPackage: 'tftp-hpa',
    unpackable: 'tftp-clients',
    onlyForTests: true,
    present: () => unpackedTftpClients() !== undefined,
  },
  ssh: {
    inWords: 'OpenSSH’s server and client, unpacked and not started',
    debianPackage: 'openssh-server',
    unpackable: 'ssh',
    onlyForTests: true,
    present: () => unpackedSsh() !== undefined,
  },
  nginx: {
    inWords: 'nginx, unpacked and not started',
    debianPackage: 'nginx-light',
    unpackable: 'nginx',
    onlyForTests: true,
    present: () => unpackedNginx() !== undefined,
  },
  usbMachine: {
    inWords: 'Debian or Ubuntu packages of QEMU, a kernel, udev, pcscd and OpenSC',
    debianPackage: 'qemu-system-x86',
    unpackable: 'usb-machine',
    onlyForTests: true,
    present: () => findMachineTree() !== undefined,
  },
}

/** @param {string} command */
function onPath(command) {
  return (process.env.PATH ?? '').split(delimiter).some((folder) => isExecutable(join(folder, command)))
}

/** @param {string} path */
function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK)
    return statSync(path).isFile()
  } catch {
    return false
  }
}
