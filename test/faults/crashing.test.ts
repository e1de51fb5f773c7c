import test from 'ava'
import { type FaultBench, setUpFaultBench } from './fault-bench.js'
import { crashes } from './fault-table.js'
import { runFault } from './run-fault.js'

let bench: FaultBench

test.before(async () => {
  bench = await setUpFaultBench()
})

test.after.always(() => bench?.close())

for (const fault of crashes) test.serial(fault.title, (t) => runFault(t, bench, fault))
