/**
 * @param {string} version as in `process.versions.node`, for example `18.19.1`
 * @param {string} range as in package.json's `engines.node`; only the form `>=major.minor` is understood
 * @returns {string | undefined} one sentence for the person, undefined when the version will do
 */
export function nodeVersionComplaint(version, range) {
  const [major, minor] = numbers(version)
  const [neededMajor, neededMinor] = numbers(range)
  if (major > neededMajor || (major === neededMajor && minor >= neededMinor)) return undefined
  return `Node ${neededMajor}.${neededMinor} or newer is needed; this is Node ${version} (${process.execPath}).`
}

/**
 * @param {string} text
 * @returns {[number, number]} major and minor
 */
function numbers(text) {
  const [major, minor] = text.replace(/^[^0-9]*/, '').split('.')
  return [Number(major), Number(minor || 0)]
}
