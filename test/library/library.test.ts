import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { copyFile, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createContext, Script } from 'node:vm'
import test from 'ava'
import { build } from 'esbuild'
import { type Consumer, compile, makeConsumer } from './packed-package.js'

const projectFile = (path: string) => fileURLToPath(new URL(`../../../${path}`, import.meta.url))
const realFile = projectFile('test/vectors/ITLFile-real.tlv')

let consumer: Consumer
test.before(async () => {
  consumer = await makeConsumer()
  await copyFile(realFile, join(consumer.folder, 'ITLFile.tlv'))
})
test.after.always(() => consumer?.remove())

const page = readFileSync(projectFile('docs/library.md'), 'utf8')
const examples = [...page.matchAll(/```js( browser)?\n([\s\S]*?)```/g)].map(([, browser, code = '']) => {
  const prints = [...code.matchAll(/^\/\/ prints: (.*)$/gm)].map(([, line = '']) => line)
  return { isBrowser: browser !== undefined, code, prints }
})

test('the page has examples for Node and for browsers', (t) => {
  t.true(examples.filter(({ isBrowser }) => !isBrowser).length >= 4)
  t.is(examples.filter(({ isBrowser }) => isBrowser).length, 1)
})

for (const [index, { code, prints }] of examples.filter(({ isBrowser }) => !isBrowser).entries()) {
  test(`example ${index + 1} of docs/library.md runs in another project and prints what it says`, async (t) => {
    const file = join(consumer.folder, `example-${index}.js`)
    await writeFile(file, code)
    const { status, stdout, stderr } = spawnSync(process.execPath, [file], {
      cwd: consumer.folder,
      encoding: 'utf8',
    })
    t.is(status, 0, stderr)
    t.true(prints.length > 0)
    for (const line of prints) t.true(stdout.split('\n').includes(line), stdout)
  })
}

test('the package has the command, the library and its types, the docs, and neither maps nor build state', (t) => {
  for (const file of [
    'dist/daemon/cli/main.js',
    'dist/daemon/ctl/library.js',
    'dist/daemon/ctl/library.d.ts',
    'docs/library.md',
    'LICENSE',
  ]) {
    t.true(consumer.files.includes(file), file)
  }
  t.deepEqual(
    consumer.files.filter((file) => /\.map$|tsbuildinfo|^test\/|^dist\/test/.test(file)),
    [],
  )
})

test('the command of the package runs, and its other files cannot be imported', (t) => {
  const packageFolder = join(consumer.folder, 'node_modules/ctl-bridge')
  const command = spawnSync(
    process.execPath,
    [join(packageFolder, 'dist/daemon/cli/main.js'), 'verify', realFile],
    {
      encoding: 'utf8',
    },
  )
  t.is(command.status, 0, command.stderr)
  for (const inner of ['ctl-bridge', 'ctl-bridge/dist/daemon/ctl/tlv.js']) {
    const { status, stderr } = spawnSync(
      process.execPath,
      ['--input-type=module', '-e', `import '${inner}'`],
      {
        cwd: consumer.folder,
        encoding: 'utf8',
      },
    )
    t.not(status, 0)
    t.regex(stderr, /ERR_PACKAGE_PATH_NOT_EXPORTED/)
  }
})

const typedUse = `
import {
  composeCtlFile, CtlError, decodeCtlFile, encodeCtlFile, insertSignature, asSignature, takeToBeSigned,
  type CtlErrorCode, type CtlFile, type SignedCtl, type UnsignedCtl,
} from 'ctl-bridge/ctl'

const file: CtlFile = decodeCtlFile(new Uint8Array())
const again: Uint8Array = encodeCtlFile(file)
const record = file.records[0]
const draft: UnsignedCtl = composeCtlFile({
  profile: 'certutils', digest: 'sha1', timestamp: 0,
  signer: { name: 'a', issuer: 'b', serial: again, modulusBytes: 128 },
  records: record ? [{ kind: 'copy', record }] : [],
})
export const signed: SignedCtl = insertSignature(draft, asSignature(takeToBeSigned(draft)))
export const code = (error: unknown): CtlErrorCode | undefined => error instanceof CtlError ? error.code : undefined
`

/** Each line must be refused by the compiler. */
const wrongUses = [
  `insertSignature(new Uint8Array(), asSignature(again))`,
  `insertSignature(draft, again)`,
  `composeCtlFile({ profile: 'cucm' })`,
  `file.records[0].fields`,
  `file.version.major = 2`,
]

test.serial(
  'its types hold in a strict project without Node types, for right use and against wrong use',
  async (t) => {
    const options = {
      compilerOptions: {
        strict: true,
        noUncheckedIndexedAccess: true,
        noEmit: true,
        module: 'NodeNext',
        target: 'ES2022',
        lib: ['ES2022'],
        types: [],
        skipLibCheck: false,
      },
      files: ['use.ts'],
    }
    await writeFile(join(consumer.folder, 'tsconfig.json'), JSON.stringify(options))
    await writeFile(join(consumer.folder, 'use.ts'), typedUse)
    const right = compile(consumer.folder)
    t.is(right.status, 0, right.output)
    const marked = wrongUses.map((line) => `// @ts-expect-error\n${line}`).join('\n')
    await writeFile(join(consumer.folder, 'use.ts'), `${typedUse}\n${marked}\n`)
    const wrong = compile(consumer.folder)
    t.is(wrong.status, 0, wrong.output)
  },
)

test('the example for browsers bundles, and its bundle runs where there is nothing of Node', async (t) => {
  const example = examples.find(({ isBrowser }) => isBrowser)
  await writeFile(join(consumer.folder, 'page.js'), example?.code ?? '')
  const { outputFiles, warnings, metafile } = await build({
    absWorkingDir: consumer.folder,
    entryPoints: ['page.js'],
    bundle: true,
    write: false,
    metafile: true,
    platform: 'browser',
    format: 'iife',
    globalName: 'page',
  })
  t.deepEqual(warnings, [])
  t.true(
    Object.keys(metafile.inputs).every((input) => input === 'page.js' || input.includes('/dist/daemon/ctl/')),
  )
  // A context of its own has what ECMA-262 gives, and nothing else: no Buffer, process, require, URL, TextDecoder.
  const context = createContext({ file: [...(await readFile(realFile))] })
  t.is(
    new Script('typeof Buffer + typeof process + typeof TextDecoder').runInContext(context),
    'undefined'.repeat(3),
  )
  const text = outputFiles[0]?.text ?? ''
  const run = new Script(`${text}
    page.rowsOf({ arrayBuffer: async () => Uint8Array.from(file).buffer }).then((rows) => JSON.stringify(rows))`)
  const rows = JSON.parse(await run.runInContext(context))
  t.is(rows.length, 5)
  t.deepEqual(rows[0], { role: 'System Administrator Security Token', subject: 'CN=SAST,O=SAST,OU=SAST' })
})
