/** `npm run bench [-- RUNS]` measures how `show` starts, `npm run bench -- lab [PHONES [NODES]]` how phones refetch. */
const isLab = process.argv[2] === 'lab'
if (isLab) process.argv.splice(2, 1)
await import(isLab ? './lab-refetch.js' : './show-start.js')
