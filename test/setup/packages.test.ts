import test from 'ava'
import { type Machine, setup } from './setup-modules.js'

const { compiler, python, softhsm, openssl, virtualCard, p11Kit } = setup.needs.needs
const { planPackages } = setup.packages

const root: Machine = { hasApt: true, mayInstall: () => true, knowsPackages: () => true }
const person: Machine = { ...root, mayInstall: () => false }
const fedora: Machine = { hasApt: false, mayInstall: () => true, knowsPackages: () => false }

test('Nothing is planned on a machine that has everything, not even a question whether it may install', (t) => {
  const mayInstall = () => t.fail('asked for rights')
  t.deepEqual(planPackages([], { ...root, mayInstall }), { install: [], unpack: [] })
})

test('Who may install gets the packages installed, and unpacked what only tests need', (t) => {
  const plan = planPackages([compiler, python, softhsm, openssl, virtualCard, p11Kit], root)
  const unpack = ['openssl', 'virtual-card', 'p11-kit']
  t.deepEqual(plan, { install: ['build-essential', 'python3', 'softhsm2'], unpack })
})

test('Without rights and without a compiler the refusal names all packages and the exact command', (t) => {
  const plan = planPackages([compiler, python, softhsm, openssl], person)
  t.deepEqual(plan.install, [])
  t.deepEqual(plan.unpack, [])
  t.deepEqual(plan.refusal?.split('\n').slice(0, 3), [
    'These packages are missing and cannot be installed from here: build-essential python3 softhsm2',
    'Run this, then the command again:',
    '  sudo apt-get install -y build-essential python3 softhsm2',
  ])
})

test('The command renews the lists first where they do not know the packages', (t) => {
  const plan = planPackages([python], { ...person, knowsPackages: () => false })
  t.is(plan.refusal?.split('\n')[2], '  sudo apt-get update && sudo apt-get install -y python3')
})

test('Without rights SoftHSM and openssl are unpacked when a compiler is there', (t) => {
  t.deepEqual(planPackages([softhsm, openssl], person), { install: [], unpack: ['libsofthsm2', 'openssl'] })
})

test('What only tests need is unpacked without asking for rights', (t) => {
  const mayInstall = () => t.fail('asked for rights')
  t.deepEqual(planPackages([openssl], { ...root, mayInstall }), { install: [], unpack: ['openssl'] })
})

test('A system without apt is told in words', (t) => {
  const plan = planPackages([compiler, softhsm], fedora)
  t.regex(plan.refusal ?? '', /lacks a C and C\+\+ compiler with make, SoftHSM 2/)
  t.notRegex(plan.refusal ?? '', /apt-get/)
})
