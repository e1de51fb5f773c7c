/** QEMU without KVM: the same on every machine, and no device of the host is touched. */
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

export interface MachineParts {
  /** The tree of unpacked packages, QEMU among them. */
  readonly tree: string
  readonly kernel: string
  readonly initramfs: string
  /** Gets what kernel and systemd say. */
  readonly consoleFile: string
}

/** A file of the tree. What this machine has already was not unpacked. */
export function partOf(tree: string, path: string): string {
  const unpacked = join(tree, path)
  return existsSync(unpacked) ? unpacked : join('/', path)
}

/** Starts the machine; `onLine` gets the lines of its second serial port. */
export function startMachine(parts: MachineParts, onLine: (line: string) => void): ChildProcess {
  const machine = spawn(partOf(parts.tree, 'usr/bin/qemu-system-x86_64'), machineArguments(parts), {
    env: { ...process.env, LD_LIBRARY_PATH: libraryPath(parts.tree) },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  if (machine.stdout === null) throw new Error('QEMU has no output.')
  createInterface({ input: machine.stdout }).on('line', onLine)
  return machine
}

/** Programs of the tree find their libraries there. */
export const libraryPath = (tree: string): string => `${tree}/usr/lib/x86_64-linux-gnu:${tree}/usr/lib`

/** Nobody attacks the machine, and every guarded system call would empty the emulator's page tables. */
const NO_GUARDS = 'mitigations=off'

function machineArguments({ tree, kernel, initramfs, consoleFile }: MachineParts): string[] {
  const share = (id: string, path: string): string[] => [
    '-fsdev',
    `local,id=${id},path=${path},security_model=none,readonly=on,multidevs=remap`,
    '-device',
    `virtio-9p-pci,fsdev=${id},mount_tag=${id}`,
  ]
  return [
    // Of a newer processor, programs would use the wide vector instructions, which emulation makes slow: Node takes
    // twice as long.
    ...['-accel', 'tcg,thread=multi', '-cpu', 'Nehalem', '-machine', 'q35', '-smp', '2', '-m', '1024'],
    ...['-nodefaults', '-display', 'none', '-no-reboot', '-nic', 'none'],
    ...['qemu', 'seabios'].flatMap((name) => ['-L', partOf(tree, `usr/share/${name}`)]),
    ...['-serial', `file:${consoleFile}`, '-serial', 'stdio'],
    ...['-kernel', kernel, '-initrd', initramfs],
    ...['-append', `console=ttyS0 quiet loglevel=4 panic=-1 ${NO_GUARDS}`],
    ...share('host', '/'),
    ...share('tree', tree),
  ]
}
