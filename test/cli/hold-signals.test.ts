import { spawnSync } from 'node:child_process'
import test from 'ava'

const HOLD = new URL('../../daemon/cli/hold-signals.js', import.meta.url).href

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  test(`${signal} lets the work end, and then ends the program before anything else`, (t) => {
    const program = `
      const { holdSignals } = await import(${JSON.stringify(HOLD)})
      await holdSignals(async () => {
        process.kill(process.pid, '${signal}')
        await new Promise((resolve) => setTimeout(resolve, 100))
        console.log('locked')
      })
      console.log('written')`
    const ended = spawnSync(process.execPath, ['--input-type=module', '--eval', program], {
      encoding: 'utf8',
    })
    t.is(ended.signal, signal)
    t.is(ended.stdout, 'locked\n')
  })
}
