import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import test from 'ava'
import { byTokens, draftOf, signedFile, tokenless } from '../trust/acceptance-files.js'
import * as tac from '../trust/tac-cluster.js'
import { COMMAND, runCommand } from './run-command.js'

let folder = ''
const path = (name: string): string => join(folder, name)
const oldBytes = signedFile(tokenless)
const md5 = createHash('md5').update(oldBytes).digest('hex')
const pem = (der: Uint8Array) =>
  `-----BEGIN CERTIFICATE-----\n${Buffer.from(der).toString('base64')}\n-----END CERTIFICATE-----\n`

test.before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ctl-bridge-phones-'))
  await writeFile(path('old.tlv'), oldBytes)
  await writeFile(path('new.tlv'), signedFile(byTokens))
  await writeFile(path('draft.tlv'), draftOf(byTokens))
  await writeFile(path('both.pem'), pem(tac.secondToken.der) + pem(tac.firstToken.der))
  await writeFile(path('second.der'), tac.secondToken.der)
})
test.after.always(() => rm(folder, { recursive: true, force: true }))

const files = () => ['--installed', path('old.tlv'), '--new', path('new.tlv')]
const phones = (...args: string[]) => runCommand(['phones', ...files(), ...args])
const list = async (name: string, ...lines: string[]) => {
  await writeFile(path(name), lines.join('\n'))
  return path(name)
}

test('every class is answered, with why, what to do and who says so', async (t) => {
  const { code, stdout, stderr } = await phones('--tvs', path('both.pem'))
  t.is(stderr, '')
  t.is(code, 1)
  t.regex(stdout, /with Security By Default that hold .*old\.tlv: ACCEPTS THROUGH TVS\n {2}why .*TVS_VOUCHES/)
  t.regex(stdout, /without Security By Default that hold .*: REFUSES\n[\s\S]*?do +Sign with a SAST/)
  t.regex(stdout, /of a class not known .*: UNKNOWN/)
  t.regex(stdout, /source +TAC 118893/)
})

test('exit code 0 when every class accepts', async (t) => {
  const { code, stdout } = await runCommand([
    'phones',
    '--installed',
    path('old.tlv'),
    '--new',
    path('old.tlv'),
  ])
  t.is(code, 0)
  t.regex(stdout, /ALREADY_INSTALLED/)
})

test('--json tells answers and reasons to a script, of a draft too', async (t) => {
  const { stdout } = await runCommand([
    ...['phones', '--json', '--installed', 'none', '--itl', 'none', '--new', path('draft.tlv')],
  ])
  const { draft, answers } = JSON.parse(stdout)
  t.true(draft)
  t.deepEqual(
    answers.map(({ answer, reason }: Record<string, string>) => [answer, reason]),
    Array.from({ length: 3 }, () => ['accepts', 'FIRST_FILE']),
  )
})

test('certificates for TVS come as PEM with several, or DER; none vouches for nobody', async (t) => {
  const reason = async (tvs: string) =>
    JSON.parse((await phones('--json', '--tvs', tvs)).stdout).answers[0].reason
  t.is(await reason(path('both.pem')), 'TVS_VOUCHES')
  t.is(await reason(path('second.der')), 'TVS_REFUSES')
  t.is(await reason('none'), 'TVS_REFUSES')
  const wrong = await phones('--tvs', path('old.tlv'))
  t.is(wrong.code, 1)
  t.regex(wrong.stderr, /CERTIFICATE_FILE_UNCLEAR/)
})

test('a list of devices is counted by answer and model', async (t) => {
  const devices = await list(
    'devices.csv',
    '# a remark',
    `SEP001122334455,Cisco 7945,${md5}`,
    'SEP001122334456,Cisco 7940',
    'SEP001122334457,Cisco 7940,none',
    '',
    'SEP001122334458,"Cisco, odd",',
  )
  const { stdout, code } = await phones('--tvs', path('both.pem'), '--devices', devices)
  t.is(code, 1)
  t.regex(stdout, /4 devices, 2 of them without a checksum/)
  for (const [answer, count] of Object.entries({
    'accepts through TVS': 1,
    refuses: 1,
    accepts: 1,
    unknown: 1,
  })) {
    t.regex(stdout, new RegExp(`\\n +${count} {2}${answer}\\n`))
  }
  t.regex(stdout, /1 {2}Cisco 7940 {2}holds none {2}accepts \(FIRST_FILE\)/)
})

test('an export with a head is read by its columns, with semicolons and a byte order mark as well', async (t) => {
  const head = await list(
    'export.csv',
    '\ufeffDescription;Device Type;Device Name\r',
    '"two\nlines; ""quoted""";Cisco 7945;SEP001122334455\r',
    'x;Cisco 7940;SEP001122334456',
  )
  const { stdout } = await phones('--csv', '--devices', head)
  t.deepEqual(stdout.split('\n'), [
    'device,model,class,holds,read,answer,reason',
    `SEP001122334455,Cisco 7945,security-by-default,${path('old.tlv')},no,unknown,TVS_NOT_ASKED`,
    `SEP001122334456,Cisco 7940,no-security-by-default,${path('old.tlv')},no,refuses,NO_SECURITY_BY_DEFAULT`,
    '',
  ])
})

test('--json answers each device in a line and sums up in the last', async (t) => {
  const devices = await list('two.csv', 'SEP1,Cisco 7940', 'SEP2,Cisco 7940')
  const { stdout } = await phones('--json', '--devices', devices)
  const [first, , last, rest] = stdout.split('\n')
  t.like(JSON.parse(first ?? ''), { device: 'SEP1', answer: 'refuses', read: false })
  t.like(JSON.parse(last ?? ''), { summary: { devices: 2, withoutChecksum: 2 } })
  t.is(rest, '')
})

