import { stripVTControlCharacters } from 'node:util'

const SKIP_MARK = '  - [skip] '

/**
 * Counts in AVA's report for people. AVA's TAP cannot be used: its reporter (7.0.0) dies of a test that hangs or
 * calls process.exit, and takes the other results along. AVA's own summary leaves the passed ones out when some
 * failed. So the marked lines are counted: one for each test, each time-out and each file that broke off.
 */
export function avaReport() {
  let rest = ''
  const counts = { passed: 0, failed: 0 }
  /** @type {string[]} */
  const skipped = []
  return {
    /** @param {string} text a piece of the report, however it was cut */
    read(text) {
      const lines = (rest + text).split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines.map(stripVTControlCharacters)) {
        if (line.startsWith('  ✔ ')) counts.passed += 1
        if (line.startsWith('  ✘ ')) counts.failed += 1
        if (line.startsWith(SKIP_MARK)) skipped.push(line.slice(SKIP_MARK.length))
      }
    },
    /** Titles of the tests that did not run; each says why. */
    skipped: () => skipped,
    /**
     * @param {number} exitCode AVA's; it may fail without a failed test, for example when it finds none
     * @returns {{ passed: number, failed: number }}
     */
    counts: (exitCode) => ({ ...counts, failed: Math.max(counts.failed, exitCode === 0 ? 0 : 1) }),
  }
}
