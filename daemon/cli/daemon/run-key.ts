/** `ctl-bridge key`: the first key, from the state folder of this machine's daemon. */
import { readFile } from 'node:fs/promises'
import { BridgeError } from '../../bridge-error.js'
import { readConfig } from '../../config.js'
import { firstKeyFile } from '../../store/first-key-file.js'
import type { CommandContext } from '../command.js'
import { jsonText } from '../json-text.js'

export async function run({ values, switches, place, terminal }: CommandContext): Promise<number> {
  const { stateFolder } = readConfig(values.config, place)
  const file = firstKeyFile(stateFolder)
  if (switches.has('replace')) {
    const { replaceFirstKey } = await import('../../store/api-keys.js')
    const { prepareStateFolder } = await import('../../store/state-folder.js')
    await prepareStateFolder(stateFolder)
    await replaceFirstKey(stateFolder, () => new Date())
    terminal.note('ctl-bridge: the first key is new; the former one no longer opens the API.\n')
  }
  const key = switches.has('path') ? undefined : await readKey(file)
  if (terminal.json) terminal.print(jsonText({ file, ...(key === undefined ? {} : { key }) }))
  else terminal.print(`${key ?? file}\n`)
  return 0
}

async function readKey(file: string): Promise<string> {
  try {
    return (await readFile(file, 'utf8')).trim()
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT'
    const why = missing
      ? 'No key was made yet; the daemon makes it at its first start.'
      : 'The key cannot be read.'
    throw new BridgeError('KEY_MISSING', why, { file })
  }
}
