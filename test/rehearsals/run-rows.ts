/**
 * A table of rehearsals in one test: each row has a lab of its own that is gone when the row is done, and a row that
 * fails stops no other. Rows are told as they end, because a table takes long.
 */
import type { ExecutionContext } from 'ava'

export interface Row {
  readonly name: string
  /** Resolves with what is to be told of it. A failed assertion fails the test, too. */
  readonly run: (t: ExecutionContext) => Promise<string>
}

export interface RowEnd {
  readonly name: string
  readonly told: string
  readonly isPassed: boolean
}

/** Most of a row is waiting. */
const AT_ONCE = 3

export async function runRows(t: ExecutionContext, title: string, rows: readonly Row[]): Promise<RowEnd[]> {
  const ends: RowEnd[] = []
  const left = [...rows]
  const work = async () => {
    for (let row = left.shift(); row !== undefined; row = left.shift()) {
      const end = await runRow(t, row)
      ends.push(end)
      const mark = end.isPassed ? '✔' : '✘'
      process.stdout.write(
        `    ${mark} ${title}, ${ends.length} of ${rows.length}: ${end.name}: ${end.told}\n`,
      )
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work))
  const failed = ends.filter(({ isPassed }) => !isPassed)
  t.log(`${title}: ${rows.length} rows, ${rows.length - failed.length} passed, ${failed.length} failed`)
  t.deepEqual(
    failed.map(({ name }) => name),
    [],
  )
  return ends
}

async function runRow(t: ExecutionContext, { name, run }: Row): Promise<RowEnd> {
  const teardowns: (() => unknown)[] = []
  try {
    const told = await run(withTeardown(t, (teardown) => teardowns.push(teardown)))
    return { name, told, isPassed: true }
  } catch (error) {
    const told = error instanceof Error ? `${error.message}\n${error.stack}` : String(error)
    return { name, told, isPassed: false }
  } finally {
    for (const teardown of teardowns.reverse()) await teardown()
  }
}

/** The test, but for what is to be done at the end: that is for the end of the row. */
function withTeardown(t: ExecutionContext, add: (teardown: () => unknown) => void): ExecutionContext {
  return new Proxy(t, {
    get: (target, key) => {
      if (key === 'teardown') return add
      const found: unknown = Reflect.get(target, key, target)
      return typeof found === 'function' ? Object.assign(found.bind(target), found) : found
    },
  })
}
