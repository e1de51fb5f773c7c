import test from 'ava'
import { runSql, sqlText } from '../../../lab/model/sql.js'
import { temporaryLab } from './temporary-lab.js'

const modeQuery = "select paramname,paramvalue from processconfig where paramname='ClusterSecurityMode'"

test('the mode is three lines, as TAC 118893 prints them', async (t) => {
  const lab = await temporaryLab(t, { state: 'nonsecure', nodes: 1 })
  t.is(
    sqlText(runSql(lab, modeQuery)),
    'paramname           paramvalue\n=================== ==========\nClusterSecurityMode 0',
  )
  await lab.setClusterMode(1)
  t.deepEqual(runSql(lab, modeQuery).rows, [['ClusterSecurityMode', '1']])
})

test('devices are counted by model, and the feature tells which have Security By Default', async (t) => {
  const lab = await temporaryLab(t, { nodes: 1, phones: 100 })
  const counts = runSql(
    lab,
    "select tm.name as model, count(*) as devices from device as d inner join typemodel as tm on d.tkmodel = tm.enum where d.tkclass = (select enum from typeclass where name = 'Phone') group by tm.name",
  )
  t.deepEqual(counts.columns, ['model', 'devices'])
  t.true(counts.rows.some(([model, devices]) => model === 'Cisco 7940' && devices === '4'))
  t.is(
    counts.rows.reduce((sum, [, devices]) => sum + Number(devices), 0),
    100,
  )
  const withFeature = runSql(
    lab,
    "select distinct tm.name as model from productsupportsfeature as psf inner join typesupportsfeature as tsf on psf.tksupportsfeature = tsf.enum inner join typemodel as tm on psf.tkmodel = tm.enum where tsf.name = 'Security By Default'",
  )
  const names = withFeature.rows.map(([name]) => name)
  t.true(names.includes('Cisco 7945'))
  t.false(names.includes('Cisco 7940'))
})

test('what is no question is refused', async (t) => {
  const lab = await temporaryLab(t, { nodes: 1 })
  t.throws(() => runSql(lab, 'delete from device'), { message: /select/ })
  t.throws(() => runSql(lab, 'select name from nowhere'), { message: /nowhere/ })
})