test('names from a list neither command a terminal nor a spreadsheet', async (t) => {
  const devices = await list('hostile.csv', 'SEP\x1b[2J,=1+1', 'SEP2,Cisco \u202e7940')
  const { stdout } = await phones('--csv', '--devices', devices)
  t.regex(stdout, /SEP\\x1b\[2J,'=1\+1,/)
  t.regex((await phones('--devices', devices)).stdout, /Cisco \\u\{202e\}7940/)
})

test('the shipped table of models can be printed, edited and read again', async (t) => {
  const { stdout, code } = await runCommand(['phones', '--print-models'])
  t.is(code, 0)
  t.regex(stdout, /Cisco 7940,no,stated,TAC 118893\n/)
  const table = await list('models.csv', stdout, 'Cisco 8861,yes')
  const devices = await list('one.csv', 'SEP1,CP-8861')
  const args = ['--json', '--devices', devices]
  t.like(JSON.parse((await phones(...args)).stdout.split('\n')[0] ?? ''), { class: 'unknown' })
  const { stdout: edited } = await phones(...args, '--models', table)
  t.like(JSON.parse(edited.split('\n')[0] ?? ''), { class: 'security-by-default' })
})

const wrong: Record<string, { args: () => Promise<string[]> | string[]; code: number; says: RegExp }> = {
  'no new file': { args: () => ['--installed', 'none'], code: 2, says: /--new FILE is missing/ },
  'no installed file': {
    args: () => ['--new', path('new.tlv')],
    code: 2,
    says: /--installed FILE is missing/,
  },
  'CSV without devices': { args: () => [...files(), '--csv'], code: 2, says: /--csv needs --devices/ },
  'a list that is not there': {
    args: () => [...files(), '--devices', path('nowhere')],
    code: 5,
    says: /FILE_UNREADABLE[\s\S]*There is no such file/,
  },
  'a list in UTF-16': {
    args: async () => [...files(), '--devices', await list('utf16.csv', 'S\0E\0P\0')],
    code: 1,
    says: /LIST_INVALID[\s\S]*no text in UTF-8[\s\S]*line 1/,
  },
  'a quote that nobody closed': {
    args: async () => [
      ...files(),
      '--devices',
      await list('quote.csv', 'SEP1,Cisco 7940', '"SEP2,x', 'SEP3'),
    ],
    code: 1,
    says: /A quote is not closed[\s\S]*line 2/,
  },
  'a head without a model': {
    args: async () => [...files(), '--devices', await list('head.csv', 'Device Name,Colour', 'SEP1,red')],
    code: 1,
    says: /no column for the model/,
  },
  'a table with another word than yes or no': {
    args: async () => [...files(), '--models', await list('wrong.csv', 'model,sbd', 'Cisco 8861,maybe')],
    code: 1,
    says: /"Cisco 8861,maybe"[\s\S]*line 2/,
  },
}
for (const [what, { args, code, says }] of Object.entries(wrong)) {
  test(`${what} is a problem that says what to do`, async (t) => {
    const finished = await runCommand(['phones', ...(await args())])
    t.is(finished.code, code, finished.stderr)
    t.regex(finished.stderr, says)
    t.regex(finished.stderr, /Do: /)
  })
}

const DEVICES = 100_000

test.serial(
  '100,000 devices are each answered once, in a heap that could not hold them, however slow the reader',
  async (t) => {
    const models = ['Cisco 7945', 'Cisco 7940', 'Cisco 8861']
    const line = (index: number) =>
      `SEP${String(index).padStart(12, '0')},${models[index % 3]},${md5},${'x'.repeat(800)}\n`
    const lines = function* () {
      for (let index = 0; index < DEVICES; index++) yield line(index)
    }
    await pipeline(Readable.from(lines()), createWriteStream(path('fleet.csv')))
    const args = ['phones', ...files(), '--tvs', path('both.pem'), '--devices', path('fleet.csv'), '--csv']
    // The list has 80 MB.
    const child = spawn(process.execPath, ['--max-old-space-size=24', COMMAND, ...args], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const answers = new Map<string, number>()
    const closed = new Promise((resolve) => child.once('close', resolve))
    let rest = ''
    let count = 0
    for await (const part of child.stdout) {
      const rows = `${rest}${part}`.split('\n')
      rest = rows.pop() ?? ''
      for (const row of rows) {
        const [device = '', , , , , answer = ''] = row.split(',')
        if (device === 'device') continue
        if (device !== `SEP${String(count++).padStart(12, '0')}`) t.fail(row)
        answers.set(answer, (answers.get(answer) ?? 0) + 1)
      }
    }
    t.is(await closed, 1)
    t.is(count, DEVICES)
    t.deepEqual([...answers].sort(), [
      ['accepts-through-tvs', 33_334],
      ['refuses', 33_333],
      ['unknown', 33_333],
    ])
  },
)

test.serial('a reader that has seen enough ends the answer', async (t) => {
  const child = spawn(
    process.execPath,
    [COMMAND, 'phones', ...files(), '--devices', path('fleet.csv'), '--json'],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  )
  let complaint = ''
  child.stderr.on('data', (part) => {
    complaint += part
  })
  child.stdout.once('data', () => child.stdout.destroy())
  t.is(await new Promise((resolve) => child.once('close', resolve)), 1)
  t.is(complaint, '')
})
