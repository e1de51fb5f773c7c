/** The one USB port of the machine (dummy_hcd), and tokens to put into it (configfs, FunctionFS). */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { cpSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Card } from '../cards/cac-card.js'

const GADGETS = '/sys/kernel/config/usb_gadget'

export interface UsbToken {
  plug(): void
  unplug(): void
}

/** The kernel's side of the port. */
export function preparePort(): void {
  if (!readdirSync('/sys/kernel').includes('config')) throw new Error('The kernel has no configfs.')
  if (!readdirSync('/sys/kernel/config').includes('usb_gadget')) {
    execFileSync('mount', ['-t', 'configfs', 'none', '/sys/kernel/config'])
  }
}

/** A token with this card inside, not plugged in yet. Its memory is copied, because the card writes into it. */
export async function makeUsbToken(
  program: string,
  name: string,
  { database, memory, certificates }: Card,
): Promise<UsbToken> {
  const gadget = join(GADGETS, name)
  mkdirSync(gadget)
  // SafeNet eToken 5100, 5110 or JC; libccid knows it as a reader.
  writeFileSync(join(gadget, 'idVendor'), '0x0529')
  writeFileSync(join(gadget, 'idProduct'), '0x0620')
  for (const folder of ['strings/0x409', 'configs/c.1', `functions/ffs.${name}`])
    mkdirSync(join(gadget, folder))
  writeFileSync(join(gadget, 'strings/0x409/manufacturer'), 'SafeNet')
  writeFileSync(join(gadget, 'strings/0x409/product'), 'Token JC')
  symlinkSync(join(gadget, `functions/ffs.${name}`), join(gadget, `configs/c.1/ffs.${name}`))
  const functionFs = join('/run', name)
  mkdirSync(functionFs)
  execFileSync('mount', ['-t', 'functionfs', name, functionFs])
  const ownMemory = join('/run', `${name}-memory`)
  cpSync(memory, ownMemory, { recursive: true })
  const place = [functionFs, `sql:${database}`, ownMemory]
  await ready(spawn(program, [...place, ...certificates], { stdio: ['ignore', 'pipe', 'inherit'] }))
  const controller = join(gadget, 'UDC')
  return {
    plug: () => writeFileSync(controller, 'dummy_udc.0'),
    unplug: () => writeFileSync(controller, '\n'),
  }
}

function ready(token: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    token.stdout?.once('data', () => resolve())
    token.once('error', reject)
    token.once('exit', (code) => reject(new Error(`The token ended with ${code}.`)))
  })
}
