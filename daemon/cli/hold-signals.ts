/** Signals that end a program, held back while something must be put in order first. */
const ENDING = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/**
 * Runs `work` to its end whatever signal arrives meanwhile; then the process ends by the first one, as it
 * would have, and what comes after `work` does not happen.
 */
export async function holdSignals<Result>(work: () => Promise<Result>): Promise<Result> {
  let first: NodeJS.Signals | undefined
  const note = (signal: NodeJS.Signals): void => {
    first ??= signal
  }
  for (const signal of ENDING) process.on(signal, note)
  try {
    return await work()
  } finally {
    for (const signal of ENDING) process.removeListener(signal, note)
    if (first !== undefined) {
      process.kill(process.pid, first)
      // The signal arrives at once; nothing may be written before it does.
      await new Promise(() => setTimeout(() => undefined, 60_000))
    }
  }
}
