import test, { type ExecutionContext } from 'ava'
import { openModule } from '../../drivers/pkcs11/pkcs11-client.js'
import type { ModulePort } from '../../drivers/token.js'
import { abilities } from './abilities.js'
import { type Results, readResults, writeResults } from './results.js'
import type { Subject } from './subject.js'

/**
 * The same tests for every module, and at the end a comparison with what is written down. `file` is named
 * after the module; `whyNot` says in one sentence why it cannot be tried on this machine.
 */
export function runContract(
  file: string,
  name: string,
  setUp: (t: ExecutionContext) => Promise<Subject>,
  whyNot?: string,
): void {
  const contractTest = whyNot === undefined ? test.serial : test.serial.skip
  const note = whyNot === undefined ? '' : ` (not tried: ${whyNot})`
  contractTest(
    `${name} keeps the contract of the ports, and can do what docs/tokens.md says${note}`,
    async (t) => {
      t.timeout(15 * 60_000)
      const subject = await setUp(t)
      t.teardown(() => subject.close())
      const module = openModule(subject.settings)
      t.teardown(() => module.close())
      const seen = await lookAt(t, subject, module)
      if (process.env.CTL_BRIDGE_WRITE_RESULTS !== undefined) writeResults(file, seen)
      t.deepEqual(seen, readResults(file))
    },
  )
}

async function lookAt(t: ExecutionContext, subject: Subject, module: ModulePort): Promise<Results> {
  const entries: [string, boolean][] = []
  for (const { title, required, has } of abilities) {
    const able = await has(module, subject)
    if (required) t.true(able, title)
    entries.push([title, able])
  }
  return { module: subject.name, abilities: Object.fromEntries(entries) }
}
