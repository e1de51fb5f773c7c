/** What people and devices are called may be anything; a report shows it and does nothing else. */
import test from 'ava'
import type { MigrationRecord } from '../../../daemon/migration/migration-record.js'
import { html } from '../../../daemon/migration/report/markup.js'
import { reportHtml } from '../../../daemon/migration/report/report-html.js'
import { reportText } from '../../../daemon/migration/report/report-text.js'
import { recordOf, reportOf, theEntries } from './a-report.js'

const evil = `"><img src=x onerror=alert(1)><script>alert('x')</script>&amp;\u001b]0;title\u0007\u001b[31m\u202e\nsecond line`

/** Every text of the journal, plan and situation replaced, but for what the program itself chooses. */
function poisoned(): MigrationRecord {
  const own = new Set([
    'code',
    'kind',
    'step',
    'id',
    'severity',
    'took',
    'result',
    'at',
    'actor',
    'is',
    'do',
    'what',
    'by',
    'artifact',
    'name',
    'sha256',
  ])
  const poison = (value: unknown, key = ''): unknown => {
    if (typeof value === 'string') return own.has(key) ? value : `${value}${evil}`
    if (value instanceof Uint8Array || value === null || typeof value !== 'object') return value
    if (Array.isArray(value)) return value.map((one) => (typeof one === 'string' ? one : poison(one)))
    return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, poison(one, name)]))
  }
  const { entries, plan, situation, files } = recordOf(theEntries)
  return {
    files,
    situation: {
      ...situation,
      cluster: evil,
      said: situation.said.map((said) => ({ ...said, by: evil, note: evil })),
    },
    plan: {
      ...plan,
      title: evil,
      assumptions: [evil],
      steps: plan.steps.map((step) => ({ ...step, title: evil })),
    },
    entries: entries.map((entry) => ({
      ...entry,
      principal: { keyId: 'k', name: evil },
      facts: poison(entry.facts),
    })) as MigrationRecord['entries'],
  }
}

/** A reader of its own: elements by name, outside of texts. */
const elementsOf = (page: string): Set<string> =>
  new Set([...page.matchAll(/<\s*\/?\s*([a-z0-9!]+)/gi)].map(([, name = '']) => name.toLowerCase()))

test('a page holds the same elements whatever people and devices are called, and none that runs or loads', (t) => {
  const report = reportOf([], 'stopped', poisoned())
  t.true(
    report.phones[0]?.readings.some(({ device }) => device.includes('<script>')),
    'the texts came through',
  )
  const page = reportHtml(report)
  const plain = reportHtml(reportOf(theEntries, 'stopped'))
  t.deepEqual(
    [...elementsOf(page)].filter((name) => !elementsOf(plain).has(name)),
    [],
  )
  for (const name of ['script', 'img', 'iframe', 'link', 'object', 'svg', 'form', 'a', 'base']) {
    t.false(elementsOf(page).has(name), name)
  }
  // The only attributes are those of the program's own literals.
  const attributes = [...page.matchAll(/<[a-z0-9]+((?:\s+[a-z-]+="[^"<>]*")*)\s*>/gi)].length
  const starts = [...page.matchAll(/<[a-z][a-z0-9]*/gi)].length
  t.is(attributes, starts)
  t.false(/\son[a-z]+\s*=\s*"/i.test(page))
  t.true(page.includes("default-src 'none'"))
})

test('neither page nor text holds what a terminal obeys or what reorders a line', (t) => {
  const report = reportOf([], 'stopped', poisoned())
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
  const obeyed = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/
  t.notRegex(reportText(report), obeyed)
  t.notRegex(reportHtml(report), obeyed)
  t.true(reportText(report).includes('\\x1b'))
})

test('a line of the text is no longer than 80 columns', (t) => {
  const long = reportText(reportOf())
    .split('\n')
    .filter((line) => [...line].length > 80)
  t.deepEqual(long, [])
})

test('a value of markup is escaped in content and in attributes', (t) => {
  t.is(html`<p title="${`"'<>&`}">${`<b>`}</p>`.text, '<p title="&quot;&#39;&lt;&gt;&amp;">&lt;b&gt;</p>')
})
