/**
 * @typedef {object} Tally
 * @property {number} passed
 * @property {string[]} failures titles
 */

/**
 * Reads AVA's TAP (version 13) line by line: counts, and rewrites the lines for people.
 *
 * @param {(line: string) => void} print
 */
export function tapReader(print) {
  let rest = ''
  let passed = 0
  /** @type {string[]} */
  const failures = []

  /** @param {string} line */
  const read = (line) => {
    const result = /^(not ok|ok) \d+ - (.*)$/.exec(line)
    if (result) {
      const [, outcome, title = ''] = result
      const skipped = / # (SKIP|TODO)\b/.test(title)
      if (outcome === 'not ok') failures.push(title)
      else if (!skipped) passed += 1
      print(`  ${outcome === 'not ok' ? '✘' : skipped ? '-' : '✔'} ${title}`)
    } else if (!/^(TAP version|\d+\.\.\d+$|# (tests|pass|skip|todo|fail) \d+$)/.test(line)) {
      print(`    ${line}`)
    }
  }

  return {
    /** @param {string} text a piece of the stream, however it was cut */
    write(text) {
      const lines = (rest + text).split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) if (line.trim()) read(line)
    },
    /** @returns {Tally} */
    tally: () => ({ passed, failures: [...failures] }),
  }
}
