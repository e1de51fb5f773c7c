import test from 'ava'
import { type FaultBench, setUpFaultBench } from './fault-bench.js'
import { hangs } from './fault-table.js'
import { runFault } from './run-fault.js'

let bench: FaultBench

test.before(async () => {
  bench = await setUpFaultBench()
})

test.after.always(() => bench?.close())

for (const fault of hangs) test.serial(fault.title, (t) => runFault(t, bench, fault))
