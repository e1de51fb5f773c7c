import test from 'ava'
import { type FaultBench, setUpFaultBench } from './fault-bench.js'
import { hangs } from './fault-table.js'
import { isLong } from './long-run.js'
import { runFault } from './run-fault.js'

let bench: FaultBench

test.before(async () => {
  bench = await setUpFaultBench()
})

test.after.always(() => bench?.close())

for (const fault of hangs.filter(({ faults }) => isLong || faults.includes('hang:C_Sign')))
  test.serial(fault.title, (t) => runFault(t, bench, fault))
