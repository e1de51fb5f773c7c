import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import test from 'ava'
import { exitCodes } from '../../daemon/problems/exit-codes.js'
import { problems, toProblem } from '../../daemon/problems.js'

const root = fileURLToPath(new URL('../../..', import.meta.url))
const catalogue = [
  'daemon/problems.ts',
  'daemon/problems/cluster-problems.ts',
  'daemon/problems/daemon-problems.ts',
  'daemon/problems/file-problems.ts',
  'daemon/problems/migration-problems.ts',
  'daemon/problems/token-problems.ts',
  'daemon/bridge-error.ts',
  'daemon/ctl/ctl-error.ts',
  'daemon/tokens/lease-error.ts',
  'drivers/token.ts',
]
const sources = ['daemon', 'drivers'].flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((name) => name.endsWith('.ts') && !catalogue.includes(name)),
)
const text = sources.map((name) => readFileSync(join(root, name), 'utf8')).join('\n')

test('every code of the catalogue is used in the code', (t) => {
  // What is not one of ours becomes INTERNAL in the catalogue itself.
  const unused = Object.keys(problems).filter((code) => code !== 'INTERNAL' && !text.includes(`'${code}'`))
  t.deepEqual(unused, [])
})

test('remedies are sentences, titles are none, and every status and exit code is one', (t) => {
  for (const [code, { title, remedy, status, exit }] of Object.entries(problems)) {
    t.regex(code, /^[A-Z]+(_[A-Z]+)*$/)
    t.regex(title, /^[A-Z].*[^.]$/, code)
    t.regex(remedy, /^[A-Z].*\.$/, code)
    t.true(status >= 400 && status <= 599, code)
    t.true(exitCodes[exit] > 0, code)
  }
})

test('an error of somebody else is INTERNAL, whatever it calls itself', (t) => {
  for (const code of ['ENOENT', 'toString', 'constructor', '__proto__']) {
    const error = Object.assign(new Error('secret'), { code, place: { file: 'secret' } })
    const problem = toProblem(error)
    t.is(problem.code, 'INTERNAL')
    t.false(JSON.stringify(problem).includes('secret'))
  }
  for (const thrown of ['secret', undefined, null, 1]) t.is(toProblem(thrown).code, 'INTERNAL')
})
