/** All of setup's own lines go to stderr: stdout belongs to the program that is started. */

const quietMs = 10_000

/** @param {string} text lines after the first stand bare, so that a command among them can be copied */
export function say(text) {
  process.stderr.write(`setup: ${text}\n`)
}

/**
 * Says that something begins, every ten seconds that it still runs, and how long it took.
 *
 * @template T
 * @param {string} title
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function step(title, work) {
  const start = Date.now()
  say(`${title} …`)
  const ticks = setInterval(() => say(`${title} … ${elapsed(start)}`), quietMs)
  try {
    const result = await work()
    say(`${title}: done in ${elapsed(start)}`)
    return result
  } finally {
    clearInterval(ticks)
  }
}

/** @param {number} start milliseconds, as of Date.now() */
export function elapsed(start) {
  const seconds = (Date.now() - start) / 1000
  return seconds < 10 ? `${seconds.toFixed(1)} s` : `${Math.round(seconds)} s`
}
